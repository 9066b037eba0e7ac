"""What is asked of generators that should have a camera's style: known answers on made-up rows and images."""

import importlib.util
import itertools
import math

import numpy as np
import pytest
import torch

from camgan_lib.base import paths
from camgan_lib.base.errors import CamganError
from camgan_lib.base.params import check_parameters, read_parameters
from camgan_lib.book import chapters
from camgan_lib.data import stages
from camgan_lib.data.cameras import CAMERAS, DEMOSAICING
from camgan_lib.data.scenes import no_style_crops
from camgan_lib.measure import extraction, oracle, readings, spectrum
from camgan_lib.measure.estimates import Estimate
from camgan_lib.networks.camera_generator import CameraGenerator
from camgan_lib.networks.inference import stylise
from camgan_lib.networks.recipes import JUDGES
from camgan_lib.show.figures import extraction as figures
from camgan_lib.verdicts import extraction as verdict
from camgan_lib.verdicts import readings as verdict_on_readings

CPU = torch.device("cpu")
NAMES = [camera.name for camera in CAMERAS]


def row(variant: str, seed: int, share: float, l1: float = 0.04) -> dict:
    shares = {camera: share + 0.01 * k for k, camera in enumerate(NAMES)}
    line = {"axis_nyquist_db": 3.0 + seed, "diagonal_nyquist_db": 11.0 + 0.1 * seed}
    return {
        "variant": variant,
        "seed": seed,
        "steps": 10,
        "turned": {judge: shares for judge in (*JUDGES, "auxiliary", "quantized")},
        "recovered": dict.fromkeys(NAMES, 0.9),
        "l1": dict.fromkeys(NAMES, l1),
        "told": dict.fromkeys(NAMES, 0.7),
        "lines": {camera: line for camera in NAMES},
    }


def test_the_best_variant_reports_seeds_that_it_was_not_chosen_on():
    rows = [row(extraction.BEST, seed, 0.5 + 0.1 * (seed < 3)) for seed in range(6)] + [row("other", 0, 0.3)]
    found = extraction.by_variant(rows)
    best = found[extraction.BEST]
    assert best["n"] == 3
    assert best["judges"].value == pytest.approx(0.515)
    assert best["by_camera"][NAMES[3]].value == pytest.approx(0.53)
    assert found["other"]["n"] == 1
    assert not found["other"]["judges"].known


def test_cameras_that_differ_do_not_widen_the_interval_but_seeds_do():
    even = extraction.over_seeds([row("a", seed, 0.5) for seed in range(3)])
    assert even["judges"].high - even["judges"].low < 1e-9
    uneven = extraction.over_seeds([row("a", seed, 0.5 + 0.02 * seed) for seed in range(3)])
    assert uneven["judges"].low < 0.535 < uneven["judges"].high
    assert uneven["by_camera"][NAMES[0]].level == pytest.approx(1 - 0.05 / 4)


def test_differences_are_of_the_same_seeds():
    rows = [row(extraction.BEST, 3, 0.9), row(extraction.BEST, 4, 0.8), row("less", 3, 0.7), row("less", 4, 0.6)]
    (less,) = extraction.without([*rows, row("nothing in common", 7, 0.1)])
    assert less["variant"] == "less"
    assert less["n"] == 2
    assert less["judges"].value == pytest.approx(-0.2)
    assert less["judges"].high - less["judges"].low < 1e-9


def test_aims_are_reached_missed_or_open():
    good = extraction.over_seeds([row("a", seed, 0.97) for seed in range(3)])
    oracle = extraction.over_seeds([row("o", 0, 0.93)])
    crops = {NAMES[0]: {"axis_nyquist_db": 4.0, "diagonal_nyquist_db": 14.0}}
    rows = {each["aim"]: each for each in verdict.aims(good, oracle, crops, 67)}
    outcome = {aim: each["outcome"] for aim, each in rows.items()}
    assert outcome["independent judges turned"] == "reached"
    assert outcome["log-variance, axes, from the crops' (dB)"] == "open", "3, 4 and 5 dB, three seeds"
    assert outcome["log-variance, diagonal, from the crops' (dB)"] == "missed"
    assert outcome["a fresh classifier is right"] == "reached"
    assert verdict.aims_sentence(list(rows.values())).startswith("9 of 11 aims are reached. Missed: log-variance, diag")
    poor = verdict.aims(extraction.over_seeds([row("a", seed, 0.5, 0.06) for seed in (0, 1)]), oracle, crops, 70_000)
    assert [each["outcome"] for each in poor if each["aim"] in ("L1", "numbers learned")] == ["missed", "missed"]
    alone = verdict.aims(extraction.over_seeds([row("a", 0, 0.97)]), oracle, crops, 67)
    assert {each["outcome"] for each in alone[:-1]} == {"open"}, "one seed decides nothing"


