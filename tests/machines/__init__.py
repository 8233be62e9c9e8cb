"""Machines for an emulated EC2, whose instances run nothing: what the image would start there runs here."""
