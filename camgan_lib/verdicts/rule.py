"""What a registered rule is made of: questions, answers, outcomes, versions."""

from dataclasses import asdict, dataclass

from camgan_lib.base.identity import recipe_id

HOLDS, LIMITS, UNSUPPORTED, VOID = "holds", "holds with limits", "not supported", "void"
NOT_JUDGED = "not judged"
KINDS = (HOLDS, LIMITS, UNSUPPORTED, VOID, NOT_JUDGED)
ABOVE, BELOW = "above", "below"


POINTS = "points"
"""The form of differences of shares, in points of percent."""


@dataclass(frozen=True)
class Question:
    """One number (`words`) and the margin that it is compared with; `form`, POINTS or that of a number, writes both."""

    words: str
    margin: float
    form: str = ".1%"


@dataclass(frozen=True)
class Outcome:
    """A verdict, the answers that it needs (question → ABOVE or BELOW), and what it means."""

    verdict: str
    answers: dict[str, str]
    means: str


@dataclass(frozen=True)
class Version:
    """An earlier version of a rule."""

    version: int
    until: str
    rule: str
    changed: str
    """Why it was given up."""


@dataclass(frozen=True)
class Rule:
    """A registered rule. `margin` says in words why the margins are what they are."""

    letter: str
    version: int
    date: str
    reason: str
    estimand: str
    control: str
    margin: str
    questions: dict[str, Question]
    outcomes: tuple[Outcome, ...]
    history: tuple[Version, ...]
    rests_on_classifier: bool = True

    def fingerprint(self) -> str:
        """A hash of all that decides a verdict, and of the words that say so."""
        return recipe_id({key: each for key, each in asdict(self).items() if key != "history"})
