"""What a run found, as a table in Markdown."""

from collections.abc import Sequence

from bench.memory.verdict import Part

HEAD = "| part | start MB | end | most | limit | slope MB/h | |\n|---|--:|--:|--:|--:|--:|---|"


def table(parts: Sequence[Part]) -> str:
    """A row for every part."""
    return "\n".join([HEAD, *(_row(part) for part in parts)])


def _row(part: Part) -> str:
    slope = f"{part.line.slope:+.1f} ± {part.line.error:.1f}" if part.line else "-"
    limit = f"{part.limit:.0f}" if part.limit else "-"
    said = ", ".join(word for word, is_so in (("OVER", part.over), ("GROWS", part.grows)) if is_so)
    sizes = " | ".join(f"{size:.0f}" for size in (part.start, part.end, part.most))
    return f"| {part.name} | {sizes} | {limit} | {slope} | {said} |"
