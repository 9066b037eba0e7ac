"""What the paper's scale gives in a page: every test crop's decision, and Table 1 with generators in 8 bits.

Test photos and no-style images are made again (a minute on two free cores).
"""

import base64
import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from small_networks import levels_in

from camgan_lib.base.identity import seed_words
from camgan_lib.book import published
from camgan_lib.book.plan import make_plan
from camgan_lib.data import simulation, splits
from camgan_lib.data.cameras import CAMERAS
from camgan_lib.data.nostyle import load_nostyle
from camgan_lib.data.pictures import Limits
from camgan_lib.data.reading import read_photo
from camgan_lib.networks import inference
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.resnet import load_classifier
from camgan_lib.networks.style_gan import Generator
from camgan_lib.show.widgets.networks import page_network

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1800)]
CPU = torch.device("cpu")
SHOWN = 1000
"""The number of no-style images, as in Table 1."""


def stored(kind):
    """The recipe and the weights of each published network."""
    for folder in sorted((published.store_folder() / kind).iterdir()):
        recipe = json.loads((folder / "manifest.json").read_text("utf-8"))["recipe"]
        yield recipe, load_file(folder / "weights.safetensors")


@pytest.fixture(scope="module")
def classifiers():
    found = {"8-bit" if recipe["recipe"]["quantized"] else "float": w for recipe, w in stored("classifier")}
    return {name: load_classifier(weights) for name, weights in found.items()}


@pytest.fixture
def opened(networks_page, classifiers):
    """A page with both classifiers and each camera's generator, and the generators by class."""
    generators = {}
    for recipe, weights in stored("generator"):
        generators[recipe["target"]] = Generator.from_recipe(GanRecipe(**recipe["recipe"]), seed=0)
        generators[recipe["target"]].load_state_dict(weights)
    networks = [page_network(n, model, id=n, bits=8 if n == "8-bit" else 32) for n, model in classifiers.items()]
    networks += [page_network(str(t), model, id=f"generator{t}", bits=8) for t, model in generators.items()]
    return networks_page(networks), generators


def packed(images):
    return base64.b64encode(images.tobytes()).decode("ascii")


def pooled(page, name, images):
    found = page.evaluate("(a) => probe.pooled(...a)", [name, packed(images), len(images)])
    return np.array(found).reshape(len(images), -1)


def paper_crops(folder):
    """All crops that the paper's scale tests with."""
    dataset = make_plan("paper", []).parameters["dataset"]
    count, size, seed = (dataset[name] for name in ("photos_per_camera", "photo_size", "seed"))
    files = {camera.name: [folder / camera.name / f"{n + 1:05d}.jpg" for n in range(count)] for camera in CAMERAS}
    chosen, _ = splits.choose_test(files, "random", splits.Known(), dataset["test_share"], seed)
    crops = []
    for label, (camera, paths) in enumerate(files.items()):
        for path in (path for path in paths if path in chosen):
            simulation._make_photo(folder, label, int(path.stem) - 1, size, seed)
            seeds = [seed, *seed_words(camera, path.name)]
            crops.append(read_photo(path, dataset["crops_per_photo"], seeds, Limits()).crops)
    return np.concatenate(crops)


def test_every_test_crop_gets_the_decision_that_torch_gives(opened, classifiers, tmp_path):
    crops, (page, _) = paper_crops(tmp_path / "photos"), opened
    assert len(crops) == 1320
    for name, model in classifiers.items():
        wanted, found = inference.predict(model, crops, CPU), pooled(page, name, crops)
        assert np.abs(found - wanted).max() < 1e-3, name
        assert (found.argmax(1) == wanted.argmax(1)).all(), name


def test_generators_in_8_bits_keep_pixels_and_the_shares_of_table_1(opened, classifiers):
    images, (page, generators) = load_nostyle("scenes", train=8, test=SHOWN, seed=0).test, opened
    for target, generator in generators.items():
        wanted = inference.stylise(generator, images, CPU)
        texts = page.evaluate("(a) => probe.stylise(...a)", [f"generator{target}", [packed(x) for x in images], 32])
        found = levels_in(texts).astype(np.uint8).reshape(wanted.shape)
        assert (np.abs(found.astype(int) - wanted) <= 1).mean() >= 0.99, target
        for name, model in classifiers.items():
            before = (inference.predict(model, wanted, CPU).argmax(1) == target).mean()
            after = (pooled(page, name, found).argmax(1) == target).mean()
            print(f"generator {target}, {name}: {before:.3f} in torch, {after:.3f} in the page")
            assert abs(after - before) <= 0.01, (target, name)
