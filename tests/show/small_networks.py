"""Small networks for tests of widgets, and a page that shows a widget without a kernel."""

import base64
import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from camgan_lib.networks import inference
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.resnet import ResNet20
from camgan_lib.networks.style_gan import Generator
from camgan_lib.show.widgets import base

CPU = torch.device("cpu")


def classifier(classes: int, seed: int, images: np.ndarray | None = None) -> ResNet20:
    """An untrained classifier whose decisions differ between `images` (uint8 N×32×32×3; noise where there are none)."""
    torch.manual_seed(seed)
    model = ResNet20(classes).eval()
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (64, 32, 32, 3)).astype(np.uint8) if images is None else images
    with torch.no_grad():
        model.head.bias.zero_()
        logits = inference.predict(model, images, CPU)
        gain = 2 / float(logits.std(0).mean())
        model.head.weight.mul_(gain)
        model.head.bias.sub_(torch.from_numpy(gain * logits.mean(0)))
    return model


def generator(seed: int) -> Generator:
    """An untrained generator, a few channels wide."""
    recipe = GanRecipe(
        generator_width=4,
        discriminator_width=4,
        decoder_blocks=1,
        norm="none",
        upsampling="transpose3",
        adversarial="lsgan",
        l1_weight=1.0,
        tv_weight=0.0,
        auxiliary_weight=1.0,
        gan_steps=0,
        gan_batch=2,
        generator_rate=1e-3,
        discriminator_rate=1e-4,
        seed=seed,
    )
    return Generator.from_recipe(recipe, seed=seed).eval()


def levels_in(texts: list[str]) -> np.ndarray:
    """The levels of images that a page gave in base64, one row per image."""
    return np.stack([np.frombuffer(base64.b64decode(text), np.uint8) for text in texts]).astype(int)


def odds(model: torch.nn.Module, images: np.ndarray) -> np.ndarray:
    """Probabilities that torch gives images, N×classes."""
    return np.exp(inference.log_softmax(inference.predict(model, images, CPU)))


def page_of(folder: Path, widget: base.Widget) -> Path:
    """A page with the widget, beside its networks; the environment's CAMGAN_BUILD has to be `folder`."""
    head = f"<!doctype html><meta charset=utf-8><title>t</title><style>{base.STYLE.read_text('utf-8')}</style>"
    path = folder / "executed" / "page.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{head}<body>{widget.static_html()}<script>{base.bundle()}</script>", "utf-8")
    return path


@contextlib.contextmanager
def opened(browser, path: Path, address: str = "", width: int = 400) -> Iterator:
    """The page, opened from disk. It has to fit the `width` and to leave no message in the console."""
    context = browser.new_context(viewport={"width": width, "height": 900}, has_touch=True)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri() + address)
    page.wait_for_selector(".camgan-widget[data-ready]")
    yield page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not said, said
    context.close()


READ = """box => {
  const canvas = box.matches("canvas") ? box : box.querySelector("canvas"), { width, height } = canvas;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  return [height, width, [...context.getImageData(0, 0, width, height).data]];
}"""


def pixels(locator) -> np.ndarray:
    """The picture of a canvas, or of the first one in an element: uint8 H×W×3."""
    height, width, flat = locator.evaluate(READ)
    return np.array(flat, np.uint8).reshape(height, width, 4)[..., :3]
