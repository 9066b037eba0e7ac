"""Text for numbers and names: shares, intervals, small values, names that readers see."""

Interval = tuple[float, float, float]
"""A value, and the low and high end of its 95 % interval."""


SHOWN = {"quantized": "8-bit"}
"""What readers see in place of a key."""


def shown(name: str) -> str:
    """A network's or a judge's name as readers see it."""
    return SHOWN.get(name, name)


def percent(value: Interval) -> str:
    """A share with its interval: "93.9% (90.1% to 97.2%)"."""
    return "{:.1%} ({:.1%} to {:.1%})".format(*value)


def plain(value: Interval, form: str = "{:.2f}") -> str:
    """A number with its interval: "0.85 (0.84 to 0.86)"."""
    mean, low, high = (form.format(each) for each in value)
    return f"{mean} ({low} to {high})"


def compact(value: float) -> str:
    """A number with three decimals, or in powers of ten where these would show none of it."""
    return f"{value:.3f}" if value == 0 or abs(value) >= 0.001 else f"{value:.1e}"
