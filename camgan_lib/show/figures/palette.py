"""Colours of figures: one per camera, safe for colour-blind readers, and greys that a page maps to its own mode.

A figure is drawn in the colours of a light page. On a page, `vector.inlined` replaces them by CSS variables, to which
`book/_assets/figures.css` gives these values in light and those of `DARK` in dark mode.
"""

CAMERA_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8A2BE2", "#6D2E0A", "#000000", "#6E7F3A")
"""Colours of cameras by label, each at least 3:1 against white; further cameras start over."""

DARK = ("#3D9BE0", "#F07A2B", "#1FBF8F", "#E08FBF", "#A070FF", "#FFD9A0", "#FFFFFF", "#93A85E")
"""The same cameras on a dark page."""

INK, GROUND = "#000000", "#ffffff"
"""Text and axes, and what is hollow: a page's own text and ground in either mode."""

FAINT, SOFT, STRONG = "#e0e0e0", "#8c8c8c", "#666666"
"""Greys of grids and frames, of what is second to data, and of lines that mark a value."""

ON_LIGHT, ON_DARK = "#010101", "#fefefe"
"""Text that stands on a coloured cell, which looks the same in both modes."""


def camera_colour(label: int) -> str:
    """The colour of the camera with this label."""
    return CAMERA_COLOURS[label % len(CAMERA_COLOURS)]


def variables() -> dict[str, str]:
    """What a page puts in place of a figure's colours: colour, in small letters → a CSS value."""
    cameras = {colour.lower(): f"var(--camgan-camera-{label + 1})" for label, colour in enumerate(CAMERA_COLOURS)}
    greys = {FAINT: "var(--camgan-faint)", SOFT: "var(--camgan-soft)", STRONG: "var(--camgan-strong)"}
    return {**cameras, **greys, GROUND: "var(--camgan-ground)", INK: "currentColor"}
