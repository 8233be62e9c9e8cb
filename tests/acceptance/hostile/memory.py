"""How much memory the worker and its decoders may take, whatever they are sent."""

PEAK = 3 << 30
"""Bytes that the worker and its decoders may hold at any time: two decoders of at most 1.25 GiB each by
their own limit, and the worker beside them."""
GROWTH = 256 << 20
"""Bytes by which the worker's family may have grown when the bombs are over. A picture at the limit is 50 MP,
200 MB as RGBA: one such picture that is kept by mistake would not fit."""
