"""The trials that set this project beside others' work: toy images, spectral errors, the order, the extractor."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from camgan_lib.book import published
from camgan_lib.measure.estimates import read, recorded
from camgan_lib.show.figures import outside
from camgan_lib.verdicts import outside as words

RNG = np.random.default_rng(0)
SEEDS = np.tile(np.arange(10), 2)
"""Of ten networks of each of two kinds."""


def trial(name: str):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[2] / "trials" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bias, synthesis = trial("frequency_bias"), trial("model_synthesis")


def test_toy_images_have_two_rings_of_frequencies():
    images = bias.toy_images(6, seed=1)
    assert images.shape == (6, 32, 32, 3)
    assert np.array_equal(images, bias.toy_images(6, seed=1))
    at, power = bias.reduced_spectrum(images)
    level = {name: power[(at >= low) & (at <= high)].mean() for name, (low, high) in bias.BANDS.items()}
    assert min(level["low peak"], level["high peak"]) > 5 * max(level["between"], level["highest"])


def test_spectral_errors_have_the_sign_of_what_is_done():
    images = bias.toy_images(4, seed=2)
    same = bias.errors(images, images)
    assert all(same[name] == 0 for name in (*bias.BANDS, "size"))
    board = images + 20.0 * (-1) ** np.add.outer(np.arange(32), np.arange(32))[:, :, None]
    assert bias.errors(board, images)["highest"] > 3
    smooth = sum(np.roll(images.astype(float), shift, 1) for shift in (-1, 0, 1)) / 3
    assert bias.errors(smooth, images)["high peak"] < -3


@pytest.mark.parametrize(("network", "kind"), [(n, k) for n, (_, kinds) in bias.NETWORKS.items() for k in kinds])
def test_every_network_of_the_testbed_makes_images(network, kind):
    codes = torch.randn(2, bias.CODE, generator=torch.Generator().manual_seed(0))
    assert bias.NETWORKS[network][0](4, kind)(codes).shape == (2, 3, 32, 32)


def test_zeros_and_a_convolution_are_a_transposed_convolution():
    x = torch.randn(1, 2, 5, 5, generator=torch.Generator().manual_seed(0))
    transposed = torch.nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, output_padding=1)
    weight = transposed.weight.transpose(0, 1).flip(2, 3)
    same = torch.nn.functional.conv2d(bias.Zeros()(x), weight, transposed.bias, padding=1)
    assert torch.allclose(transposed(x), same, atol=1e-6)


def rows_of(network: str, highest: dict[str, float]) -> list[dict]:
    """Recorded trainings with a given mean error per layer at the highest frequencies, negative at the high peak."""
    rows = []
    for seed in range(5):
        for kind in bias.NETWORKS[network][1]:
            last = dict.fromkeys((*bias.BANDS, "size", "psnr"), -0.5) | {"highest": highest.get(kind, 0.0)}
            course = [{name: value + 0.02 * RNG.normal() for name, value in last.items()}]
            spectra = {"frequency": [0.1, 0.2], "spectrum": [1.0, 2.0], "wanted": [2.0, 2.0]}
            rows.append({"network": network, "kind": kind, "seed": seed, "course": course, **spectra})
    return rows


def test_the_published_order_is_found_or_contradicted_or_not_shown():
    published = {"zeros": 0.5, "shuffle": 0.5, "nearest": -0.5, "bilinear": -0.5}
    rows = rows_of("progressive", published)
    found = bias.compared(rows, "progressive")
    assert found["signs"] == found["order"] == "holds"
    assert bias.compared(rows[:-1], "progressive")["layers"][0]["highest"].n == 4
    turned = {name: -value for name, value in published.items()}
    assert bias.compared(rows_of("progressive", turned), "progressive")["order"] == "contradicted"
    assert bias.compared(rows_of("progressive", {}), "progressive")["order"] == "not shown"


def spectra_of(kind: int, count: int) -> np.ndarray:
    """Spectra in dB with a row of lines that tells their kind."""
    spectra = RNG.normal(0, 1, (count, 32, 32))
    spectra[:, 4 + 4 * kind] += 12
    return spectra


def test_an_extractor_names_what_it_has_learned_and_is_judged_by_seeds():
    kinds = np.repeat(["transpose3", "nearest"], 10)
    learned = np.concatenate([spectra_of(0, 10), spectra_of(1, 10)])
    extractor = synthesis.Extractor(learned, kinds)
    named = extractor(np.concatenate([3 * spectra_of(0, 10), 3 * spectra_of(1, 10)]))
    found = synthesis.judged(named, kinds, SEEDS)
    assert found["accuracy"].value == 1
    assert (found["accuracy"].n, found["accuracy"].unit) == (10, "seed")
    assert 0 < found["accuracy"].low < 1
    assert found["p"] < 0.02
    assert found["chance"] == pytest.approx(0.5)


def test_naming_one_kind_for_all_is_chance_with_an_interval():
    kinds, named = np.repeat(["transpose3", "nearest"], 10), np.repeat("nearest", 20)
    found = synthesis.judged(named, kinds, SEEDS)
    assert found["accuracy"].value == 0.5
    assert found["chance"] == pytest.approx(0.5)
    assert found["accuracy"].low < 0.4
    assert found["p"] == 1


def test_the_interval_grows_with_the_spread_over_seeds_alone():
    kinds, named = np.repeat(["transpose3", "nearest"], 10), np.repeat(["transpose3", "nearest"], 10)
    named[[0, 1, 2, 10, 11, 12]] = "bilinear"
    together = synthesis.judged(named, kinds, SEEDS)["accuracy"]
    apart = synthesis.judged(named, kinds, np.concatenate([np.arange(10), np.roll(np.arange(10), 3)]))["accuracy"]
    assert together.value == apart.value == 0.7
    assert together.high - together.low > apart.high - apart.low


@pytest.mark.slow
def test_a_synthetic_network_learns_to_return_its_input():
    images = bias.toy_images(16, seed=3)
    before, after = (synthesis.spectra(synthesis.synthetic("nearest", 0, s, images), images) for s in (0, 8))
    assert before["residual"].shape == before["output"].shape == (32, 32)
    assert after["residual"].mean() < before["residual"].mean()


def test_tables_and_figures_say_what_they_are_given():
    rows = rows_of("progressive", {"zeros": 0.5})
    networks = read(recorded([bias.compared(rows, "progressive")]))
    highest = networks[0]["layers"][0]["highest"]
    assert f"{highest:+.1f}" in repr(outside.spectral_errors(networks))
    assert "nearest − zeros" in repr(outside.order(networks))
    networks[0]["tests"][0]["p"] = 1e-5
    assert "< 0.001" in repr(outside.order(networks))
    assert len(outside.reduced_spectra(rows).axes) == 1
    kinds = np.repeat(["transpose3", "nearest"], 10)
    judged = synthesis.judged(kinds, kinds, SEEDS)
    one = {"set": "untrained", "spectrum": "output", "held_out": judged["accuracy"], "p_holm": 0.01, "trained": judged}
    text = repr(outside.extractors({"extractors": [one], "control": {"output": judged}}))
    assert "untrained" in text
    assert "trained, other seeds" in text
    assert "10" in repr(outside.confusion(judged, "output"))


def test_a_difference_that_may_be_chance_is_hollow():
    networks = read(recorded([bias.compared(rows_of("progressive", {"zeros": 0.5}), "progressive")]))
    for at, test in enumerate(networks[0]["tests"]):
        test["p"] = 0.2 if at < 3 else 0.01
    axes = outside.order_points(networks).axes[0]
    names = [label.get_text().replace("\n", " ") for label in axes.get_yticklabels()]
    assert names == [f"{test['what']} ({test['expected']})" for test in reversed(networks[0]["tests"])]
    points = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata())]
    hollow = [line for line in points if line.get_markerfacecolor() != line.get_color()]
    assert sum(len(line.get_xdata()) for line in hollow) == 3
    assert sum(len(line.get_xdata()) for line in points) == len(names)


def test_words_on_published_trials_agree_with_their_subjects():
    said = words.of_frequency_bias(published.trial("frequency_bias"))
    assert said["bias_order_progressive"].startswith("is ")
    assert said["bias_signs_progressive"].startswith("are ")
    named = words.of_model_synthesis(published.trial("model_synthesis"))
    assert named["synthesis_output_untrained_p"].startswith("p ")
    mistaken, asked = map(int, named["synthesis_mistaken"].split(" of "))
    assert 0 <= mistaken <= asked
