"""The game: the same round for the same seed, three of each kind, by keys, with a score."""

import numpy as np
import pytest
import small_networks

from camgan_lib.measure.generators import pack
from camgan_lib.show.widgets.which_generator import WhichGenerator, cards

AUCS = {"trained on cameras": 0.86, "untrained": 0.92}


def spectra(kind: str, count: int) -> list[tuple[str, np.ndarray]]:
    rng = np.random.default_rng(len(kind))
    return [(f"{kind} {k}", rng.normal(0, 6, (32, 32))) for k in range(count)]


@pytest.fixture
def shown(browser, tmp_path, monkeypatch):
    monkeypatch.setenv("CAMGAN_STATIC", "1")
    monkeypatch.setenv("CAMGAN_BUILD", str(tmp_path))
    others = {"untrained": spectra("untrained", 5), "trained to copy": spectra("copy", 4)}
    path = small_networks.page_of(tmp_path, WhichGenerator(spectra("trained", 7), others, AUCS, seed=3))

    def show(address=""):
        return small_networks.opened(browser, path, address)

    return show


def reveal(page) -> list[str]:
    """Chooses the first three cards and shows all: what they are."""
    for letter in "ABC":
        page.get_by_role("button", name=f"Spectrum {letter},").press("Enter")
    page.get_by_role("button", name="show which they are").press("Enter")
    return page.locator(".camgan-truth").all_inner_texts()


@pytest.mark.browser
def test_a_round_follows_from_its_seed_and_half_have_seen_a_camera(shown):
    rounds = []
    for address in (
        "#view:turn=2",
        "#view:turn=2",
        "#view:turn=3",
        "#view:turn=2&seed=4",
        "#view:turn=2&against=trained to copy",
    ):
        with shown(address) as page:
            rounds.append(reveal(page))
    assert rounds[0] == rounds[1]
    assert rounds[0] != rounds[2]
    assert rounds[0] != rounds[3]
    for names, kind in zip(rounds, (*["untrained"] * 4, "copy"), strict=True):
        kinds = [name.split()[1] for name in names]
        assert kinds.count("trained") == 3
        assert kinds.count(kind) == 3
        assert len(set(names)) == 6


@pytest.mark.browser
def test_the_score_counts_rounds_and_the_aucs_follow(shown):
    with shown() as page:
        right = 0
        for number in (1, 2, 3):
            names = reveal(page)
            found = sum(name.split()[1] == "trained" for name in names[:3])
            right += found
            assert [name[0] for name in names] == [
                "✓" if (name.split()[1] == "trained") == (k < 3) else "✗" for k, name in enumerate(names)
            ]
            said = page.locator(".camgan-reading").inner_text()
            assert said.startswith(f"{found} of your 3 have seen a camera. So far {right} of {3 * number}")
            assert "0.86 (trained on cameras), 0.92 (untrained)" in page.locator(".camgan-note").inner_text()
            page.get_by_role("button", name="next round").press("Enter")
            assert not page.locator(".camgan-note").is_visible()
        page.wait_for_function("location.hash.includes('turn=4')")


@pytest.mark.browser
def test_three_have_to_be_chosen(shown):
    with shown() as page:
        page.get_by_role("button", name="Spectrum A,").press("Enter")
        page.get_by_role("button", name="show which they are").press("Enter")
        assert "Choose three first; 1 are chosen" in page.locator(".camgan-reading").inner_text()
        assert page.locator(".camgan-truth").all_inner_texts() == [""] * 6


def test_cards_are_of_every_variant_that_changes_anything():
    spectrum = np.random.default_rng(0).normal(size=(32, 32))
    spectrum = (spectrum + spectrum[(-np.arange(32)) % 32][:, (-np.arange(32)) % 32]) / 2
    rows = [
        {"variant": variant, "camera": f"camera {k}", "l1": 0.1 * (variant != "none"), "residual_db": pack(spectrum)}
        for variant in ("shuffle", "none", "nearest")
        for k in range(4)
    ]
    found = cards(rows, "{camera}, {variant}", 2)
    assert [name for name, _ in found] == [f"camera {k}, {v}" for v in ("shuffle", "nearest") for k in range(2)]
    assert np.abs(found[0][1] - spectrum).max() < 0.01


def test_two_of_a_kind_are_too_few(monkeypatch):
    monkeypatch.setenv("CAMGAN_STATIC", "1")
    with pytest.raises(ValueError, match="three generators of each kind"):
        WhichGenerator(spectra("trained", 3), {"untrained": spectra("untrained", 2)}, AUCS)
