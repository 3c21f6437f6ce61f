"""Round values for number axes."""

from __future__ import annotations

import math


def nice_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """At most about `most` round values between two bounds."""
    span = high - low
    if span <= 0:
        return [low]
    rough = span / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10, 20) if m * power >= rough * 0.999)
    first = int(-(-low // step))
    last = int(high // step)
    return [number * step for number in range(first, last + 1)]
