"""Widgets that a reader can operate: in JupyterLab with a kernel, and in the pages of the built book without one."""

from camgan_lib.show.widgets.base import Widget, bundle
from camgan_lib.show.widgets.confusion_explorer import ConfusionExplorer
from camgan_lib.show.widgets.curves import Curves
from camgan_lib.show.widgets.gallery import Gallery
from camgan_lib.show.widgets.hero import Hero
from camgan_lib.show.widgets.own_photo import OwnPhoto
from camgan_lib.show.widgets.residual_slider import ResidualSlider
from camgan_lib.show.widgets.spectrum_explorer import SpectrumExplorer

__all__ = [
    "ConfusionExplorer",
    "Curves",
    "Gallery",
    "Hero",
    "OwnPhoto",
    "ResidualSlider",
    "SpectrumExplorer",
    "Widget",
    "bundle",
]
