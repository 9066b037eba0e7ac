"""Three definitions of a generator's fingerprint, as the spectra that each of them takes from the same images.

*This book's*: the level of what comes out over that of what went in. *ManiFPT's* (Song et al. 2024, arXiv 2402.10401):
a generated image minus the nearest real one, in a space of features; here their spaces of pixels and of frequency
magnitudes. *STIG's* (Lee et al. 2024, arXiv 2403.05093): the magnitudes of generated images against the mean
magnitudes of real ones. The two papers do not ask for a camera; what they call real is here the photos of all cameras,
so that the reference says nothing about the camera.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from camgan_lib.measure import seeds, statistics, truth
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.spectrum import level

DEFINITIONS = {
    "ours": "output over input",
    "STIG": "STIG: against the mean of real crops",
    "ManiFPT, frequency": "ManiFPT: against the nearest real crop, magnitudes",
    "ManiFPT, pixels": "ManiFPT: against the nearest real crop, pixels",
}
GROUPS = 10


def nearest(features: np.ndarray, real: np.ndarray) -> np.ndarray:
    """For each row of `features` (N×d) the index of the nearest row of `real` (M×d), by Euclidean distance."""
    features, real = features.astype(np.float32), real.astype(np.float32)
    return ((real**2).sum(1) - 2 * features @ real.T).argmin(1)


def maps(outputs: Sequence[np.ndarray], inputs: np.ndarray | None, real: np.ndarray) -> dict[str, np.ndarray]:
    """The fingerprints of each image by each definition: name (of DEFINITIONS) → K×N×n×n×C, in dB.

    `outputs`: for each of K cameras the images uint8 N×n×n×C made of the same `inputs`; `real`: photos' crops of all
    cameras, M×n×n×C. Without inputs (of cameras themselves, which have none) the mean over cameras of each scene's
    levels stands in for them.
    """
    of_real, of_outputs = level(real), np.stack([level(each) for each in outputs])
    of_inputs = of_outputs.mean(0) if inputs is None else level(inputs)
    found = {"ours": of_outputs - of_inputs, "STIG": of_outputs - of_real.mean(0)}
    rows, flat = real.reshape(len(real), -1), of_real.reshape(len(real), -1)
    closest = [of_real[nearest(each.reshape(len(each), -1), flat)] for each in of_outputs]
    found["ManiFPT, frequency"] = of_outputs - np.stack(closest)
    artefacts = [each.astype(float) - real[nearest(each.reshape(len(each), -1), rows)] for each in outputs]
    found["ManiFPT, pixels"] = np.stack([level(each) for each in artefacts])
    return found


def told_apart(found: np.ndarray, scene: np.ndarray | None = None, seed: int = 0) -> Estimate:
    """How often an image's fingerprint resembles its own camera's mean fingerprint most: a share of images.

    `found`: K×N×n×n×C. The means are of one half of the images, the share is of the other half; the mean over cameras
    is taken from both. Chance is 1/K. The interval draws scenes anew.
    """
    cameras, count = found.shape[:2]
    flat = found.reshape(cameras, count, -1)
    half = count // 2
    means = flat[:, :half].mean(1)
    centre = means.mean(0)
    own = _unit(means - centre)
    tested = _unit(flat[:, half:] - centre)
    alike = np.einsum("knb,jb->knj", tested, own)
    hit = (alike.argmax(2) == np.arange(cameras)[:, None]).T
    return statistics.of_images(hit, scene=None if scene is None else scene[half:], seed=seed)


def agreement(found: np.ndarray, true_db: np.ndarray, scene: np.ndarray | None = None) -> Estimate:
    """Mean correlation of cameras' mean fingerprints with their true differences (`truth.recovery`).

    `found`: K×N×n×n×C; `true_db`: K×n×n×C. The scenes are cut into GROUPS groups; the value is the mean of the
    pseudo-values of the jackknife that leaves one group out, the interval Student's over them. It is of these
    generators, on other images.
    """
    index = np.arange(found.shape[1]) if scene is None else np.unique(scene, return_inverse=True)[1]
    groups = [np.flatnonzero(np.isin(index, each)) for each in np.array_split(np.arange(index.max() + 1), GROUPS)]
    groups = [each for each in groups if len(each)]
    sums = np.stack([found[:, each].sum(1) for each in groups])
    sizes = np.array([len(each) for each in groups])

    def mean(kept: np.ndarray) -> float:
        return float(np.mean(truth.recovery(sums[kept].sum(0) / sizes[kept].sum(), true_db)["own"]))

    return seeds.jackknife(mean, len(groups), "group of scenes")


def compare(
    outputs: Sequence[np.ndarray],
    inputs: np.ndarray | None,
    real: np.ndarray,
    true_db: np.ndarray | None,
    scene: np.ndarray | None = None,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """A row per definition: `definition`, `told` (`told_apart`) with its `chance`, and `truth` (`agreement`).

    `truth` is None where no true difference is known. Arguments as in `maps`; `scene`: for each image the scene that it
    is cut from.
    """
    return [
        {
            "definition": DEFINITIONS[name],
            "told": told_apart(each, scene, seed),
            "chance": 1 / len(outputs),
            "truth": None if true_db is None else agreement(each, true_db, scene),
        }
        for name, each in maps(outputs, inputs, real).items()
    ]


def left_over(outputs: Sequence[np.ndarray], own: Sequence[np.ndarray]) -> float:
    """STIG's discrepancy to each camera's own crops: root mean square over bins and colours in dB, mean over cameras.

    `outputs`: for each camera images uint8 N×n×n×C; `own`: its crops. A perfect imitation has none.
    """
    apart = [level(a).mean(0) - level(b).mean(0) for a, b in zip(outputs, own, strict=True)]
    return float(np.mean([np.sqrt((each**2).mean()) for each in apart]))


def _unit(vectors: np.ndarray) -> np.ndarray:
    centred = vectors - vectors.mean(-1, keepdims=True)
    return centred / np.maximum(np.linalg.norm(centred, axis=-1, keepdims=True), 1e-12)
