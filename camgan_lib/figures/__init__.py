"""What the book shows: every function takes arrays and returns a matplotlib Figure or a table."""

from camgan_lib.figures import (
    classifier,
    controls,
    dataset,
    explanations,
    frequency,
    provenance,
    style_gan,
    summary,
    sweep,
)

__all__ = [
    "classifier",
    "controls",
    "dataset",
    "explanations",
    "frequency",
    "provenance",
    "style_gan",
    "summary",
    "sweep",
]
