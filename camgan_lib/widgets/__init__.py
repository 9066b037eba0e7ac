"""What a reader moves: anywidgets that live in JupyterLab and, without a kernel, in the built book."""

from camgan_lib.widgets.base import Widget, bundle
from camgan_lib.widgets.spectrum_explorer import SpectrumExplorer

__all__ = ["SpectrumExplorer", "Widget", "bundle"]
