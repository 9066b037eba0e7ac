"""Lines with known answers: noise, power laws with a cross, JPEG grid, mosaic, planted lines, random phases."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy.stats import chi2, kstest

from camgan_lib.measure import lines, spectrum

N = 32
GAIN = spectrum.hann(N).sum() ** 2 / (spectrum.hann(N) ** 2).sum()
"""Power of cos(2πx·k/n), of amplitude 1, at a bin where the transform is real. Elsewhere each of ±k has a quarter."""


def noise(count: int, seed: int = 0, sigma: float = 10.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(128, sigma, (count, N, N, 3))


def tone(u: int, v: int, amplitude: float = 1.0) -> np.ndarray:
    x = np.arange(N)
    return amplitude * np.cos(2 * np.pi * (u * x[:, None] + v * x[None]) / N)


def smooth_scenes(count: int, size: int = 64, seed: int = 0) -> np.ndarray:
    """Random images with a 1/f amplitude spectrum, float count×size×size around 128."""
    rng = np.random.default_rng(seed)
    f = np.hypot(*np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size)))
    f[0, 0] = np.inf
    fields = np.fft.ifft2(np.fft.fft2(rng.normal(size=(count, size, size))) / f).real
    return 128 + 35 * fields / fields.std((1, 2), keepdims=True)


def sampled_fields(count: int, alpha: float, cross: float, seed: int = 0) -> np.ndarray:
    """Crops of fields with a power of 1/f^alpha, every other pixel sampled, whose axes are stronger by 1 + `cross`."""
    rng, f = np.random.default_rng(seed), np.fft.fftfreq(256)
    radius = np.hypot(f[:, None], f)
    radius[0, 0] = np.inf
    axis = (np.abs(f) < 0.5 / 256)[:, None] | (np.abs(f) < 0.5 / 256)
    gain = radius ** (-alpha / 2) * (1 + cross * axis)
    fields = np.fft.ifft2(np.fft.fft2(rng.normal(size=(count, 256, 256))) * gain).real[:, ::2, ::2]
    return fields.reshape(count, 4, N, 4, N).swapaxes(2, 3).reshape(-1, N, N)


def strengths(images: np.ndarray) -> dict[str, float]:
    return lines.from_power(spectrum.power(images).mean(0))


@pytest.mark.parametrize(("alpha", "cross"), [(0, 4), (1, 4), (2, 4)])
def test_noise_and_sampled_power_laws_have_no_lines_whatever_their_axes(alpha, cross):
    found = strengths(sampled_fields(150, alpha, cross))
    assert {c: v for c, v in found.items() if abs(v) > 0.4} == {}


def test_a_bin_is_compared_with_its_own_ray_away_from_lines():
    weights, masks = lines.contrasts(N), spectrum.classes_of_bins(N)
    assert np.allclose(weights.sum((1, 2)), 0)
    assert not weights[:, ~(np.any(list(masks.values())[:-1], axis=0) | masks["rest"])].any()
    axis = np.zeros((N, N), bool)
    axis[N // 2] = axis[:, N // 2] = True
    for c, name in enumerate(spectrum.CLASSES):
        assert weights[c][masks[name]].sum() == pytest.approx(1)
        used = np.argwhere((weights[c] != 0) & ~masks[name]) - N // 2
        assert {int(max(abs(u), abs(v))) % 4 for u, v in used} == {2}
        assert axis[(weights[c] != 0)].all() == (name != "diagonal_nyquist")


def test_exact_laws_give_exactly_nothing():
    f = np.abs(spectrum.frequencies(N))
    f[N // 2] = np.nan
    law = np.ones((N, N))
    law[N // 2], law[:, N // 2] = 3 * np.sin(np.pi * f) ** -2.6, 5 * np.sin(np.pi * f) ** 1.4
    law[N // 2, N // 2] = 1
    found = lines.from_power(law)
    assert all(abs(found[f"{c}_db"]) < 1e-9 for c in spectrum.CLASSES)
    assert max(map(abs, lines.from_power(np.zeros((N, N))).values())) < 1e-9


@pytest.mark.parametrize(("u", "v", "bins", "share"), [(16, 0, "axis_nyquist", 2), (16, 16, "diagonal_nyquist", 1)])
def test_a_planted_line_is_recovered(u, v, bins, share):
    images = noise(400)[..., 0] + tone(u, v)
    expected = 10 * np.log10((100 + GAIN) / 100) / share
    found = strengths(images)
    assert found.pop(f"{bins}_db") == pytest.approx(expected, abs=0.5)
    assert max(map(abs, found.values())) < 0.5


def test_a_line_on_a_field_with_a_cross_is_recovered():
    fields = sampled_fields(40, 2, 4)
    power = spectrum.power(fields).mean(0)
    amplitude = np.sqrt(4 / GAIN * 3 * power[N // 2, N // 2 + 8])
    found, before = strengths(fields + tone(0, 8, amplitude)), strengths(fields)
    assert found["quarters_db"] - before["quarters_db"] == pytest.approx(10 * np.log10(4) / 2, abs=0.3)


def test_coherence_of_noise_is_its_null_and_of_one_pattern_one():
    count = 256
    coherent = lines.coherence(noise(count)).mean(-1)
    assert coherent[spectrum.classes_of_bins(N)["rest"]].mean() == pytest.approx(1 / count, rel=0.2)
    same = np.repeat(noise(1), 8, axis=0)
    assert np.allclose(lines.coherence(same)[3:9, 3:9], 1)


def test_coherence_of_random_phases_is_distributed_as_the_critical_values_say():
    """Uneven images, so that the phases alone are random."""
    rng, count, studies = np.random.default_rng(1), 60, 300
    masks, critical = spectrum.classes_of_bins(N), lines.critical_coherence(60)
    sizes = rng.uniform(0.5, 2, (studies, count, 1, 1))
    found = [lines.coherence(rng.normal(0, 1, (count, N, N)) * size) for size in sizes]
    assert kstest([count * c[10, 13] for c in found], "expon").pvalue > 0.01
    means = {name: np.array([c[masks[name]].mean() for c in found]) for name in spectrum.CLASSES}
    for name, values in means.items():
        bins = masks[name].sum()
        assert kstest(values * count * bins, chi2(bins).cdf).pvalue > 0.01
    above = np.any([means[name] > critical[name] for name in means], axis=0).mean()
    assert above < 0.05 + 3 * (0.05 * 0.95 / studies) ** 0.5
    assert lines.critical_coherence(4)["diagonal_nyquist"] == 1, "of four images nothing is shown"


def test_a_report_has_the_strengths_and_coherences_of_each_class():
    images = np.random.default_rng(0).normal(0, 3, (64, N, N, 3)) + tone(16, 16, 2.0)[None, :, :, None]
    report = lines.line_report(images)
    assert report["diagonal_nyquist_coherence"] > 0.9 > 0.2 > report["diagonal_nyquist_critical_coherence"]
    assert report["odd_eighths_coherence"] < report["odd_eighths_critical_coherence"]
    assert report["null_coherence"] == 1 / 64
    assert {k: v for k, v in report.items() if k.endswith("_db")} == lines.from_power(
        spectrum.power(images).mean((0, -1))
    )


def test_a_jpeg_shows_at_eighths_and_quarters():
    crops, plain = [], smooth_scenes(60, seed=1)
    for scene in plain:
        buffer = io.BytesIO()
        Image.fromarray(scene.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=60)
        crops.append(np.asarray(Image.open(buffer))[16:48, 16:48])
    before = lines.line_report(spectrum.log_variance(plain[:, 16:48, 16:48].clip(0, 255).astype(np.uint8))[..., None])
    after = lines.line_report(spectrum.log_variance(np.stack(crops))[..., None])
    for name in ("quarters", "odd_eighths"):
        assert abs(before[f"{name}_db"]) < 0.8
        assert after[f"{name}_db"] > before[f"{name}_db"] + 1


def test_a_bilinear_mosaic_shows_in_the_log_variance_and_not_in_the_plain_spectrum():
    scenes = smooth_scenes(60, size=N, seed=2) + np.random.default_rng(3).normal(0, 3, (60, N, N))
    missing = np.add.outer(np.arange(N), np.arange(N)) % 2 == 0
    around = spectrum.high_pass(scenes) + scenes
    mosaic = np.where(missing, around, scenes).round()
    plain = lines.line_report(mosaic[..., None])["diagonal_nyquist_db"]
    varied = lines.line_report(spectrum.log_variance(mosaic)[..., None])["diagonal_nyquist_db"]
    assert varied > 15
    assert varied > plain + 10


def striped(photos: int, crops: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    """Noise with vertical stripes of period 4, stronger in some photos; of which photo; the truth for "quarters"."""
    photo = np.repeat(np.arange(photos), crops)
    amplitude = rng.uniform(0, 1, photos)[photo][:, None, None]
    images = rng.normal(0, 1, (len(photo), N, N)) + amplitude * tone(0, 8)
    return images, photo, 10 * np.log10(1 + GAIN / 3 / 4) / 2


def test_strengths_have_intervals_by_photo():
    images, photo, truth = striped(30, 8, np.random.default_rng(0))
    found = lines.of_photos(images, photo)
    line = found["quarters_db"]
    assert line.low < truth < line.high
    assert (line.n, line.unit) == (30, "photo")
    assert line.value == pytest.approx(strengths(images)["quarters_db"])
    assert all(found[f"{c}_db"].low < 0 < found[f"{c}_db"].high for c in spectrum.CLASSES if c != "quarters")
    assert lines.of_photos(images, photo, unit="scene")["quarters_db"].unit == "scene"
    assert lines.of_photos(images[:24], photo[:24])["quarters_db"].unit == "image", "of three photos"


def test_the_strongest_line_of_all_sets_is_the_planted_one_and_all_intervals_hold_at_once():
    images, photo, _ = striped(30, 8, np.random.default_rng(0))
    quiet = np.random.default_rng(1).normal(0, 1, images.shape)
    alone = {"striped": lines.of_photos(images, photo), "quiet": lines.of_photos(quiet, photo)}
    found = lines.together(alone)
    name, key, line = lines.strongest(found)
    assert (name, key) == ("striped", "quarters_db")
    assert line.level == pytest.approx(1 - 0.05 / 8)
    assert line.low < alone[name][key].low < line.value == alone[name][key].value
    assert {c for c, each in found["quiet"].items() if each.high < 3} == set(found["quiet"]), "no line in any class"


def test_lines_are_compared_photo_by_photo_and_with_the_same_line():
    images, photo, _ = striped(40, 8, np.random.default_rng(4))
    quiet = np.random.default_rng(5).normal(0, 3, images.shape)
    first, second = (lines.together({"a": lines.of_photos(each, photo)}) for each in (images, quiet))
    more = lines.differences(first, second)["a"]
    for key, each in more.items():
        assert each.value == pytest.approx(first["a"][key].value - second["a"][key].value)
        assert each.level == pytest.approx(1 - 0.05 / 4)
    assert more["quarters_db"].low > 0 > more["axis_nyquist_db"].low
    other = lines.together({"a": lines.of_photos(quiet[:80], photo[:80], unit="scene")})
    assert "MOVER" in lines.differences(first, other)["a"]["quarters_db"].method


@pytest.mark.slow
def test_intervals_of_strengths_hold_the_truth():
    rng, studies, held, together = np.random.default_rng(2), 300, 0, 0
    for _ in range(studies):
        images, photo, truth = striped(26, 8, rng)
        strengths = lines.of_photos(images[photo < 13], photo[photo < 13])
        one, line = strengths["quarters_db"], lines.together({"a": strengths})["a"]["quarters_db"]
        held += one.low <= truth <= one.high
        together += line.low <= truth <= line.high
    assert 0.915 < held / studies < 0.985
    assert together / studies > 0.97


def test_what_untrained_generators_do_not_draw_is_named_and_corrected():
    rng = np.random.default_rng(3)
    own, photo, _ = striped(20, 8, rng)
    names = [f"{c}_db" for c in spectrum.CLASSES]
    untrained = [dict(zip(names, rng.normal((5, 9, 0, 0), (4, 2, 0.3, 0.3)), strict=True)) for _ in range(40)]
    rows = [{"name": "a", **lines.of_photos(own, photo)}]
    found = lines.beyond(rows, untrained)
    assert [(row["name"], row["bins"]) for row in found] == [("a", c) for c in spectrum.CLASSES]
    assert {row["bins"] for row in found if row["p"] < 0.05} == {"quarters", "diagonal_nyquist"}
    assert found[2]["difference"].low > 0
    reports = [lines.line_report(own[:40, :, :, None]), lines.line_report(own[40:80, :, :, None])]
    mean = lines.over_networks(reports)
    assert mean["quarters_db"].unit == "network"
    assert mean["quarters_db"].value == pytest.approx(np.mean([each["quarters_db"] for each in reports]))
    assert mean["null_coherence"] == 1 / 40
