"""The one-cycle learning rate (Smith & Topin, "Super-Convergence", 2017)."""

import math


def one_cycle(progress: float, peak: float, warm: float = 0.2, start: float = 0.04) -> float:
    """The rate at `progress` (0..1 of all steps).

    Rises linearly from `start` * peak to `peak` over the first `warm` of the run, then falls
    along half a cosine to a thousandth of the peak.
    """
    if progress < warm:
        return peak * (start + (1 - start) * progress / warm)
    fall = (progress - warm) / (1 - warm)
    return peak * (0.001 + 0.999 * (1 + math.cos(math.pi * fall)) / 2)
