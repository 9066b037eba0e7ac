"""The verdict on each claim of the paper: the registered rules applied to a run's numbers.

A question is answered if the p value of "the number lies on the margin" is at most 5 %, after Holm's correction for all
questions of all claims together. The side is that on which the number lies. So a verdict that needs *no difference*
needs a difference as large as the margin to be excluded (one of the two tests of equivalence; Schuirmann 1987); a wide
interval gives none.
"""

from dataclasses import dataclass, replace
from typing import Any

from camgan_lib.measure.estimates import Estimate
from camgan_lib.measure.statistics import holm, p_above, p_below, p_differs
from camgan_lib.verdicts import preconditions
from camgan_lib.verdicts.claims import Claim, claims
from camgan_lib.verdicts.measures import Exact, Group, Measured, Missing, Results, measured
from camgan_lib.verdicts.registered import RULES
from camgan_lib.verdicts.rule import ABOVE, BELOW, KINDS, NOT_JUDGED, POINTS, Question, Rule
from camgan_lib.verdicts.wording import joined, p_value, points

ALPHA = 0.05


@dataclass(frozen=True)
class Answer:
    """What one question found: the number in words, the side of the margin, its p value, whether that is shown.

    `lacks`: what would decide it, if it is not shown. `exact`: the number is a p value, which shows ABOVE (chance) if
    it is below the margin.
    """

    question: str
    here: str
    margin: str
    side: str | None
    p: float | None
    shown: bool = False
    lacks: str = ""
    exact: bool = False


@dataclass(frozen=True)
class Verdict(Claim):
    """A claim with its number here, the rule, and the verdict that follows; plain JSON by `dataclasses.asdict`."""

    letter: str
    version: int
    date: str
    fingerprint: str
    estimand: str
    control: str
    margin: str
    rule: str
    answers: dict[str, dict[str, Any]]
    verdict: str
    why: str
    would_change: str


def verdicts(results: Results) -> list[Verdict]:
    """The verdicts on claims (a) to (h), in order, from the recorded results of all chapters."""
    lacks = preconditions.missing(results["classifier"])
    judged = {letter: rule for letter, rule in RULES.items() if not (lacks and rule.rests_on_classifier)}
    found = {letter: answers(rule, measured(letter, results)) for letter, rule in judged.items()}
    found = corrected(found)
    return [
        _verdict(claim, RULES[claim.letter], found.get(claim.letter, {}), [] if claim.letter in judged else lacks)
        for claim in claims(results)
    ]


def recorded(results: Results) -> list[Verdict]:
    """The verdicts that a published run recorded; an empty list if it recorded none, or an older version did."""
    found = results.get("verdict", {}).get("verdicts", [])
    return [Verdict(**each) for each in found if "version" in each]


def counts(found: list[Verdict]) -> dict[str, int]:
    """How many claims got each verdict."""
    return {kind: sum(each.verdict == kind for each in found) for kind in KINDS}


def correction(found: list[Verdict]) -> str:
    """A sentence on how many p values were corrected together."""
    number = sum(each["p"] is not None for verdict in found for each in verdict.answers.values())
    return (
        f"The {number} p values behind these verdicts are corrected together by Holm's method: the chance that any "
        f"answer "
        f"is on the wrong side of its margin is at most {ALPHA:.0%} for all of them."
    )


def answers(rule: Rule, found: dict[str, Measured]) -> dict[str, Answer]:
    """The answer to each question of a rule, not yet corrected for their number."""
    return {name: _answer(question, found[name]) for name, question in rule.questions.items()}


def corrected(found: dict[str, dict[str, Answer]]) -> dict[str, dict[str, Answer]]:
    """The answers of all rules (letter → question → answer), their p values corrected together."""
    p = {f"{letter} {name}": each.p for letter, of in found.items() for name, each in of.items() if each.p is not None}
    adjusted = holm(p)
    return {
        letter: {name: _decided(each, adjusted.get(f"{letter} {name}")) for name, each in of.items()}
        for letter, of in found.items()
    }


def decide(rule: Rule, sides: dict[str, str | None]) -> tuple[str, str]:
    """The verdict and its meaning, from the side that is shown for each question (None: not shown)."""
    for outcome in rule.outcomes:
        if all(sides.get(name) == side for name, side in outcome.answers.items()):
            return outcome.verdict, outcome.means
    return NOT_JUDGED, ""


def in_words(rule: Rule) -> str:
    """The rule as text: each outcome with the answers that it needs, in the order in which they are tried.

    Numbers are called by the names of the rule's questions; above and below are said of their margins.
    """
    parts = []
    for outcome in rule.outcomes:
        needs = [f"{name} is {side}" for name, side in outcome.answers.items()]
        parts.append(f"{outcome.verdict} if {joined(needs)}: {outcome.means}")
    return "; ".join([*parts, "else not judged"])


def _form(question: Question) -> str:
    return f"{100 * question.margin:g} points" if question.form == POINTS else format(question.margin, question.form)


def _written(question: Question, found: Estimate, which: str = "") -> str:
    number = points(found) if question.form == POINTS else format(found, question.form)
    return f"{number}{which}, n = {found.n:,} {found.unit}s"


