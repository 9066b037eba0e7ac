"""Widgets that draw a figure anew for readers with a kernel. In the built book a sentence stands in their place."""

import html
from base64 import b64encode
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import torch
from IPython.display import Markdown, display
from matplotlib.figure import Figure
from PIL import Image

from camgan_lib.base.settings import Settings
from camgan_lib.data.cameras import CAMERAS, shoot
from camgan_lib.data.scenes import render_scene
from camgan_lib.measure import spectrum
from camgan_lib.networks import inference
from camgan_lib.networks.style_gan import Generator
from camgan_lib.show import figures
from camgan_lib.show.figures import style

SENTENCE = "*With a kernel, controls stand here that {does}; [how to get one](rerun.md).*"


def browse(draw: Callable[..., Figure], does: str, *, drawn: bool = False, **controls: Any) -> Figure | None:
    """Shows what `draw` returns, with a control per keyword: a list of values to choose from, or a range (low, high).

    If pages are made for readers without a kernel (`Settings.static`), it shows a sentence that says what the controls
    would do (`does`); with `drawn` it also returns the figure for the first value of each control.
    """
    if Settings.from_environment().static:
        display(Markdown(SENTENCE.format(does=does)))
        return draw(**{name: values[0] for name, values in controls.items()}) if drawn else None
    display(_controls(draw, does, controls))
    return None


def _controls(draw: Callable[..., Figure], does: str, controls: dict[str, Any]) -> Any:
    """Widgets above a picture that is drawn anew when one of them changes.

    The picture is an HTML widget. With an Output widget, which ipywidgets' interact makes, a notebook that papermill
    executes can wait for ever for a reply that it has missed.
    """
    from ipywidgets import HTML, Dropdown, IntSlider, VBox

    picture = HTML()
    widgets = {
        name: IntSlider(values[0], *values, description=name, continuous_update=False)
        if isinstance(values, tuple)
        else Dropdown(options=values, description=name)
        for name, values in controls.items()
    }

    def redraw(_: Any = None) -> None:
        chosen = {name: widget.value for name, widget in widgets.items()}
        data = b64encode(draw(**chosen)._repr_svg_().encode("utf-8")).decode("ascii")
        words = html.escape(f"{does}: " + ", ".join(f"{name} {value}" for name, value in chosen.items()))
        picture.value = f'<img style="max-width: 100%" alt="{words}" src="data:image/svg+xml;base64,{data}">'

    for widget in widgets.values():
        widget.observe(redraw, "value")
    redraw()
    return VBox([*widgets.values(), picture])


def new_scene(
    networks: dict[str, torch.nn.Module], cameras: Sequence[str], device: torch.device, *, scene: int, crops: int = 30
) -> Figure:
    """Photos of a new scene by every simulated camera, and which cameras the networks take their crops for.

    `networks`: name → classifier; `cameras`: the names of their classes.
    """
    size = 256
    photos, shares = {}, {}
    for number, camera in enumerate(CAMERAS):
        rng = np.random.default_rng([scene, number])
        content = shoot(render_scene(size, [scene]), camera, rng)
        photos[camera.name] = np.asarray(Image.open(BytesIO(content)))
        corners = rng.integers(0, size - 31, (crops, 2))
        cut = np.stack([photos[camera.name][y : y + 32, x : x + 32] for y, x in corners])
        decided = {name: inference.predict(network, cut, device).argmax(1) for name, network in networks.items()}
        shares[camera.name] = {k: np.bincount(d, minlength=len(cameras)) / crops for k, d in decided.items()}
    return figures.classifier.new_photos(photos, shares, cameras)


def explain_anew(
    model: torch.nn.Module,
    images: np.ndarray,
    camera: int,
    device: torch.device,
    *,
    crop: int,
    cells: int,
    samples: int,
    show: bool = True,
) -> Figure:
    """LIME's map of crop number `crop` (from 1) towards `camera`, with default segments and with a grid of `cells`."""
    from camgan_lib.measure import lime

    image = images[crop - 1]
    found = [lime.lime(model, image, camera, device, cells=c, samples=samples) for c in (0, cells)]
    title = f"local fit R² {found[0].score:.2f}; grid {found[1].score:.2f}"
    return figures.explanations.lime(image[None], [title], *([each.weights] for each in found), show=show)


def stylise_anew(
    generators: dict[str, Generator],
    judge: torch.nn.Module,
    images: np.ndarray,
    device: torch.device,
    *,
    image: int,
    strength: int,
) -> Figure:
    """Image number `image` (from 1) plus `strength` per cent of each generator's residual.

    Titles say how sure `judge` is of the generator's camera.
    """
    one = images[image - 1 : image]
    shown, titles = [one[0]], ["input"]
    for number, (camera, generator) in enumerate(generators.items()):
        residual = inference.stylise(generator, one, device).astype(float) - one
        made = np.clip(np.rint(one + strength / 100 * residual), 0, 255).astype(np.uint8)
        sure = np.exp(inference.log_softmax(inference.predict(judge, made, device)))[0, number]
        shown.append(made[0])
        titles.append(f"{style.wrapped(camera, 12)}\n{sure:.0%} sure")
    return style.image_grid(np.stack(shown), len(shown), titles)


def untrained_lines(
    fresh: Callable[[int], Generator], images: np.ndarray, device: torch.device, *, seed: int
) -> Figure:
    """Mean spectrum of what an untrained generator, made by `fresh(seed)`, adds to images."""
    residual = inference.stylise(fresh(seed), images, device).astype(float) - images
    return figures.frequency.mean_spectra({f"residual, untrained generator {seed}": spectrum.mean_db(residual)})
