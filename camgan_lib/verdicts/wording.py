"""Numbers in words: shares, intervals, small values."""

Interval = tuple[float, float, float]
"""A value, and the low and high end of its 95 % interval."""


SHOWN = {"quantized": "8-bit"}
"""What readers see in place of a key."""


def shown(name: str) -> str:
    """A network's or a judge's name as readers see it."""
    return SHOWN.get(name, name)


def percent(value: Interval) -> str:
    return "{:.1%} ({:.1%} to {:.1%})".format(*value)


def plain(value: Interval, form: str = "{:.2f}") -> str:
    mean, low, high = (form.format(each) for each in value)
    return f"{mean} ({low} to {high})"


def compact(value: float) -> str:
    """A number with three decimals, or in powers of ten where these would show none of it."""
    return f"{value:.3f}" if value == 0 or abs(value) >= 0.001 else f"{value:.1e}"
