"""Which picture URLs are asked for. Pure."""

from collections.abc import Sequence
from urllib.parse import quote


def picture_urls(origin: str, names: Sequence[str], count: int) -> tuple[str, ...]:
    """`count` different URLs below the origin: a file each, then the files again with `?n=`.

    A service that remembers answers by URL has none of them yet.

    Raises:
        ValueError: no names, or fewer than one URL asked for.
    """
    if not names or count < 1:
        raise ValueError("needs at least one picture and one request")
    whole = [f"{origin}/{quote(name)}" for name in names]
    return tuple(
        whole[n % len(whole)] + (f"?n={n // len(whole)}" if n >= len(whole) else "")
        for n in range(count)
    )
