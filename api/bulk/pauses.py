"""How often the end of a bulk job is looked for."""

FIRST, LONGEST = 15.0, 1800.0  # seconds: whoever stores the last row says so at once


def until_next(receives: int) -> float:
    """Seconds until a chore looks again that has come so many times: under 70 in a day."""
    return min(LONGEST, FIRST * 2.0 ** min(receives - 1, 10))
