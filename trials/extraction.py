"""Can a generator have a camera's style? One built as a camera is trained and judged by what had no part in training.

Variants lead from the paper's generator to it; each adds or takes away one thing. All are judged on the same no-style
images: by the auxiliary and the 8-bit classifier, by the run's independent judges (other architectures, seeds and
photos) beside the oracle, by how well the camera's true spectrum comes back, by the lines of the log-variance beside
those of the camera's own crops, and by L1. What a generator built as a camera holds is read out beside the truth.

    python trials/extraction.py [--build _build] [--steps 3000] [--seeds 1] [--only NAME …]

reads a build that has run profile paper. It can be stopped and started again: networks that are trained are kept.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from camgan_lib.base import paths
from camgan_lib.base.devices import resolve_device
from camgan_lib.base.files import write_json
from camgan_lib.base.settings import Settings
from camgan_lib.book import provenance, run
from camgan_lib.book.plan import make_plan
from camgan_lib.data.cameras import CAMERAS
from camgan_lib.measure import generators, judging, lines, oracle, spectrum, truth
from camgan_lib.measure.estimates import recorded
from camgan_lib.networks import inference
from camgan_lib.networks.camera_generator import CameraGenerator

CAMERA = {
    "generator": "camera",
    "generator_width": 16,
    "decoder_blocks": 2,
    "discriminator": "high-pass",
    "l1_weight": 6.0,
    "tv_weight": 0.0,
    "auxiliary_weight": 1.0,
    "spectral_weight": 5.0,
    "variance_weight": 2.0,
    "second_classifier": True,
    "generator_rate": 1e-3,
    "discriminator_rate": 2e-4,
}
VARIANTS: dict[str, dict[str, Any]] = {
    "paper's": {},
    "built as a camera": CAMERA,
    "without its classifier": {**CAMERA, "auxiliary_weight": 0.0},
    "without its discriminator": {**CAMERA, "adversarial_weight": 0.0},
    "without the variance term": {**CAMERA, "variance_weight": 0.0},
    "without both spectral terms": {**CAMERA, "spectral_weight": 0.0, "variance_weight": 0.0},
}
JUDGED = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, default=Settings.from_environment().build)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--out", type=Path, default=paths.published_folder() / "trials" / "extraction.json")
    given = parser.parse_args()
    settings = Settings.from_environment().at(given.build.resolve())
    parameters = make_plan("paper", []).parameters["style_gan"]
    true = truth.true_spectra()
    rows: list[dict] = []
    networks: set[str] = set()
    for name in given.only:
        for seed in range(given.seeds if VARIANTS[name] else 1):
            changed = {**VARIANTS[name], "seed": 10 * seed}
            changed |= {"gan_steps": given.steps} if VARIANTS[name] else {}
            made = run.Run("style_gan", {**parameters, **changed}, settings)
            rows.append({"variant": name, "seed": seed, **measured(made, true)})
            networks |= {each["id"] for each in made.networks()}
            device = provenance.device_name(resolve_device(parameters["device"]))
            about = {"steps": given.steps, "judged": JUDGED, "commit": provenance.commit(), "device": device}
            left = recorded({"rows": rows, "networks": sorted(networks), "run": about})
            write_json(given.out, left)
            write_json(settings.build / "trials" / "extraction.json", left)  # camgan store prune keeps what it names


def measured(made: run.Run, true: np.ndarray) -> dict[str, Any]:
    """All that is asked of the generators of one variant and seed."""
    nostyle = made.prepare_nostyle()
    trained = {camera: generator for camera, (generator, _) in made.train_style_gans().items()}
    chosen = nostyle.first(JUDGED, JUDGED)
    images, device = chosen.test, made.device
    stylised = {camera: inference.stylise(each, images, device) for camera, each in trained.items()}
    judges = {"auxiliary": made.classifier("auxiliary"), "quantized": made.classifier("quantized")}
    fooled = {
        name: judging.turned(judge, images, {"it": stylised}, device, chosen.scene)["it"]
        for name, judge in judges.items()
    }
    taken = {
        name: [generators.share_taken(judge, each, k, device) for k, each in enumerate(stylised.values())]
        for name, judge in judges.items()
    }
    before = spectrum.mean_level(images)
    recovered = np.stack([spectrum.mean_level(each) - before for each in stylised.values()])
    by_oracle = oracle.taken_by_each(images, list(stylised))
    independent = judging.beside_oracle(
        made.train_judges(), made.dataset().test, images, stylised, by_oracle, device, chosen.scene
    )
    found = {
        "turned": {name: each.share for name, each in fooled.items()},
        "taken": taken,
        "judges": independent,
        "mean": judging.mean_over(independent),
        "recovered": truth.recovery(recovered, true),
        "l1": oracle.l1(stylised, images),
        "oracle_l1": oracle.l1(by_oracle, images),
        "variance_lines": {camera: variance_lines(each) for camera, each in stylised.items()},
        "oracle_variance_lines": {camera: variance_lines(each) for camera, each in by_oracle.items()},
        "own_variance_lines": own_lines(made),
        "weights": {camera: sum(p.numel() for p in each.parameters()) for camera, each in trained.items()},
        "readings": {camera: each.reading() for camera, each in trained.items() if isinstance(each, CameraGenerator)},
        "pipelines": {each.name: vars(each) for each in CAMERAS},
    }
    print(
        {
            "judges": {name: [round(s, 2) for s in row["turned_by_network"]] for name, row in independent.items()},
            "by camera": {name: row["turned_by_camera"] for name, row in independent.items()},
            "taken": taken,
            "recovered": found["recovered"],
            "l1": found["l1"],
        },
        flush=True,
    )
    return found


def variance_lines(images: np.ndarray) -> dict[str, float]:
    """Strengths, in dB, of the lines of the green channel's log-variance (uint8 N×32×32×3)."""
    varied = spectrum.log_variance(images[..., 1:2])
    return {name: value for name, value in lines.line_report(varied).items() if name.endswith("_db")}


def own_lines(made: run.Run) -> dict[str, dict[str, float]]:
    """`variance_lines` of each camera's own test crops."""
    data = made.dataset()
    return {camera: variance_lines(data.test.of(k)) for k, camera in enumerate(data.cameras)}


if __name__ == "__main__":
    main()
