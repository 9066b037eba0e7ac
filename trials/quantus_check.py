"""Do our deletion, infidelity and randomisation agree with those of the library Quantus, on the same crops and network?

Each is computed twice by Quantus: set as ours (the colour that fills pixels, the noise, the untrained network), where
both have to be equal, and as it comes. The classifier is the auxiliary one of a build that has run profile paper.
`tests/measure/test_quantus.py` tests the first on a small network. Quantus is no part of the project's environment:

    pip install "quantus>=0.6,<0.7"
    python trials/quantus_check.py [--build _build] [--crops 48]
"""

import argparse
import copy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from camgan_lib.base import paths
from camgan_lib.base.devices import drawn_from
from camgan_lib.base.files import write_json
from camgan_lib.base.settings import Settings
from camgan_lib.book import provenance, run
from camgan_lib.book.plan import make_plan
from camgan_lib.measure import faithfulness, saliency

try:
    import quantus
except ModuleNotFoundError:
    sys.exit('quantus_check: Quantus is not installed; pip install "quantus>=0.6,<0.7"')

CPU = torch.device("cpu")
QUIET = {"disable_warnings": True, "display_progressbar": False}
LEVEL = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Settings.from_environment().build)
    parser.add_argument("--crops", type=int, default=48)
    parser.add_argument("--out", type=Path, default=paths.published_folder() / "trials" / "quantus_check.json")
    given = parser.parse_args()
    settings = Settings.from_environment().at(given.build.resolve())
    chapter = run.Run("explanations", make_plan("paper", []).parameters["explanations"], settings)
    test, model = chapter.dataset().test, chapter.classifier("auxiliary").to(CPU)
    chosen = np.random.default_rng(0).permutation(len(test.labels))[: given.crops]
    images, labels = test.images[chosen], test.labels[chosen]
    rows = [*_deletion(model, images, labels), *_infidelity(model, images, labels), *_randomised(model, images, labels)]
    about = {"crops": len(images), "quantus": quantus.__version__, "commit": provenance.commit()}
    networks = sorted(each["id"] for each in chapter.networks())
    write_json(given.out, {"rows": rows, "networks": networks, "run": about})
    for row in rows:
        print(row)


def _row(measure: str, setting: str, ours: np.ndarray, theirs: np.ndarray) -> dict[str, Any]:
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    alike = float(saliency.rank_correlation(ours[None], theirs[None])[0])
    means = {"ours": float(ours.mean()), "quantus": float(theirs.mean())}
    return {"measure": measure, "set": setting, **means, "largest": float(np.abs(ours - theirs).max()), "alike": alike}


def _inputs(images: np.ndarray) -> np.ndarray:
    return _first((images / 127.5 - 1).astype(np.float32))


