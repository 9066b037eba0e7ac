"""What a reader moves: anywidgets that live in JupyterLab and, without a kernel, in the built book."""

from camgan_lib.widgets.base import Widget, bundle
from camgan_lib.widgets.confusion_explorer import ConfusionExplorer
from camgan_lib.widgets.curves import Curves
from camgan_lib.widgets.gallery import Gallery
from camgan_lib.widgets.residual_slider import ResidualSlider
from camgan_lib.widgets.spectrum_explorer import SpectrumExplorer

__all__ = ["ConfusionExplorer", "Curves", "Gallery", "ResidualSlider", "SpectrumExplorer", "Widget", "bundle"]
