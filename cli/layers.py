"""The layers of a bundle, as `classifycloud models show --layers` lists them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classifier.bundle import Bundle


def as_rows(bundle: "Bundle") -> list[dict[str, Any]]:
    """The same for --json. Raises as `layers_of`."""
    from classifier.layers import LARGEST, listed

    return [
        {"name": each.name, "shape": each.shape, "handedOut": each.size <= LARGEST}
        for each in listed(bundle)
    ]


def layers_of(bundle: "Bundle") -> str:
    """A line for each layer that can be asked for: its name and the shape of its activation.

    What is too large to be handed out says so.

    Raises:
        NoLayers: the bundle carries none.
        BundleBroken: the list is damaged.
    """
    from classifier.layers import LARGEST, listed

    rows = [(each.name, "x".join(map(str, each.shape)), each.size) for each in listed(bundle)]
    wide = max(len(name) for name, _, _ in rows)
    return "\n".join(
        f"{name.ljust(wide)}  {shape}{'  (too large to be handed out)' if size > LARGEST else ''}"
        for name, shape, size in rows
    )
