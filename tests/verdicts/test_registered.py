"""A rule can't change without a new version: its fingerprint is written here, and in published runs."""

import pytest

from camgan_lib.book import published
from camgan_lib.verdicts import rules
from camgan_lib.verdicts.registered import RULES
from tests.verdicts.results import LETTERS

FINGERPRINTS = {
    ("a", 2): "191e06212b97e6fd",
    ("b", 2): "4f7081e6c7692446",
    ("c", 2): "5a8f97aee9a67551",
    ("d", 2): "ca0d93d4fb411de1",
    ("e", 2): "b4f157ea6c14e58d",
    ("f", 2): "6959c5faaac900a0",
    ("g", 2): "e94dc0ceba87845a",
    ("h", 2): "23e5a304939ed464",
    ("b", 3): "063d2d9fbf99ed88",
    ("c", 3): "952b5329c24a5e29",
    ("h", 3): "4694ad129ce3164e",
    ("d", 3): "d47eb0c476fe887b",
    ("f", 3): "1b5a2555aa47b234",
    ("g", 3): "b8cccf87acae6a9a",
}
"""Letter and version → fingerprint. Lines are added, never changed."""


@pytest.mark.parametrize("letter", LETTERS)
def test_a_change_of_a_rule_is_a_new_version(letter):
    rule = RULES[letter]
    assert FINGERPRINTS.get((letter, rule.version)) == rule.fingerprint(), (
        f"the rule of claim ({letter}) has changed: raise its version, write date, reason and history, and add the "
        f'line ("{letter}", {rule.version}): "{rule.fingerprint()}"'
    )


def test_published_verdicts_were_given_by_the_rules_of_that_version():
    for name, found in published.verdicts().items():
        for each in found:
            if "version" in each and each["version"] == RULES[each["letter"]].version:
                assert each["fingerprint"] == RULES[each["letter"]].fingerprint(), (name, each["letter"])


@pytest.mark.parametrize("letter", LETTERS)
def test_a_rule_says_when_and_why_it_changed(letter):
    rule = RULES[letter]
    assert [old.version for old in rule.history] == list(range(rule.version - 1, 0, -1))
    assert all((rule.date, rule.reason, rule.estimand, rule.control, rule.margin))
    assert all(old.until and old.rule and old.changed for old in rule.history)
    text = rules.in_words(rule)
    assert text.endswith("else not judged")
    assert all(name in text for name in rule.questions)
