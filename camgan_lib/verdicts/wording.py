"""Text for numbers and names: small values, p values, names that readers see."""

from camgan_lib.measure.estimates import Estimate

SHOWN = {"quantized": "8-bit", "plain": "plain judge", "steganalysis": "steganalysis judge", "phase": "phase judge"}
"""What readers see in place of a key."""


def shown(name: str) -> str:
    """A network's or a judge's name as readers see it."""
    return SHOWN.get(name, name)


def compact(value: float) -> str:
    """A number with three decimals, or in powers of ten where these would show none of it."""
    return f"{value:.3f}" if value == 0 or abs(value) >= 0.001 else f"{value:.1e}"


def p_value(p: float) -> str:
    """A p value: "p = 0.012", "p < 0.001"."""
    return f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"


def joined(parts: list[str], last: str = "and") -> str:
    """Words in a row: "a", "a and b", "a, b and c"."""
    return f" {last} ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def points(share: Estimate) -> str:
    """A difference of two shares, in points of percent: "6.7 points (2.8 to 11.4)"."""
    rounded = (round(100 * each, 1) + 0.0 for each in (share.value, share.low, share.high))  # no −0.0
    value, low, high = (f"{each:.1f}".replace("-", "−") for each in rounded)
    return f"{value} points ({low} to {high})" if share.known else f"{value} points"
