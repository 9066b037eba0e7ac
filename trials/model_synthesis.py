"""Can an extractor that has never seen a trained generator name how a trained generator upsamples?

Yang, Cao, Wang and Xu (Model Synthesis for Zero-Shot Model Attribution, arXiv 2307.15977) learn a fingerprint extractor
from many synthetic models alone, shallow networks of many combinations of building blocks, and it tells real models
apart. This takes up the idea of their abstract, at a small scale, with this project's generators: one class per way of
upsampling, and the generator without strides. The extractor is a multinomial logistic regression on a spectrum's local
contrasts (`features`), standardised within each network so that it knows the pattern, not its strength. Spectra of two
kinds are tried: of the `residual` (output − input), as in chapters 5 and 8, and of the `output` (its mean level minus
that of the input). The extractor learns from one of two sets of synthetic networks:

    untrained      first weights, drawn anew for each network
    reproducing    the same after a few steps that teach to return the input (L1), without camera or classifier

It is then asked about networks that were trained for a camera: those of the sweep over upsampling
(published/sweeps/upsampling.json) and the published generators (published/store). As a control the same extractor
learns from the sweep's own generators of four seeds and is asked about the fifth. Intervals are over the seeds of the
generators that are asked about; the p value is from relabelling layers within each seed. The extractor is taken as it
is: one set of synthetic networks stands behind each, and how it would vary with others is not estimated. Each synthetic
network is recorded when it is done; a later call goes on from there.

A pilot with 8 networks per kind (seeds 0 to 7, other images) had tried local contrasts and levels, with and without
standardising; of those the one was taken that best names `reproducing` networks after learning from `untrained` ones.
The trained networks were looked at in the pilot, too, but not chosen by.

    python trials/model_synthesis.py [--networks 24] [--images 200] [--out published/trials/model_synthesis.json]
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from camgan_lib.base import paths
from camgan_lib.base.devices import drawn_from, one_thread, to_network
from camgan_lib.base.files import write_json
from camgan_lib.book import provenance
from camgan_lib.book.plan import make_plan
from camgan_lib.book.recipes import from_parameters
from camgan_lib.data.nostyle import load_nostyle
from camgan_lib.measure import spectrum, statistics
from camgan_lib.measure.estimates import Estimate, recorded
from camgan_lib.measure.generators import pack, unpack
from camgan_lib.networks.inference import stylise
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.style_gan import Generator

KINDS: dict[str, dict[str, Any]] = {
    "transpose3": {},
    "transpose4": {"upsampling": "transpose4"},
    "nearest": {"upsampling": "nearest"},
    "bilinear": {"upsampling": "bilinear"},
    "shuffle": {"upsampling": "shuffle"},
    "no stride": {"generator": "residual", "generator_width": 16},
}
"""Changes to the recipe of profile trial, as in sweeps/upsampling.yml."""
SCALE = "small: six architectures of one project, few networks each; the paper has thousands of architectures"
SETS = ("untrained", "reproducing")
SPECTRA = ("residual", "output")
BATCH, TRAINING = 16, 1000
HELD_OUT = 4
"""One synthetic network in so many is not learned from but tells how well the extractor does on its own kind."""
PENALTY = 100.0
SHUFFLES = 9999
FIRST = 100
"""Seeds below were the pilot's."""
CPU = torch.device("cpu")


# --- synthetic networks


def synthetic(kind: str, seed: int, steps: int, images: np.ndarray) -> nn.Module:
    """A generator of profile trial's size with weights drawn from `seed`, after `steps` of learning to return `images`.

    `images`: uint8 N×32×32×3. The steps are Adam's at 1e-3 on the L1 distance, BATCH images each.
    """
    recipe = from_parameters(GanRecipe, {**make_plan("trial", []).parameters["style_gan"], **KINDS[kind]})
    model = Generator.from_recipe(recipe, seed)
    optimiser, rng = torch.optim.Adam(model.parameters(), 1e-3), np.random.default_rng(seed)
    with drawn_from(seed):
        for _ in range(steps):
            batch = to_network(images[rng.integers(0, len(images), BATCH)], CPU)
            optimiser.zero_grad()
            F.l1_loss(model(batch), batch).backward()
            optimiser.step()
    return model


def spectra(model: nn.Module, images: np.ndarray) -> dict[str, np.ndarray]:
    """Spectra of a generator in dB, 32×32, as `generators.measure` takes them: of its residual, and of its output.

    "residual": mean power of output − input; "output": mean level of the output minus that of the input.
    """
    made = stylise(model, images, CPU)
    residual = spectrum.decibel(spectrum.power(made.astype(float) - images).mean((0, -1)))
    return {"residual": residual, "output": (spectrum.mean_level(made) - spectrum.mean_level(images)).mean(-1)}


# --- the extractor


