"""What a reader moves: anywidgets that live in JupyterLab and, without a kernel, in the built book."""

from camgan_lib.widgets.base import Widget, bundle

__all__ = ["Widget", "bundle"]
