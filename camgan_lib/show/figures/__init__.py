"""What the book shows: every function takes arrays and returns a matplotlib Figure or a table."""

from camgan_lib.show.figures import (
    classifier,
    comparison,
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
    "comparison",
    "controls",
    "dataset",
    "explanations",
    "frequency",
    "provenance",
    "style_gan",
    "summary",
    "sweep",
]
