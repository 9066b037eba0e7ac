"""Tables: numbers on one point, units in heads, intervals in one piece, cards or a first column that stays in view."""

import re

import pytest

from camgan_lib.show.figures import tables
from camgan_lib.show.figures.cells import Numbers, number_in, typeset, words_as_html

RIGHT = ["93.9% (90.1% to 97.2%)", "5.0% (-1.0% to 12.0%)", "–"]


def made(*columns, caption=None, starts=()):
    """A table of these columns, each a head and its cells; the first names the rows a, b, …"""
    rows = [["abcdefghijkl"[at], *cells] for at, cells in enumerate(zip(*(cells for _, cells in columns), strict=True))]
    return tables.Table(["name", *(head for head, _ in columns)], rows, caption, starts)


def cells_of(shown):
    """The text of each cell, without its tags."""
    return [re.sub("<[^>]*>", "", each) for each in re.findall(r"<td.*?</td>", shown)]


def test_a_table_is_semantic_escaped_and_plain_in_a_terminal():
    rows = [{"camera": "<b>", "accuracy": 0.951}, {"camera": "c2"}]
    table = tables.table(rows, {"camera": ("Camera", "{}"), "accuracy": ("Right", "{:.1%}")}, "How many")
    shown = table._repr_html_()
    assert "<b>" not in shown
    assert [shown.count(f"<{tag}") for tag in ("caption", "thead", "tbody", 'th scope="col"', 'th scope="row"')] == [
        1,
        1,
        1,
        2,
        2,
    ]
    assert 'tabindex="0" role="region" aria-label="How many"' in shown
    assert cells_of(shown) == ["95.1", "–"]
    assert repr(table).splitlines() == ["How many", "Camera  Right", "<b>     95.1%", "c2      –"]


@pytest.mark.parametrize(
    ("text", "number", "unit", "mark", "note"),
    [
        ("93.9% (90.1% to 97.2%)", "93.9", "%", "", "90.1% to 97.2%"),
        ("-0.25", "-0.25", "", "", ""),
        ("2,000", "2,000", "", "", ""),
        ("2.1e-17", "2.1e-17", "", "", ""),
        ("< 0.001", "< 0.001", "", "", ""),
        ("+6.7 (+2.8 to +11.4) *", "+6.7", "", "*", "+2.8 to +11.4"),
        ("+3.1 (0.900*)", "+3.1", "", "", "0.900*"),
        ("0.900*", "0.900", "", "*", ""),
    ],
)
def test_a_cell_is_taken_apart(text, number, unit, mark, note):
    found = number_in(text)
    assert (found.number, found.unit, found.mark, found.note) == (number, unit, mark, note)


@pytest.mark.parametrize("text", ["", "–", "bilinear", "2026-11-26", "4:2:0", "3 of 4", "p = 0.012", "JPEG 20", "1 2"])
def test_words_are_no_numbers(text):
    assert number_in(text) is None


def test_the_unit_stands_in_the_head_and_in_no_cell():
    shown = made(("right", RIGHT), ("line (dB)", ["+1.5", "-0.5", "–"]))._repr_html_()
    assert 'right <span class="camgan-unit">(%)</span></th>' in shown
    assert 'line <span class="camgan-unit">(dB)</span></th>' in shown
    assert cells_of(shown)[::2] == ["93.9 (90.1 to 97.2)", "5.0 (−1.0 to 12.0)", "–"]


def test_a_column_of_several_units_keeps_them():
    shown = made(("value", ["95%", "12"]))._repr_html_()
    assert "(%)" not in shown
    assert "95\u00a0%" in cells_of(shown)[0]


@pytest.mark.parametrize(
    "numbers", [["1", "22.25", "-3.5"], ["0.5", "10.25"], ["< 0.001", "0.5", "1"], ["2.1e-17", "0.973"], ["7", "12"]]
)
def test_points_stand_below_each_other(numbers):
    """What follows the place of the point is equally wide in all cells, in digits and points."""
    column = Numbers([number_in(each) for each in numbers])
    tails = []
    for each in numbers:
        shown = re.sub("<[^>]*>", "", column.as_html(number_in(each)))
        whole = re.match(r"(?:&lt; )?[−+\d,]*", shown)[0]
        tails.append(len(shown) - len(whole))
        assert set(shown[len(whole) :]) <= set(".\u2008\u2007e−-0123456789")
    assert len(set(tails)) == 1


def test_an_interval_is_one_piece_and_small():
    shown = made(("right", RIGHT), ("said", ["Right in 5% (1% to 9%) of cases.", "b", "c"]))._repr_html_()
    assert shown.count('<small class="camgan-interval">') == 3
    assert '<small class="camgan-interval">(1\u00a0% to 9\u00a0%)</small>' in shown


def test_words_are_set_with_minus_signs_spaces_that_hold_and_joints_of_long_names():
    assert (
        typeset("-0.5, 95% and 95 % of CIFAR-10 on 2026-11-26")
        == "−0.5, 95\u00a0% and 95\u00a0% of CIFAR-10 on 2026-11-26"
    )
    assert typeset(typeset("95%")) == typeset("95%")
    assert words_as_html("data_scripts/fetch.py") == "data_<wbr>scripts/<wbr>fetch.py"
    assert words_as_html("a_b 2026-11-26") == 'a_b <span class="camgan-unit">2026-11-26</span>'


def test_rules_stand_where_groups_change_and_a_groups_name_is_seen_once():
    rows = [["a", "x"], ["a", "y"], ["b", "x"], ["b", "y"]]
    table = tables.Table(["of", "what"], rows, starts=[3])
    assert table.starts == {2, 3}
    shown = table._repr_html_()
    assert shown.count('class="camgan-start"') == 2
    assert shown.count("camgan-again") == 2
    assert tables.Table(["of", "what"], [["a", "x"], ["b", "x"]]).starts == set()


def test_numbers_keep_their_first_column_in_view_and_words_become_cards():
    numbers = made(("right", RIGHT), ("n", ["1", "2", "3"]))._repr_html_()
    long = ["a sentence that tells the reader what was done"] * 3
    words = made(("what", long), ("why", long), ("n", ["1", "2", "3"]))._repr_html_()
    assert ("camgan-sticky" in numbers, "camgan-as-cards" in numbers) == (True, False)
    assert ("camgan-sticky" in words, "camgan-as-cards" in words) == (False, True)
    assert words.count('data-label="what"') == 3


def test_more_than_six_columns_or_wide_ones_take_the_margin():
    assert "camgan-wide" not in made(*[(str(k), ["1"]) for k in range(5)])._repr_html_()
    assert "camgan-wide" in made(*[(str(k), ["1"]) for k in range(6)])._repr_html_()
    assert "camgan-wide" in made(*[("x" * 20, ["1"]) for k in range(5)])._repr_html_()


def test_a_header_begins_with_a_capital_but_a_symbol_and_a_name_out_of_the_data_stay():
    columns = {"what": ("what is added", "{}"), "p": ("p (Holm)", "{}"), "transpose3": ("transpose3", "{}")}
    assert tables.table([{}], columns).header == ["What is added", "p (Holm)", "transpose3"]


def test_a_folded_table_is_the_same_under_a_line():
    table = made(("right", RIGHT))
    assert table._repr_html_() in table.folded("Numbers < here")._repr_html_()
    assert "<summary>Numbers &lt; here</summary>" in table.folded("Numbers < here")._repr_html_()
    assert repr(table.folded()) == repr(table)
