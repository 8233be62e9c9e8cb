"""Engines behind the one protocol; each is imported only where it is used."""
