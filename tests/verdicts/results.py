"""Results of a made-up run in the form that chapters record: every control agrees, so that every claim holds.

`make()` gives them, `changed` a copy with numbers replaced. An estimate is made by `e(value, half)`.
"""

import copy
from typing import Any

from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.spectrum import CLASSES

CAMERAS = ["sim-A", "sim-B"]
LETTERS = "abcdefgh"


def e(value: float, half: float = 0.02, n: int = 44, unit: str = "photo") -> Estimate:
    """An estimate with the interval value ± half and no contributions of units."""
    return Estimate(value, value - half, value + half, n=n, unit=unit, method="made up")


def make() -> dict[str, dict[str, Any]]:
    """The results of all chapters of a run, by chapter."""
    return {
        "run": {"profile": "paper", "data": "simulated", "seed": 0, "commit": "0" * 12, "networks": []},
        "dataset": {
            "cameras": CAMERAS,
            "photos": 1100,
            "train_photos": 1056,
            "test_photos": 44,
            "train_crops": 31680,
            "test_crops": 1320,
            "split": "random",
            "skipped": 0,
            "colour_only_accuracy": e(0.3),
        },
        "classifier": {
            "auxiliary_accuracy": e(0.94),
            "quantized_accuracy": e(0.945),
            "auxiliary_photo_accuracy": e(1.0, 0.0),
            "quantized_photo_accuracy": e(1.0, 0.0),
            "colour_only_accuracy": e(0.3),
            "twins_difference": e(-0.005, 0.004),
            "over_colour": e(0.64),
            "chance": 0.25,
            "test_photos": 44,
            "cameras": 4,
        },
        "explanations": {
            "saliency_edges": e(-0.2),
            "saliency_edges_untrained": e(0.01, 0.01, 20, "network"),
            "saliency_edges_against_untrained": e(-0.21, 0.05, 20, "network"),
            "stem": "random",
            "edge_filters": {"n": 16, "random": 99_999, "p": [1e-5] * 8 + [0.5] * 8, "following": 8},
            "lime_single_segment": e(0.1, 0.05, 100, "crop"),
            "lime_stability": e(0.3, 0.05, 100, "crop"),
            "lime_r2_fresh": e(0.2, 0.05, 100, "crop"),
        },
        "style_gan": {
            "nostyle_test": 10_000,
            "train_judged": 2000,
            "table1": [_row(camera) for camera in CAMERAS],
            "mean_test": e(0.95),
            "mean_transfer": e(0.9),
            "judged_by_classifiers": {
                "auxiliary": {"turned": e(0.94, 0.02, 120, "scene")},
                "quantized": {"turned": e(0.88, 0.02, 120, "scene")},
            },
        },
        "frequency": {
            "spectrum_images": 1024,
            "consistency": {
                "stylised": e(0.9, 0.01, 1024, "content"),
                "untrained": e(0.5, 0.01, 20, "set"),
                "against_untrained": e(0.4, 0.03, 20, "set"),
                "originals": e(0.64),
                "null": e(0.5),
            },
            "pure_colour_spread": [
                {"camera": camera, "kept": 0.01 + 1e-5 * number} for number, camera in enumerate(CAMERAS)
            ],
            "pure_colour_instance_norm": [0.4 + 0.005 * number for number in range(20)],
            "norm": "none",
            "original_lines": {
                kind: {camera: {f"{c}_db": e(1.0, 0.5) for c in CLASSES} for camera in CAMERAS}
                for kind in ("residual", "log_variance", "log_variance_over_no_style")
            },
        },
        "controls": {"cameras": CAMERAS, "seeds": 5, "distances": {"transpose3": {"effect": e(2.0, 0.3, 5, "seed")}}},
        "causes": _causes(),
        "truth": {"cameras": CAMERAS, "conclusion": "The truth comes back."},
    }


def _row(camera: str) -> dict[str, Any]:
    shares = {"no_style": e(0.25), "train": e(0.99), "test": e(0.95), "transfer": e(0.9)}
    return {"camera": camera, **shares, "l1": e(0.03, 0.001, 500, "scene"), "first": {"n": 1000, "test": 0.95}}


def _causes() -> dict[str, Any]:
    scenes = {"n": 120, "unit": "scene"}
    judges = ("auxiliary", "quantized", "spectral")
    steps = {"own − untouched": 0.75, "own − own with random phases": 0.6, "own − other": 0.5}
    steps["own with random phases − untouched"] = 0.15
    return {
        "images": 120,
        "networks": ["x", "y"],
        "turned": {kind: {judge: e(0.9, **scenes) for judge in judges} for kind in ("generator", "PGD", "universal")},
        "turned_more": {"generator − universal": {judge: e(0.3, **scenes) for judge in judges}},
        "independent": {
            "networks": ["y", "x"],
            "judges": {"plain": {"accuracy": e(0.95)}, "wide": {"accuracy": e(0.94)}},
            "turned": {"generator": {"plain": e(0.8, **scenes), "wide": e(0.7, **scenes)}},
        },
        "judges": {"spectral": {"accuracy": e(0.55)}},
        "causal": {
            "all": e(0.94),
            "without_high": e(0.3),
            "without_low": e(0.92),
            "lost_high": e(0.64),
            "lost_low": e(0.2),
            "chance": 0.25,
            "radius": 0.25,
        },
        "transplant": {
            "strengths": [0.0, 1.0],
            "steps": {name: e(value, **scenes) for name, value in steps.items()} | {"other − random phases": e(0.1)},
        },
    }


def changed(**changes: Any) -> dict[str, dict[str, Any]]:
    """`make()` with the numbers at `chapter__key__…` replaced."""
    results = copy.deepcopy(make())
    for path, value in changes.items():
        *way, last = path.split("__")
        at: Any = results
        for key in way:
            at = at[key]
        at[last] = value
    return results
