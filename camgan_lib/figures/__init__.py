"""What the book shows: every function takes arrays and returns a matplotlib Figure or a table."""

from camgan_lib.figures import classifier, dataset, style_gan

__all__ = ["classifier", "dataset", "style_gan"]
