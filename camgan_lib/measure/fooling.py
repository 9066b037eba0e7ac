"""Generators beside adversarial and random changes of the same size: how many images each turns, by several judges.

An image is *turned* if a judge takes it for the camera now and did not before. If a change that knows nothing but a
classifier's gradient turns as many as a generator, by judges that it was not made for, then being taken for a camera is
no evidence of its style. All changes of an image have the same L2 norm: that of the generator's residual, times a
strength.
"""

import dataclasses
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from camgan_lib.base.devices import side_by_side
from camgan_lib.measure import lines
from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.perturbations import norms_of, of_norm, per_image, universal
from camgan_lib.measure.statistics import difference, of_images
from camgan_lib.networks.inference import Judge, decisions, decisions_of

STRENGTHS = (0.25, 0.5, 1.0, 2.0)
"""Norms of changes, in units of the norm of the generator's residual of the same image."""

UNIVERSAL_STEPS = 10
"""Steps towards a universal perturbation for each step of PGD; each takes few images."""

DRAWS = 8
"""Universal perturbations of each camera, sought from seeds of their own, each for its share of the scenes."""

KINDS = ("generator", "PGD", "universal", "another's residual", "noise")
"""What changes an image: the generator's residual; an adversarial perturbation of this image; one for many images; the
generator's residual of another image; white noise."""

Place = tuple[str, float, str]
"""Kind, strength, judge."""


class Fooling(NamedTuple):
    """What `beside` found.

    `rows`: one for each camera, kind and strength; `turned`: one for each kind and strength, with an Estimate by judge;
    `more`: "generator − KIND" → judge → paired difference of what both turn at the generator's own norm; `left_out`:
    judge → cameras for which this judge took every image from the start, so that none could be turned.
    """

    rows: list[dict[str, Any]]
    turned: list[dict[str, Any]]
    more: dict[str, dict[str, Estimate]]
    left_out: dict[str, list[str]]

    def at(self, strength: float = 1.0) -> dict[str, dict[str, Estimate]]:
        """Kind → judge → share turned, at one strength."""
        return {row["kind"]: row["turned"] for row in self.turned if row["strength"] == strength}

    def off(self, strength: float = 1.0) -> float:
        """The largest error of a norm at one strength: |reached ÷ wanted − 1| of any image, camera and kind."""
        return max(row["off"] for row in self.rows if row["strength"] == strength)

    def record(self) -> dict[str, Any]:
        """This as entries of a chapter's record.

        `turned` and `turned_more` are those at the generator's own norm; `by_strength` holds all shares, without the
        contributions of single scenes.
        """
        shares = [
            {**row, "turned": {j: dataclasses.replace(e, units=(), strata=()) for j, e in row["turned"].items()}}
            for row in self.turned
        ]
        about = {"changes": self.rows, "norms_off": self.off(), "left_out": self.left_out}
        return {"turned": self.at(), "turned_more": self.more, "by_strength": shares, **about}


def beside(
    stylised: dict[str, np.ndarray],
    judges: dict[str, Judge],
    images: np.ndarray,
    device: torch.device,
    learned_from: np.ndarray,
    *,
    scene: np.ndarray | None = None,
    aim: str = "auxiliary",
    steps: int = 20,
    strengths: tuple[float, ...] = STRENGTHS,
    seed: int = 0,
) -> Fooling:
    """How many images generators and changes of the same size turn, by the verdict of each judge.

    `images`: uint8 N×n×n×3; `stylised`: camera → what its generator makes of them, in the order of the judges' outputs.
    Adversarial perturbations are made for the judge `aim`, which is one network: PGD in so many `steps`, the universal
    ones in UNIVERSAL_STEPS times as many, from other images, `learned_from`, at strength 1 (`strengths` must hold it).
    Shares are means over cameras with intervals over scenes; `scene`: for each image the scene that it is cut from
    (else each is one by itself). How well a universal perturbation transfers depends on the draws of its search, and on
    rounding: so there are DRAWS of them, and what they turn has an interval over perturbations, each with its scenes. A
    white image can't become brighter: where another's residual asks for nearly nothing else, the change ends short of
    its norm.

    Rows have `camera`, `kind`, `strength`, `n` images, `l2` (mean norm of the change, in 8-bit levels), `off` (the
    largest relative error of an image's norm), `turned` (judge → share, None where no image counts), and at strength 1
    the lines of what is added (`lines.line_report`).
    """
    aimed_at = judges[aim]
    assert isinstance(aimed_at, nn.Module)
    before = {name: decisions(judge, images, device) for name, judge in judges.items()}
    among = {name: said[..., None] != np.arange(len(stylised)) for name, said in before.items()}
    draw = _draws(np.arange(len(images)) if scene is None else scene, seed)

    def of_camera(named: tuple[int, str]) -> tuple[list[dict[str, Any]], dict[Place, np.ndarray]]:
        target, camera = named
        residual = stylised[camera].astype(float) - images
        norms = norms_of(images + residual, images)
        seeds = [(seed, each) for each in range(draw.max() + 1)]
        mean, so_many = float(norms.mean()), UNIVERSAL_STEPS * steps
        patterns = np.stack(universal(aimed_at, learned_from, target, mean, device, so_many, seeds))[draw]
        made = {
            (kind, strength): changed
            for strength in strengths
            for kind, changed in _made(
                aimed_at, images, patterns, target, residual, strength * norms, device, steps, seed
            ).items()
        }
        said = {name: decisions_of(judge, made, device) for name, judge in judges.items()}
        hits = {(*place, name): said[name][place] == target for place in made for name in judges}
        rows: list[dict[str, Any]] = []
        for (kind, strength), changed in made.items():
            turned = {name: _share(hits[kind, strength, name], among[name][..., target]) for name in judges}
            about = {"camera": camera, "kind": kind, "strength": strength, "n": len(images)}
            added = lines.line_report(changed.astype(float) - images) if strength == 1 else {}
            rows.append({**about, **_norms(changed, images, strength * norms), "turned": turned, **added})
        return rows, hits

    by_camera = side_by_side(of_camera, enumerate(stylised))
    rows = [row for rows, _ in by_camera for row in rows]

    def share(place: Place, by_draw: bool) -> Estimate:
        hits, counted = np.stack([hits[place] for _, hits in by_camera], 2), among[place[2]]
        if by_draw:
            return of_images(hits, counted, draw, unit="perturbation", seed=seed)
        return of_images(hits, counted, scene, seed=seed)

    found = {place: share(place, place[0] == "universal") for place in by_camera[0][1]}
    beside_universal = {judge: share(("generator", 1.0, judge), True) for judge in judges}
    more, left_out = _more(found, beside_universal, seed), _left_out(list(stylised), among)
    return Fooling(rows, _summed_up(rows, found), more, left_out)


