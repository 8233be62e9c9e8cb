"""Whom we believe to be who they say, over TLS."""

import ssl

import certifi


def trust() -> ssl.SSLContext:
    """The system's roots and certifi's: a container may have none of its own."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