def features(spectra_db: np.ndarray) -> np.ndarray:
    """Local contrast N×544 of spectra N×32×32 (dB): each bin minus the mean of the bins at ±2 along both axes.

    Hann's window keeps a line out of bins at distance 2. Contrasts of one network have mean 0 and deviation 1.
    """
    around = [np.roll(spectra_db, shift, axis) for axis in (1, 2) for shift in (-2, 2)]
    lines = spectra_db - np.mean(around, axis=0)
    lines = lines[:, :, : lines.shape[2] // 2 + 1].reshape(len(lines), -1)
    return (lines - lines.mean(1, keepdims=True)) / lines.std(1, keepdims=True)


class Extractor:
    """Names the kind of a network by its residual spectrum, once it has learned from others (spectra N×32×32 in dB)."""

    def __init__(self, spectra_db: np.ndarray, kinds: np.ndarray):
        from sklearn.linear_model import LogisticRegression

        x = features(spectra_db)
        self.mean, self.scale = x.mean(0), x.std(0).clip(0.02)
        self.model = LogisticRegression(C=1 / PENALTY, max_iter=2000).fit((x - self.mean) / self.scale, kinds)

    def __call__(self, spectra_db: np.ndarray) -> np.ndarray:
        """The kinds it names, an array of strings."""
        return self.model.predict((features(spectra_db) - self.mean) / self.scale)


def judged(named: np.ndarray, kinds: np.ndarray, seeds: np.ndarray, seed: int = 0) -> dict[str, Any]:
    """How often networks are named rightly, against chance.

    `named`, `kinds`, `seeds`: what was named, what is true, and the training's seed, N. Generators of one seed and
    camera have the same order of images, whatever their kind, so the seed is the unit. `accuracy`: Estimate over seeds;
    `p`: the share of relabellings, within each seed the kinds given each other's groups of networks, that fit at least
    as well (one-sided, SHUFFLES of them drawn at random); `chance`: the mean over all relabellings; `by_kind`: kind →
    Estimate; `confusion`: kind → named → networks.
    """
    hit = (named == kinds).astype(float)
    groups, index = np.unique(np.stack([seeds.astype(str), kinds]), axis=1, return_inverse=True)
    index, counts, known = index.ravel(), np.bincount(index.ravel()), np.unique(kinds)
    shares = np.stack([np.bincount(index, named == kind) / counts for kind in known], 1)
    table, column = shares * (counts / counts.sum())[:, None], np.searchsorted(known, groups[1])
    within = [np.flatnonzero(groups[0] == one) for one in np.unique(groups[0])]
    rng, drawn, shuffled = np.random.default_rng(seed), [], column.copy()
    for _ in range(SHUFFLES):
        for part in within:
            shuffled[part] = rng.permutation(column[part])
        drawn.append(table[np.arange(len(column)), shuffled].sum())
    by_kind = {str(kind): _over_seeds(hit[kinds == kind], seeds[kinds == kind]) for kind in known}
    confusion = {str(kind): {k: int(((kinds == kind) & (named == k)).sum()) for k in KINDS} for kind in known}
    p = statistics.p_rank(float(hit.mean()) - 1e-9, drawn)
    chance = float(sum(table[part][:, column[part]].sum() / len(part) for part in within))
    return {"accuracy": _over_seeds(hit, seeds), "p": p, "chance": chance, "by_kind": by_kind, "confusion": confusion}


def _over_seeds(hit: np.ndarray, seeds: np.ndarray) -> Estimate:
    """The share of networks that are named rightly, an Estimate over seeds, which have as many networks each."""
    units = np.array([hit[seeds == one].mean() for one in np.unique(seeds)])
    return statistics.of_units(units, unit="seed", bounds=(0.0, 1.0))


# --- networks trained for a camera


class Trained(NamedTuple):
    """Networks trained for a camera: spectra (name → N×32×32, dB), kinds N, and seed and id of each."""

    spectra: dict[str, np.ndarray]
    kinds: np.ndarray
    seeds: np.ndarray
    ids: list[str]


def swept() -> Trained:
    """The generators of the sweep over upsampling."""
    rows = json.loads((paths.published_folder() / "sweeps" / "upsampling.json").read_text("utf-8"))["rows"]
    rows = [row for row in rows if row["variant"] in KINDS]
    residual = np.stack([unpack(row["residual_db"]) for row in rows])
    output = np.stack([unpack(row["ratio_db"]).mean(-1) for row in rows])
    kinds, seeds = (np.array([row[name] for row in rows]) for name in ("variant", "style_gan.seed"))
    return Trained({"residual": residual, "output": output}, kinds, seeds, [row["id"] for row in rows])


def published(images: np.ndarray) -> Trained:
    """The published generators, their spectra taken of `images`."""
    from safetensors.torch import load_file

    found, kinds, seeds, ids = [], [], [], []
    for folder in sorted((paths.published_folder() / "store" / "generator").iterdir()):
        recipe = GanRecipe(**json.loads((folder / "manifest.json").read_text("utf-8"))["recipe"]["recipe"])
        model = Generator.from_recipe(recipe, seed=0)
        model.load_state_dict(load_file(folder / "weights.safetensors"))
        found.append(spectra(model, images))
        kinds.append("no stride" if recipe.generator == "residual" else recipe.upsampling)
        seeds.append(recipe.seed)
        ids.append(folder.name)
    return Trained(
        {name: np.stack([each[name] for each in found]) for name in SPECTRA}, *map(np.array, (kinds, seeds)), ids
    )


# --- the trial


def results(rows: list[dict[str, Any]], trained: Trained, own: Trained) -> dict[str, Any]:
    """What extractors name.

    `extractors`: a row per set of synthetic networks and spectrum: `held_out`, the share of synthetic networks of the
    same set that it names (Estimate); `trained`, see `judged`; `p_holm`, corrected for the rows; `published`, what it
    names each published generator. `control`: spectrum → `judged`, learned from trained networks of other seeds.
    """
    found = [_extracted(rows, name, which, trained, own) for which in SPECTRA for name in SETS]
    p = statistics.holm({f"{each['spectrum']} {each['set']}": each["trained"]["p"] for each in found})
    found = [{**each, "p_holm": p[f"{each['spectrum']} {each['set']}"]} for each in found]
    return {"extractors": found, "control": {which: _control(trained, which) for which in SPECTRA}}


def _extracted(rows: list[dict[str, Any]], name: str, which: str, trained: Trained, own: Trained) -> dict[str, Any]:
    rest = [row for row in rows if row["set"] == name]
    learned = [row for row in rest if row["seed"] % HELD_OUT]
    kept = [row for row in rest if row["seed"] % HELD_OUT == 0]
    extractor = Extractor(_unpacked(learned, which), np.array([row["kind"] for row in learned]))
    hits = int(np.sum(extractor(_unpacked(kept, which)) == np.array([row["kind"] for row in kept])))
    named = zip(own.ids, own.kinds.tolist(), extractor(own.spectra[which]).tolist(), strict=True)
    return {
        "set": name,
        "spectrum": which,
        "networks": len(learned),
        "held_out": statistics.of_count(hits, len(kept), "network"),
        "trained": judged(extractor(trained.spectra[which]), trained.kinds, trained.seeds),
        "published": [{"id": one, "kind": kind, "named": other} for one, kind, other in named],
    }


def _control(trained: Trained, which: str) -> dict[str, Any]:
    named, x = np.empty_like(trained.kinds), trained.spectra[which]
    for seed in np.unique(trained.seeds):
        out = trained.seeds == seed
        named[out] = Extractor(x[~out], trained.kinds[~out])(x[out])
    return judged(named, trained.kinds, trained.seeds)


def _unpacked(rows: list[dict[str, Any]], which: str) -> np.ndarray:
    return np.stack([unpack(row[which]) for row in rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=24, help="synthetic networks per kind and set")
    parser.add_argument("--images", type=int, default=200, help="no-style images that spectra are taken of")
    parser.add_argument("--steps", type=int, default=60, help="of those that reproduce their input")
    parser.add_argument("--seed", type=int, default=2000, help="of the no-style images")
    parser.add_argument("--out", type=Path, default=paths.published_folder() / "trials" / "model_synthesis.json")
    given = parser.parse_args()
    about = {"images": given.images, "steps": given.steps, "seed": given.seed, "scale": SCALE}
    rows = _kept(given.out, about)
    nostyle = load_nostyle("scenes", train=TRAINING, test=given.images, seed=given.seed, workers=1)
    done = {(row["set"], row["kind"], row["seed"]) for row in rows}
    wanted = [(s, kind, seed) for seed in range(FIRST, FIRST + given.networks) for s in SETS for kind in KINDS]
    with one_thread():
        for name, kind, seed in wanted:
            if (name, kind, seed) in done:
                continue
            began = time.monotonic()
            model = synthetic(kind, seed, given.steps if name == "reproducing" else 0, nostyle.train)
            packed = {which: pack(each) for which, each in spectra(model, nostyle.test).items()}
            rows.append({"set": name, "kind": kind, "seed": seed, **packed})
            write_json(given.out, {"rows": rows, "run": about})
            print(name, kind, seed, f"{time.monotonic() - began:.1f} s", flush=True)
        found = results(rows, swept(), published(nostyle.test))
    run = {**about, "networks": given.networks, "commit": provenance.commit(), "device": provenance.device_name(CPU)}
    write_json(given.out, recorded({**found, "rows": rows, "run": run}))


def _kept(path: Path, about: dict[str, Any]) -> list[dict[str, Any]]:
    """The synthetic networks that an earlier call at the same sizes has recorded."""
    found = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    same = all(found.get("run", {}).get(name) == value for name, value in about.items())
    return found["rows"] if same else []


if __name__ == "__main__":
    main()
