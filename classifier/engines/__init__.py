"""Engines behind the one protocol; each is imported only where it is used."""

from classifier import unwatched as unwatched
