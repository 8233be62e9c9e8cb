"""The lines of a run as bars, for the documentation; needs the extra `plots`."""

from collections.abc import Callable, Sequence
from pathlib import Path

from bench.peers.contenders import OURS
from bench.peers.summary import Line

COLORS = {"openvino": "#4878a8", "tensorflow": "#d8a048"}
OURS_COLOR = "#2a8a57"


def draw(lines: Sequence[Line], target: Path) -> None:
    """Pictures a second, latency alone and cold start of every line; the format is the target's ending.

    Raises:
        ImportError: matplotlib is missing.
    """
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "peers"
    from matplotlib import pyplot

    most, least = max(lines[0].windows), min(lines[0].windows)
    ordered = sorted(lines, key=lambda each: each.windows[most].per_second)
    panels: list[tuple[str, Callable[[Line], float]]] = [
        (f"pictures/s, {most} at once", lambda each: each.windows[most].per_second),
        (f"p50 ms, {least} at once", lambda each: each.windows[least].p50),
        ("seconds from launch to the last of 40", lambda each: each.cold[-1]),
        (f"CPU ms a picture, {most} at once", lambda each: each.windows[most].cpu),
    ]
    figure, axes = pyplot.subplots(1, 4, figsize=(15, 0.4 * len(lines) + 1.2), sharey=True)
    names = [f"{each.title} · {each.engine}" for each in ordered]
    colors = [OURS_COLOR if each.peer == OURS else COLORS[each.engine] for each in ordered]
    for axis, (title, value) in zip(axes, panels, strict=True):
        bars = axis.barh(names, [value(each) for each in ordered], color=colors)
        axis.bar_label(bars, fmt="%.3g", padding=2, fontsize=8)
        axis.set_title(title, fontsize=9)
        axis.spines[["top", "right"]].set_visible(False)
        axis.margins(x=0.18)
    figure.tight_layout()
    figure.savefig(target, metadata={"Date": None} if target.suffix == ".svg" else None)
