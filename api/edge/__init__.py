"""The HTTP edge: what one connection may take, and what every answer carries."""