def test_another_generators_images_are_read_and_bad_ones_refused_in_a_sentence(tmp_path):
    path, images = tmp_path / "made.npz", np.zeros((5, 32, 32, 3), np.uint8)
    np.savez(path, **dict.fromkeys(NAMES, images))
    assert list(extraction.read_entry(path, NAMES, 5)) == NAMES
    for bad, said in (
        ({NAMES[0]: images}, f"has none for {NAMES[1]}"),
        (dict.fromkeys(NAMES, images.astype(float)), "has float64 5×32×32×3 for"),
        (dict.fromkeys(NAMES, images[:4]), "has uint8 4×32×32×3 for"),
        (dict.fromkeys(NAMES, np.array([{}], object)), "can't be read"),
    ):
        np.savez(path, **bad)
        with pytest.raises(CamganError, match=said):
            extraction.read_entry(path, NAMES, 5)
    path.write_bytes(b"no archive")
    with pytest.raises(CamganError, match="can't be read"):
        extraction.read_entry(path, NAMES, 5)


@pytest.mark.parametrize("name", ["extraction", "removal"])
def test_what_variants_of_the_trials_change_are_parameters_of_the_chapter(name):
    spec = importlib.util.spec_from_file_location(name, paths.ROOT / "trials" / f"{name}.py")
    trial = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(trial)
    declared = read_parameters(chapters.source("style_gan"))
    for changes in trial.VARIANTS.values():
        check_parameters("style_gan", declared, changes)
    assert name != "extraction" or extraction.BEST in trial.VARIANTS


@pytest.mark.slow
def test_a_fresh_classifier_tells_striped_images_from_plain_ones_and_not_what_is_alike():
    rng = np.random.default_rng(0)
    plain, others = (rng.integers(90, 150, (800, 32, 32, 3)).astype(np.uint8) for _ in range(2))
    striped = (others + 40 * (np.arange(32) % 2)[:, None, None]).astype(np.uint8)
    groups = np.arange(800) // 4
    assert extraction.told_apart(striped, groups, plain, groups, 0, CPU) > 0.9
    assert abs(extraction.told_apart(others, groups, plain, groups, 0, CPU) - 0.5) < 0.15


def test_the_same_groups_are_halved_alike():
    scene = np.repeat(np.arange(20), 3)
    half = extraction._half(scene, 4)
    assert np.array_equal(half, extraction._half(scene[::-1], 4)[::-1]), "or its content would speak for the wrong kind"
    assert half.sum() == 30
    assert not np.array_equal(half, extraction._half(scene, 5))


@pytest.mark.slow
def test_each_way_of_demosaicing_is_nearest_to_itself():
    for method in DEMOSAICING:
        filters = readings.linear_filters(method)
        assert filters.sum((2, 3)) == pytest.approx(1, abs=0.02)
        assert readings.distances(filters)[method] == 0
    assert readings.distances(np.array(CameraGenerator(4, 0).reading()["filters"]))["bilinear"] < 1e-5


@pytest.mark.slow
def test_a_reading_stands_beside_the_truth():
    reading = CameraGenerator(4, 0).reading()
    held = [{camera: reading for camera in NAMES}] * 2
    rows = {(each["camera"], each["stage"]): each for each in readings.over_seeds(held, list(CAMERAS))}
    assert rows[NAMES[0], "demosaicing"]["read"] == "bilinear (2 of 2)"
    assert rows[NAMES[1], "demosaicing"]["hits"] == 0
    assert rows[NAMES[0], "luma quality"]["read"].value == pytest.approx(95)
    assert rows[NAMES[0], "sharpening"]["true"] == pytest.approx(1.5, abs=0.02)
    assert not math.isnan(rows[NAMES[2], "sharpening"]["true"])


