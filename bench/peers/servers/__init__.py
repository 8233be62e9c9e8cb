"""The peers, one file each, written as their own documentation does; each runs in its own environment."""
