"""Spectra with known answers: impulse, tone, checkerboard, noise, JPEG grid, mosaic, planted lines and patterns."""

import io

import numpy as np
import pytest
from PIL import Image

from camgan_lib.measure import colours, spectrum

N = 32


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


def test_luminance_of_grey_is_grey():
    assert np.allclose(spectrum.luminance(np.full((1, 2, 2, 3), 77, np.uint8)), 77)


def test_an_impulse_is_flat():
    image = np.zeros((1, N, N))
    image[0, 5, 9] = 1
    flat = spectrum.power(image, window=False)[0]
    flat[N // 2, N // 2] = flat[0, 0]
    assert np.allclose(flat, 1 / N**2)


@pytest.mark.parametrize(("u", "v"), [(3, 0), (0, 7), (5, -4), (16, 0), (16, 16)])
@pytest.mark.parametrize("window", [False, True])
def test_a_tone_is_a_line_at_its_bin_and_level(u, v, window):
    image = 128 + tone(u, v, amplitude=2.0)[None]
    level = spectrum.power(image, window=window)[0]
    peak = (N // 2 + u) % N, (N // 2 + v) % N
    assert np.unravel_index(level.argmax(), level.shape) in {peak, ((N // 2 - u) % N, (N // 2 - v) % N)}
    amplitude = 2.0 if (u % 16, v % 16) == (0, 0) else 1.0
    gain = (spectrum.hann(N).sum() ** 2 / (spectrum.hann(N) ** 2).sum()) if window else N**2
    assert level[peak] == pytest.approx(amplitude**2 * gain)


def test_a_checkerboard_is_the_diagonal_nyquist():
    level = spectrum.power(128 + tone(16, 16)[None], window=False)[0]
    assert level[0, 0] == pytest.approx(level.sum())
    assert spectrum.classes_of_bins(N)["diagonal_nyquist"][0, 0]


def test_parseval():
    images = noise(3)
    energy = ((images - images.mean((1, 2), keepdims=True)) ** 2).sum((1, 2))
    assert np.allclose(spectrum.power(images, window=False).sum((1, 2)), energy)


@pytest.mark.parametrize("window", [False, True])
def test_white_noise_is_flat_at_its_variance(window):
    level = spectrum.power(noise(600), window=window).mean((0, -1))
    rest = spectrum.classes_of_bins(N)["rest"]
    away = rest & (np.abs(np.arange(N) - 16)[:, None] > 1) & (np.abs(np.arange(N) - 16)[None] > 1)
    assert level[away].mean() == pytest.approx(100, rel=0.02)
    assert np.abs(10 * np.log10(level[away] / 100)).max() < 1


def test_coherence_of_noise_is_its_null_and_of_one_pattern_one():
    count = 256
    coherent = spectrum.coherence(noise(count)).mean(-1)
    assert coherent[spectrum.classes_of_bins(N)["rest"]].mean() == pytest.approx(1 / count, rel=0.2)
    same = np.repeat(noise(1), 8, axis=0)
    assert np.allclose(spectrum.coherence(same)[3:9, 3:9], 1)


def test_classes_of_bins_part_the_spectrum():
    masks = spectrum.classes_of_bins(N)
    counts = {name: int(mask.sum()) for name, mask in masks.items()}
    assert counts == {"axis_nyquist": 2, "diagonal_nyquist": 1, "quarters": 4, "odd_eighths": 8, "rest": 960}
    assert np.sum(list(masks.values()), axis=0).max() == 1
    for name in spectrum.CLASSES:
        for axis in (0, 1):
            assert not (np.roll(masks[name], 2, axis) & ~masks["rest"]).any()


def test_a_planted_line_is_recovered():
    images = noise(400)[..., 0]
    images += tone(16, 0, amplitude=1.0)
    background, line = 100, spectrum.hann(N).sum() ** 2 / (spectrum.hann(N) ** 2).sum()
    expected = 10 * np.log10((background + line) / background)
    found = spectrum.line_report(images[..., None])
    assert found["diagonal_nyquist_db"] == pytest.approx(0, abs=0.5)
    strength = spectrum.line_strength(spectrum.power(images).mean(0))
    assert strength[0, 16] == pytest.approx(expected, abs=0.5)


def test_a_power_law_has_no_lines():
    f = np.hypot(*np.meshgrid(spectrum.frequencies(N), spectrum.frequencies(N)))
    f[16, 16] = 1 / N
    strength = spectrum.line_strength(f**-2.0)
    masks = spectrum.classes_of_bins(N)
    assert abs(strength[masks["odd_eighths"]].mean()) < 0.7
    assert abs(strength[masks["quarters"]].mean()) < 0.7


def test_high_pass_has_its_frequency_response():
    for u, v in [(16, 16), (16, 0), (8, 0), (2, 3)]:
        image = tone(u, v)[None]
        gain = -1 + 0.5 * (np.cos(2 * np.pi * u / N) + np.cos(2 * np.pi * v / N))
        assert np.allclose(spectrum.high_pass(image)[:, 1:-1, 1:-1], gain * image[:, 1:-1, 1:-1])
    assert np.allclose(spectrum.high_pass(np.full((1, N, N, 3), 90, np.uint8)), 0)


def test_a_jpeg_shows_at_eighths_and_quarters():
    crops, plain = [], smooth_scenes(60, seed=1)
    for scene in plain:
        buffer = io.BytesIO()
        Image.fromarray(scene.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=60)
        crops.append(np.asarray(Image.open(buffer))[16:48, 16:48])
    before = spectrum.line_report(
        spectrum.log_variance(plain[:, 16:48, 16:48].clip(0, 255).astype(np.uint8))[..., None]
    )
    after = spectrum.line_report(spectrum.log_variance(np.stack(crops))[..., None])
    for name in ("quarters", "odd_eighths"):
        assert abs(before[f"{name}_db"]) < 0.8
        assert after[f"{name}_db"] > before[f"{name}_db"] + 1


def test_a_bilinear_mosaic_shows_in_the_log_variance_and_not_in_the_plain_spectrum():
    scenes = smooth_scenes(60, size=N, seed=2) + np.random.default_rng(3).normal(0, 3, (60, N, N))
    missing = np.add.outer(np.arange(N), np.arange(N)) % 2 == 0
    around = spectrum.high_pass(scenes) + scenes
    mosaic = np.where(missing, around, scenes).round()
    plain = spectrum.line_report(mosaic[..., None])["diagonal_nyquist_db"]
    varied = spectrum.line_report(spectrum.log_variance(mosaic)[..., None])["diagonal_nyquist_db"]
    assert varied > 15
    assert varied > plain + 10


def test_radial_profile_of_noise_is_flat_and_in_cycles_per_pixel():
    frequency, level = spectrum.radial_profile(np.full((N, N), 100.0))
    assert frequency[0] == 1 / N
    assert frequency[-1] == 0.5
    assert np.allclose(level, 20)


def test_consistency_is_half_on_noise_and_one_on_planted_patterns():
    null = spectrum.consistency_auc([noise(60, seed) for seed in range(4)])
    assert null.low < 0.5 < null.high
    assert 0.4 < null.auc < 0.6
    content = noise(60, 9)
    planted = [content + tone(u, v, 8.0)[None, :, :, None] for u, v in [(16, 0), (0, 16), (8, 8), (4, 4)]]
    found = spectrum.consistency_auc(planted)
    assert found.auc > 0.99
    assert len(found.by_class) == 4


def test_shared_content_alone_is_no_consistency():
    content = smooth_scenes(50, size=N, seed=5)[..., None]
    rng = np.random.default_rng(6)
    groups = [content + rng.normal(0, 2, content.shape) for _ in range(3)]
    assert abs(spectrum.consistency_auc(groups).auc - 0.5) < 0.1


def test_content_of_one_photo_is_left_out_together():
    rng = np.random.default_rng(7)
    photos = rng.normal(128, 20, (24, N, N, 1))
    crops = np.repeat(photos, 4, axis=0) + rng.normal(0, 1, (96, N, N, 1))
    photo = np.repeat(np.arange(24), 4)
    groups, content = [crops[:48], crops[48:]], [photo[:48], photo[48:]]
    assert abs(spectrum.consistency_auc(groups, content).auc - 0.5) < 0.25
    assert spectrum.consistency_auc(groups, [np.arange(48), np.arange(48, 96)]).auc > 0.95


def test_pure_colours_are_constant_and_their_spread_is_measured():
    images = colours.pure_colours()
    assert images.dtype == np.uint8
    assert len(images) >= 8
    assert np.ptp(images, axis=(1, 2)).max() == 0
    assert colours.colour_spread(images) > 50
    assert colours.colour_spread(np.repeat(images[:1], 4, axis=0)) == 0


def test_odd_or_oblong_images_are_refused():
    with pytest.raises(ValueError, match="even side"):
        spectrum.transform(np.zeros((1, 31, 31)))
    with pytest.raises(ValueError, match="multiple of 16"):
        spectrum.classes_of_bins(24)
    with pytest.raises(ValueError, match="2 classes"):
        spectrum.consistency_auc([noise(3)])


def test_the_strongest_line_is_the_planted_one_and_its_interval_is_by_photo():
    rng = np.random.default_rng(0)
    photo = np.repeat(np.arange(30), 8)
    noise = rng.normal(0, 3, (len(photo), 32, 32))
    strength = np.repeat(rng.uniform(1, 5, 30), 8)[:, None, None]
    stripes = np.cos(np.pi / 2 * np.arange(32))[:, None]
    found = spectrum.strongest_line(noise + strength * stripes, photo)
    assert found.bins == "quarters"
    assert found.low < found.strength < found.high
    odd = photo % 2 == 1
    own = spectrum.line_report((noise + strength * stripes)[odd][..., None])
    assert found.strength == pytest.approx(own["quarters_db"])
    few = spectrum.strongest_line(noise[:24], photo[:24])
    assert few == spectrum.strongest_line(noise[:24], np.arange(24)), "of three photos each image counts as one"
    each = spectrum.strongest_line(noise + strength * stripes, np.arange(len(photo)))
    assert each.high - each.low < found.high - found.low
    null = spectrum.strongest_line(noise, photo)
    assert null.low < 1