def _first(maps: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(maps.transpose(0, 3, 1, 2)).astype(np.float32)


def _deletion(model: nn.Module, images: np.ndarray, labels: np.ndarray) -> Iterator[dict[str, Any]]:
    maps = saliency.saliency(model, images, labels, CPU)
    order = np.argsort(-maps.reshape(len(maps), -1), 1, kind="stable")
    ours = faithfulness.deletion(model, images, labels, order, faithfulness.without_pixels, CPU)
    colour = np.repeat(np.rint(images.mean((1, 2))) / 127.5 - 1, 1024, 1)
    before = faithfulness.probability(model, images, labels, CPU)[:, None]

    def filled(arr: np.ndarray, indices: np.ndarray, **unused: Any) -> np.ndarray:
        arr = arr.copy()
        np.put_along_axis(arr, indices, np.take_along_axis(colour, indices, 1), 1)
        return arr

    for setting, options in (("as ours", {"perturb_func": filled}), ("as it comes: black", {})):
        third = 1024 // faithfulness.STEPS
        flipping = quantus.PixelFlipping(features_in_step=third, normalise=False, **options, **QUIET)
        batch = {"x_batch": _inputs(images), "y_batch": labels, "a_batch": maps[:, None]}
        curve = np.array(flipping(model=model, **batch, device="cpu"))
        theirs = np.trapezoid(np.concatenate([before, curve[:, 2::3]], 1), axis=1) / faithfulness.STEPS
        yield _row("deletion of pixels, area", setting, ours, theirs)


def _infidelity(model: nn.Module, images: np.ndarray, labels: np.ndarray) -> Iterator[dict[str, Any]]:
    maps, inputs = faithfulness.gradients(model, images, labels, CPU), _inputs(images)
    ((ours,),) = faithfulness._infidelities(model, [maps[None]], images, labels, CPU, LEVEL, 0)
    same = []
    for index in range(len(images)):
        noise = np.random.default_rng([0, index]).normal(0, LEVEL / 127.5, (faithfulness.PROBES, images[0].size))
        noise = _first(noise.reshape(-1, *images[0].shape))
        with torch.inference_mode():
            both = torch.from_numpy(np.concatenate([inputs[index : index + 1], inputs[index : index + 1] - noise]))
            logits = model(both)[:, labels[index]].double().numpy()
        happened, foretold = logits[0] - logits[1:], (noise * _first(maps[index : index + 1])).sum((1, 2, 3))
        scale = (happened @ foretold) / (foretold @ foretold)
        theirs = _of_noise(model, inputs[index], labels[index], noise, scale * maps[index])
        same.append(theirs / (happened**2).mean())
    yield _row("infidelity of the gradient", "as ours", ours, same)
    patches = quantus.Infidelity(n_perturb_samples=1, **QUIET)  # its patches are not drawn: more samples are the same
    batch = {"x_batch": inputs, "y_batch": labels, "a_batch": _first(maps)}
    yield _row("infidelity of the gradient", "as it comes: black patches", ours, patches(model=model, **batch))


def _of_noise(model: nn.Module, x: np.ndarray, label: int, noise: np.ndarray, attribution: np.ndarray) -> float:
    probes = iter(noise)

    def disturbed(arr: np.ndarray, indices: Any, **unused: Any) -> np.ndarray:
        return x.reshape(1, -1) - next(probes).reshape(1, -1)

    options = {"perturb_patch_sizes": [x.shape[-1]], "n_perturb_samples": len(noise), "perturb_func": disturbed}
    batch = {"x_batch": x[None], "y_batch": np.array([label]), "a_batch": _first(attribution[None])}
    return quantus.Infidelity(**options, **QUIET)(model=model, **batch, device="cpu")[0]


def _randomised(model: nn.Module, images: np.ndarray, labels: np.ndarray) -> Iterator[dict[str, Any]]:
    untrained = copy.deepcopy(model)
    for module in untrained.modules():
        if hasattr(module, "reset_parameters"):
            with drawn_from(43):  # what Quantus does before each layer for its seed 42
                module.reset_parameters()
    maps = [saliency.saliency(each, images, labels, CPU) for each in (model, untrained)]

    def explained(model: nn.Module, inputs: np.ndarray, targets: np.ndarray, **unused: Any) -> np.ndarray:
        pictures = np.rint((inputs + 1) * 127.5).astype(np.uint8).transpose(0, 2, 3, 1)
        return saliency.saliency(model, pictures, targets, CPU)[:, None]

    measure = quantus.MPRT(skip_layers=True, return_last_correlation=True, seed=42, **QUIET)
    batch = {"x_batch": _inputs(images), "y_batch": labels, "a_batch": maps[0][:, None]}
    with torch.random.fork_rng():
        theirs = measure(model=copy.deepcopy(model), **batch, explain_func=explained, device="cpu")
    yield _row("correlation with untrained maps", "as ours", saliency.rank_correlation(*maps), theirs)
    (fresh,) = saliency.untrained(model, images, 1)
    inner = slice(saliency.BORDER, -saliency.BORDER)
    maps[1] = saliency.saliency(fresh, images, labels, CPU)
    ours = saliency.rank_correlation(*(each[:, inner, inner] for each in maps))
    yield _row("correlation with untrained maps", "as it comes: weights by layers' defaults", ours, theirs)


if __name__ == "__main__":
    main()
