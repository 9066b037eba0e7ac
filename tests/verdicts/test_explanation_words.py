"""Sentences on explanations follow from tests."""

from camgan_lib.measure.statistics import against_networks, over
from camgan_lib.verdicts import explanations as words

ABOVE, BELOW, NONE = (
    over([centre - 0.02, centre + 0.02 * centre, centre + 0.02], "photo") for centre in (0.2, -0.2, 0.0)
)


def test_saliency_is_worded_by_its_tests():
    near = over([-0.01, 0.0, 0.01], "network")
    said = words.saliency(BELOW, near, against_networks(BELOW, near.units))
    assert "prefers smooth places; saliency of untrained networks is not shown to prefer either" in said
    assert "less than one more of them" in said
    said = words.saliency(ABOVE, near, against_networks(ABOVE, near.units))
    assert "prefers edges;" in said
    assert "more than one more of them" in said
    wide = over([-0.3, 0.0, 0.2], "network")
    assert "could be one of them" in words.saliency(BELOW, wide, against_networks(BELOW, wide.units))
    assert "not shown to prefer" in words.saliency(NONE, near, against_networks(NONE, near.units))


def test_filters_are_counted_and_the_layer_is_judged():
    found = {"n": 16, "random": 4096, "p": [0.2], "following": 0, "layer_p": 0.5}
    assert words.filters(found, "random").startswith("None of 16 filters is shown to follow edges")
    assert "is not shown to follow edges more than 256 layers" in words.filters(found, "random")
    assert "1 of 16 filters is shown" in words.filters({**found, "following": 1}, "random")
    said = words.filters({**found, "following": 3, "layer_p": 0.004}, "random")
    assert "3 of 16 filters are shown" in said
    assert "The layer as a whole is shown to follow edges more" in said


def test_filters_that_did_not_begin_at_random_are_not_tested():
    found = {"n": 16, "random": 4096, "p": [0.01] * 3 + [0.2] * 13, "following": 0, "layer_p": 0.001}
    said = words.filters(found, "high-pass")
    assert said.startswith("3 of 16 filters rank among the 5 %")
    assert "tests nothing" in said
    assert "p =" not in said


def test_gains_are_compared_in_pairs():
    rows = [{"order": "pixels: saliency", "gain": NONE}, {"order": "frequencies: gradient × image", "gain": ABOVE}]
    said = words.gains(rows)
    assert "pixels by saliency are not shown to beat" in said
    assert "frequencies gain +0.201" in said
    assert "frequencies gain more than pixels" in said
    rows[0]["gain"], rows[1]["gain"] = BELOW, BELOW
    assert "worse than a random order" in words.gains(rows)
    assert "is not shown" in words.gains(rows)


def test_infidelity_names_the_noise_at_which_maps_foretell():
    p = {"gradient": (0.001, 0.001, 0.3), "gradient, untrained networks": (0.9, 0.9, 0.9)}
    rows = [
        {"map": name, "noise": level, "p": each[k]}
        for k, level in enumerate((0.1, 1.0, 3.0))
        for name, each in p.items()
    ]
    said = words.infidelity(rows)
    assert "own gradient foretells part of the logit's changes at 0.1 and 1 levels of noise, but is not" in said
    assert "an untrained network is not shown to foretell any" in said
