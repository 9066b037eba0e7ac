"""Cards and tables of verdicts show everything that a rule states, escaped, and of versions what has changed."""

from dataclasses import replace

from camgan_lib.show.figures import summary
from camgan_lib.verdicts import rules
from camgan_lib.verdicts.registered import RULES
from tests.verdicts.results import make


def test_a_card_shows_question_margin_rule_version_and_what_would_change():
    found = rules.verdicts(make())
    text = summary.verdict_cards(found).data
    assert text.count('class="camgan-verdict holds"') == 8
    for title in (*summary.CARD.values(), "Questions", "Version"):
        assert text.count(f"<dt>{title}</dt>") == 8
    assert "margin +3.0; shown: below (corrected p &lt; 0.001)" in text
    assert all(f"{rule.version}, of {rule.date}. " in text for rule in RULES.values())


def test_a_card_of_an_earlier_version_does_not_show_the_present_reason():
    (verdict,) = [each for each in rules.verdicts(make()) if each.letter == "c"]
    assert RULES["c"].reason in summary.verdict_cards([verdict]).data
    assert RULES["c"].reason not in summary.verdict_cards([replace(verdict, fingerprint="other")]).data


def test_the_table_of_versions_has_each_of_each_rule():
    table = summary.version_table()
    assert len(table.rows) == sum(1 + len(rule.history) for rule in RULES.values())
    assert table.rows[0][:2] == [f"(a) {RULES['a'].version}", f"since {RULES['a'].date}"]


def test_scale_and_accuracies_have_intervals_where_there_are_some_and_separators():
    results = make()
    assert "94.00 (92.00 to 96.00)" in str(summary.scale_table(results))
    assert "31,680" in str(summary.scale_table(results))
    plain = {**results, "classifier": {**results["classifier"], "auxiliary_accuracy": 0.5}}
    assert "50.0%" in str(summary.accuracy_table(plain))
