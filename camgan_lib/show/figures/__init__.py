"""The book's figures and tables: functions that take arrays or records and return a matplotlib Figure or a Table."""

from camgan_lib.show.figures import (
    classifier,
    comparison,
    confounders,
    controls,
    dataset,
    explanations,
    faithfulness,
    fooling,
    frequency,
    interference,
    outside,
    provenance,
    style_gan,
    summary,
    sweep,
)

__all__ = [
    "classifier",
    "comparison",
    "confounders",
    "controls",
    "dataset",
    "explanations",
    "faithfulness",
    "fooling",
    "frequency",
    "interference",
    "outside",
    "provenance",
    "style_gan",
    "summary",
    "sweep",
]
