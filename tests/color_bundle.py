"""The bundle that names colors, which the benchmarks use too."""

from bench.live.color_bundle import COLORS, SIDE, write

__all__ = ["COLORS", "SIDE", "write"]