def _answer(question: Question, found: Measured) -> Answer:
    margin, at = question.margin, (question.words,)
    if isinstance(found, Missing):
        return Answer(*at, "not measured", _form(question), None, None, lacks=found.words)
    if isinstance(found, Exact):
        here = f"least p of {found.estimate.n} {found.estimate.unit}s, times their number: {found.p:.2g}"
        lacks = f"no single {found.estimate.unit} stands out"
        return Answer(*at, here, f"{ALPHA:g}", ABOVE, found.p, lacks=lacks, exact=True)
    if isinstance(found, Group):
        return _of_group(question, found)
    side = ABOVE if found.value > margin else BELOW
    return Answer(
        *at,
        _written(question, found),
        _form(question),
        side,
        p_differs(found, margin),
        lacks=preconditions.enough(found, margin),
    )


def _of_group(question: Question, group: Group) -> Answer:
    """The side `group.one` if one of the estimates lies there, the other side if all lie on that."""
    margin, toward = question.margin, (p_above if group.one == ABOVE else p_below)
    away, other = (p_below, BELOW) if group.one == ABOVE else (p_above, ABOVE)
    least = min(group.estimates, key=lambda name: toward(group.estimates[name], margin))
    number = 1 if group.together else len(group.estimates)
    one = min(1.0, number * toward(group.estimates[least], margin))
    every = max(away(each, margin) for each in group.estimates.values())
    side = group.one if one < every else other
    unsure = max(group.estimates, key=lambda name: (away(group.estimates[name], margin), _toward(group, name)))
    name = least if side == group.one else unsure
    nearest: Estimate = group.estimates[name]
    extreme = (max if group.one == ABOVE else min)(group.estimates, key=lambda name: group.estimates[name].value)
    which = name if name == extreme else f"of {name}, the least sure of {len(group.estimates)}"
    here = _written(question, nearest, f" ({which})")
    lacks = preconditions.enough(nearest, margin)
    return Answer(question.words, here, _form(question), side, min(1.0, 2 * min(one, every)), lacks=lacks)


def _toward(group: Group, name: str) -> float:
    """How far an estimate of a group lies toward the side of which one is enough."""
    value = group.estimates[name].value
    return value if group.one == ABOVE else -value


def _decided(answer: Answer, p: float | None) -> Answer:
    shown = p is not None and p <= ALPHA
    return replace(answer, p=p, shown=shown, lacks="" if shown else answer.lacks)


def _verdict(claim: Claim, rule: Rule, found: dict[str, Answer], lacks: list[str]) -> Verdict:
    sides = {name: each.side if each.shown else None for name, each in found.items()}
    verdict, why = decide(rule, sides)
    if verdict == NOT_JUDGED:
        why = "; ".join(lacks) or _undecided(rule, found, sides)
    return Verdict(
        **vars(claim),
        version=rule.version,
        date=rule.date,
        fingerprint=rule.fingerprint(),
        estimand=rule.estimand,
        control=rule.control,
        margin=rule.margin,
        rule=in_words(rule),
        answers={name: vars(each) for name, each in found.items()},
        verdict=verdict,
        why=why,
        would_change="; ".join(_changes(rule, found, sides, verdict))
        if found
        else "a classifier that is shown to know more",
    )


def _undecided(rule: Rule, found: dict[str, Answer], sides: dict[str, str | None]) -> str:
    """The questions without an answer that would change the verdict, and what would answer them."""
    open_ones = [name for name in sides if sides[name] is None and _turns(rule, sides, name)]
    return "; ".join(
        f"{name}, {found[name].here}, {_unsure(found[name])}: {found[name].lacks}"
        for name in open_ones or [name for name in sides if sides[name] is None]
    )


def _unsure(answer: Answer) -> str:
    if answer.exact:
        return f"is not shown to be below {answer.margin}"
    return f"is shown neither above nor below {answer.margin}"


def _would_be(answer: Answer, side: str) -> str:
    if answer.exact:
        return f"shown above chance, by a p below {answer.margin}" if side == ABOVE else "not shown above chance"
    return f"shown {side} {answer.margin}"


def _turns(rule: Rule, sides: dict[str, str | None], name: str) -> bool:
    before = decide(rule, sides)
    return any(decide(rule, {**sides, name: side}) != before for side in (ABOVE, BELOW))


def _changes(rule: Rule, found: dict[str, Answer], sides: dict[str, str | None], verdict: str) -> list[str]:
    """Which other answer to a single question would give which other verdict."""
    said = []
    for name, answer in found.items():
        for side in (ABOVE, BELOW):
            other = decide(rule, {**sides, name: side})[0]
            if other not in (verdict, NOT_JUDGED):
                shown = _would_be(answer, side)
                said.append(f"{other} if {name} were {shown} (here {answer.here})")
    return said or ["no single number: several would have to change"]


def tests(verdict: Verdict) -> list[dict[str, str]]:
    """The answers of a verdict as rows of text: name, question, here, margin, answer, p."""
    return [
        {
            "name": name,
            "question": each["question"],
            "here": each["here"],
            "margin": each["margin"],
            "answer": _shown(each),
            "p": "–" if each["p"] is None else p_value(each["p"]),
        }
        for name, each in verdict.answers.items()
    ]


def _shown(answer: dict[str, Any]) -> str:
    if not answer["shown"]:
        return "neither"
    return f"{answer['side']} chance" if answer.get("exact") else answer["side"]
