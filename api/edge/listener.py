"""The socket that a replica listens on; bound before anything that takes long to import."""

import socket


def bind(host: str, port: int) -> socket.socket:
    """Listen; port 0 takes a free one. Connections queue from here on. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def address(listener: socket.socket) -> str:
    """Where a browser on this machine would go."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