def _draws(scene: np.ndarray, seed: int) -> np.ndarray:
    """For each image the number of the universal perturbation that it gets: the same for all images of a scene."""
    scenes, index = np.unique(scene, return_inverse=True)
    return (np.random.default_rng(seed).permutation(len(scenes)) % DRAWS)[index]


def _made(
    model: nn.Module,
    images: np.ndarray,
    patterns: np.ndarray,
    target: int,
    residual: np.ndarray,
    norms: np.ndarray,
    device: torch.device,
    steps: int,
    seed: int,
) -> dict[str, np.ndarray]:
    """The images, changed in each of the KINDS by just these norms; `patterns`: for each image its universal one.
    Another's residual is that of the image half way through the list."""
    return {
        "generator": of_norm(images, residual, norms),
        "PGD": per_image(model, images, target, norms, device, steps, seed),
        "universal": of_norm(images, patterns, norms),
        "another's residual": of_norm(images, np.roll(residual, len(images) // 2, 0), norms),
        "noise": of_norm(images, np.random.default_rng(seed).normal(size=images.shape), norms),
    }


def _norms(changed: np.ndarray, images: np.ndarray, wanted: np.ndarray) -> dict[str, float]:
    reached = norms_of(changed, images)
    off = np.abs(reached - wanted) / np.maximum(wanted, 1)
    return {"l2": float(reached.mean()), "off": float(off.max())}


def _share(hit: np.ndarray, among: np.ndarray) -> float | None:
    return float(hit[among].mean()) if among.any() else None


def _summed_up(rows: list[dict[str, Any]], found: dict[Place, Estimate]) -> list[dict[str, Any]]:
    """A row for each kind and strength: the mean norm over cameras, and the estimates by judge."""
    several: dict[tuple[str, float], list[dict[str, Any]]] = {}
    for row in rows:
        several.setdefault((row["kind"], row["strength"]), []).append(row)
    judges = rows[0]["turned"]
    return [
        {
            "kind": kind,
            "strength": strength,
            "l2": float(np.mean([row["l2"] for row in several[kind, strength]])),
            "turned": {judge: found[kind, strength, judge] for judge in judges},
        }
        for kind, strength in sorted(several, key=lambda place: KINDS.index(place[0]))
    ]


def _more(
    found: dict[Place, Estimate], beside_universal: dict[str, Estimate], seed: int
) -> dict[str, dict[str, Estimate]]:
    """Paired differences; `beside_universal`: what generators turn, by the universal perturbations' scenes."""
    by_scene = {judge: found["generator", 1.0, judge] for judge in beside_universal}
    return {
        f"generator − {kind}": {
            judge: difference(own, found[kind, 1.0, judge], seed=seed)
            for judge, own in (beside_universal if kind == "universal" else by_scene).items()
        }
        for kind in KINDS[1:]
    }


def _left_out(cameras: list[str], among: dict[str, np.ndarray]) -> dict[str, list[str]]:
    none = {
        judge: [camera for number, camera in enumerate(cameras) if not counts[..., number].any()]
        for judge, counts in among.items()
    }
    return {judge: named for judge, named in none.items() if named}