@pytest.mark.parametrize("camera", CAMERAS, ids=NAMES)
def test_a_generator_with_a_cameras_own_numbers_is_read_as_that_camera(camera):
    read = readings.compared(readings.with_numbers_of(camera).reading(), camera)
    for stage in ("demosaicing", "subsampling"):
        assert read[stage]["read"] == read[stage]["true"]
    for stage, near in (("mosaic", 1e-4), ("sharpening", 0.02), ("luma quality", 1e-3), ("chroma quality", 1e-3)):
        assert read[stage]["read"] == pytest.approx(read[stage]["true"], abs=near)


@pytest.mark.slow
def test_a_generator_with_a_cameras_own_numbers_makes_its_spectrum():
    images, camera = no_style_crops(600, 4, shown=600), CAMERAS[1]
    made = stylise(readings.with_numbers_of(camera), images, CPU)
    taken = oracle.taken_by(images, camera, 3)
    apart = spectrum.mean_level(made) - spectrum.mean_level(taken)
    assert np.abs(apart.mean((0, 1))).max() < 1
    assert (
        np.corrcoef(*((spectrum.mean_level(each) - spectrum.mean_level(images)).ravel() for each in (made, taken)))[
            0, 1
        ]
        > 0.9
    )


def test_loss_terms_are_zero_where_nothing_changes_and_all_is_as_the_crops():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (32, 32, 32, 3)).astype(np.uint8)
    told = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(3, 4)).eval()
    same = extraction.loss_terms(images, images, images, 0, told, CPU)
    assert same["l1"] == 0
    darker = extraction.loss_terms(images // 2, images, images, 0, told, CPU)
    assert darker["l1"] > 0.1
    assert darker["spectral"] > 10 * same["spectral"]
    assert list(darker) == ["l1", "spectral", "variance", "auxiliary"]


def test_the_stage_that_is_furthest_apart_is_named():
    rng = np.random.default_rng(0)
    rows = []
    for seed, stage, base in itertools.product((0, 10), stages.STAGES, (True, False)):
        generator = CameraGenerator(4, 0).requires_grad_(False)
        for parameter in generator.parameters():
            parameter += torch.from_numpy(np.asarray(rng.normal(0, 1e-3, parameter.shape))).float()
        if not base:
            {"mosaic": generator.mosaic, "demosaicing": generator.filters}.get(stage, torch.zeros(1)).sub_(0.2)
            {"noise": generator.noise, "sharpening": generator.sharpening[:1]}.get(stage, torch.zeros(1)).add_(0.2)
            {"subsampling": generator.subsampling[2:], "JPEG": generator.scale}.get(stage, torch.zeros(1)).add_(0.2)
        if stage == "demosaicing" and not base:
            generator.filters[::2] += 0.4
        camera = stages.BASE if base else stages.STAGES[stage]
        place = {"dataset.data": f"data/stages/{stage}", "style_gan.seed": seed, "camera": camera.name}
        rows.append({**place, "reading": generator.reading()})
    found = readings.of_pairs(rows)
    said = verdict_on_readings.pairs_sentence(found)
    assert said == "The stage in which two cameras differ is furthest apart in 12 of 12 cases (6 pairs, 2 seeds)."
    wrong = [{**each, "named": "noise"} for each in found]
    assert "Where they differ in JPEG, noise is furthest apart in 2 of 2." in verdict_on_readings.pairs_sentence(wrong)
    assert len(figures.pairs(found).axes[0].texts) == 36
    assert {each["stage"]: each["named"] for each in found} == {stage: stage for stage in stages.STAGES}
    for few in (rows[:1], [row for row in rows if row["style_gan.seed"] == 0]):
        with pytest.raises(ValueError, match="at least two seeds"):
            readings.of_pairs(few)


def test_real_cameras_readings_stand_beside_their_files():
    reading = CameraGenerator(4, 0).reading()
    rows = [
        {"reading": {"a": reading}, "l1": {"a": 0.1}, "turned": {name: {"a": 0.9} for name in (*JUDGES, "auxiliary")}}
    ] * 2
    trial = {"rows": rows, "files": {"a": {"subsampling": {"4:2:2": 9, "4:2:0": 1}, "quality": 97.0}}}
    (found,) = verdict_on_readings.of_real(trial)
    assert (found["subsampling"], found["files_subsampling"]) == ("4:4:4 (2 of 2)", "4:2:2")
    assert found["quality"].value == pytest.approx(95)
    trial["content"] = {"a": 12.0}
    trial["right"] = {name: Estimate(0.8, 0.7, 0.9, 10, "photo", method="made up") for name in JUDGES}
    said = verdict_on_readings.real_sentence(trial, [found])
    assert "is read as in the files for 0 of 1 cameras, and JPEG's quality −2.0 to −2.0 off" in said
    assert "Judges turn 90.0%" in said
    assert said.endswith(
        "of test crops they name 80.0% rightly. L1 is 0.10. The inputs lie +12.0 to +12.0 dB above the crops."
    )
    assert figures.real([found]).rows


def test_ways_to_remove_a_trace_are_averaged_over_seeds():
    def of(variant: str, seed: int, share: float) -> dict:
        right = {
            name: Estimate(share, 0.0, 1.0, 10, "photo", method="made up")
            for name in (*JUDGES, "auxiliary", "quantized")
        }
        return {"variant": variant, "seed": seed, "l1": 0.02, "right": right}

    rows = verdict.removed([of("untouched", 0, 0.9), of("towards no camera", 0, 0.3), of("towards no camera", 1, 0.4)])
    assert [row["n"] for row in rows] == [1, 2]
    assert rows[0]["judges"] == pytest.approx(0.9)
    assert rows[1]["judges"].value == pytest.approx(0.35)
    said = verdict.removed_sentence(rows)
    assert said.startswith("Independent judges are right in 90.0% of untouched crops. After “towards no camera”: 35.0%")
    assert figures.removed(rows).rows


def test_shares_of_images_with_a_grid_are_said_of_blocks_and_of_others():
    kinds = {extraction.BEST: 0.99, "a plain network": 0.02}
    rows = [{**row(name, 3, 0.9), "grid": dict.fromkeys(NAMES, share)} for name, share in kinds.items()]
    rows[0]["reading"] = {}
    found = extraction.by_variant(rows)
    oracle_row = {**row("o", 0, 0.9), "told_oracle": dict.fromkeys(NAMES, 0.5)}
    answered = verdict.answer(
        extraction.by_variant([{**row(extraction.BEST, 3, 0.9), "told_oracle": dict.fromkeys(NAMES, 0.8)}]),
        extraction.over_seeds([oracle_row]),
    )
    assert "in 80% of cases, where 50% is chance" in answered
    said = verdict.grid_sentence(rows, found, extraction.over_seeds([{**row("o", 0, 0.9), "grid": {"a": 0.96}}]))
    assert "found in 99.0% of the images of generators built as cameras, and in 96.0% of the oracle's" in said
    assert "at most 2.0% (“a plain network”)" in said
    assert len(figures.grid(found, 0.0, dict.fromkeys(NAMES, 0.95)).rows) == 4


def test_readings_of_two_kinds_stand_beside_each_other_and_terms_are_means():
    held = [{camera.name: readings.with_numbers_of(camera).reading() for camera in CAMERAS}]
    read = readings.over_seeds(held, list(CAMERAS))
    shown = figures.readings({"one": read, "other": read})
    assert len(shown.rows) == len(read)
    assert all(row[2] == row[3] for row in shown.rows)
    terms = {camera: {"l1": 0.01 * (k + 1), "spectral": 0.2} for k, camera in enumerate(NAMES)}
    made = [{"variant": "a", "told": {}, "reading": {}, "terms": {"whole scenes": terms}}] * 2
    trial = {"rows": [*made, row("no terms", 0, 0.5)], "terms": {"the oracle": {"whole scenes": terms}}}
    found, oracles = verdict.terms(trial)
    assert found["l1"] == pytest.approx(0.025)
    assert (found["images"], oracles["variant"]) == ("whole scenes", "the oracle")
