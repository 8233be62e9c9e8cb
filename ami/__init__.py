"""The machine image: what is on it (`provision.sh`), what it does when it boots (`boot`), its units."""
