"""Which camera took which photo, as a table for a terminal and in sentences (`camgan identify`).

Names of files and cameras are a user's own: any text, in any script. They are shown so that a line stays one line.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from camgan_lib.data.names import shown
from camgan_lib.measure.identification import Answer
from camgan_lib.show.terminal import WIDTH, columns_of, cut_to, padded, wrapped
from camgan_lib.verdicts.wording import joined

MOST_NAMED = 12
"""Cameras that are named in a sentence; of more only their number is said."""

MOST_OF_NAME = 60
"""Columns of a name in a sentence."""

MOST_LINES = 20
"""Files left out that are named, and remarks; further ones are counted or passed over."""

NONE = "none of these"


@dataclass(frozen=True)
class Seen:
    """One photo and the answer for it.

    `size`: height and width in pixels, as it is shown. Of each crop: `named`, the index of the camera that it votes
    for; `sure`, the network's own probability of this; `cells`, the part of the photo that it stands for (see
    `voting.cells`). `thumbnail`: a JPEG, and its height and width in pixels, or None.
    """

    file: str
    sha256: str
    size: tuple[int, int]
    answer: Answer
    named: np.ndarray
    sure: np.ndarray
    cells: np.ndarray
    notes: tuple[str, ...]
    thumbnail: tuple[bytes, int, int] | None = None


@dataclass(frozen=True)
class Mistaken:
    """The share of so many test photos that are called none of these by mistake, with its 95 % interval (0 to 1)."""

    share: float
    low: float
    high: float
    photos: int


@dataclass(frozen=True)
class About:
    """What the answers stand on: the build, its network, and the photos that calibrated it.

    `network` is a name in NETWORKS, `identity` the network's id in the store, `commit` that of the code. `on`: the
    photos are of the half "validation" or "test". `mistaken`: how many of the build's test photos are none of these.
    """

    build: str
    network: str
    identity: str
    commit: str | None
    cameras: tuple[str, ...]
    on: str
    photos: int
    mistaken: Mistaken


NETWORKS = {"forensic": "ForensicNet", "resnet20": "ResNet-20", "auxiliary": "ResNet-20"}
"""What readers see in place of a network's name in the record."""


def percent(share: float) -> str:
    """A share as in "97.3%". What is not quite all or nothing is never shown as 100% or 0%."""
    if 0 < share < 0.0005:
        return "< 0.1%"
    return "> 99.9%" if 0.9995 <= share < 1 else f"{share:.1%}"


def in_words(answer: Answer, cameras: Sequence[str]) -> tuple[str, str, str]:
    """The camera named, the probability of this, and how many crops vote for it.

    None of these has neither: crops have to vote for one of the cameras, however little the photo is like theirs.
    """
    if answer.camera is None:
        return NONE, "–", "–"
    votes = f"{answer.votes[answer.camera]} of {answer.crops}"
    return shown(cameras[answer.camera]), percent(answer.probabilities[answer.camera]), votes


# --- the terminal


def text(answers: Sequence[Seen], left_out: Mapping[str, str], about: About) -> str:
    """Everything that `camgan identify` prints: the table, what was left out and why, what the answers stand on."""
    parts = [_table(answers, about.cameras)] if answers else []
    if lines := [*_listed(left_out), *_noted(answers)]:
        parts.append("\n".join(part for line in lines for part in wrapped(line, hanging="  ")))
    if answers:
        parts.append("\n".join(line for each in sentences(about) for line in wrapped(each)))
    return "\n\n".join(parts)


def _table(answers: Sequence[Seen], cameras: Sequence[str]) -> str:
    rows: list[tuple[str, ...]] = [("photo", "camera", "probability", "votes of crops")]
    for each in answers:
        camera, *rest = in_words(each.answer, cameras)
        rows.append((shown(each.file), cut_to(camera, 30), *rest))
    widths = [max(columns_of(row[at]) for row in rows) for at in range(4)]
    widths[0] = min(widths[0], WIDTH - sum(widths[1:]) - 2 * 3)
    rows = [(cut_to(file, widths[0], end=True), *rest) for file, *rest in rows]
    return "\n".join("  ".join(map(padded, row, widths)).rstrip() for row in rows)


def _listed(left_out: Mapping[str, str]) -> Iterable[str]:
    for file, reason in list(left_out.items())[:MOST_LINES]:
        yield f"left out {cut_to(shown(file), MOST_OF_NAME, end=True)}: {shown(reason)}"
    if len(left_out) > MOST_LINES:
        yield f"left out {len(left_out) - MOST_LINES} more; --json and --report name them all"


def _noted(answers: Sequence[Seen]) -> Iterable[str]:
    """A line for each remark on photos, which names the first of them."""
    found: dict[str, list[str]] = {}
    for seen in answers:
        for note in seen.notes:
            found.setdefault(note, []).append(seen.file)
    for note, files in list(found.items())[:MOST_LINES]:
        more = f" (and {len(files) - 1} more)" if len(files) > 1 else ""
        yield f"{cut_to(shown(files[0]), MOST_OF_NAME, end=True)}{more}: {shown(note)}"


def sentences(about: About) -> list[str]:
    """What the answers stand on, and what they can't say."""
    network = f"network {about.identity} ({NETWORKS.get(about.network, about.network)})"
    photos = f"{about.photos} {about.on} photo{'s' * (about.photos != 1)}, which it did not learn from"
    cameras = joined([cut_to(shown(name), MOST_OF_NAME) for name in about.cameras])
    only = f": {cameras}" if len(about.cameras) <= MOST_NAMED else ""
    return [
        f"The answers are those of {network} of the build {shown(about.build)}. Its probabilities and its threshold "
        f"were set on {photos}.",
        f"Of {about.mistaken.photos} test photos of these cameras it called {about.mistaken.share:.0%} "
        f"({about.mistaken.low:.0%} to {about.mistaken.high:.0%}) “{NONE}” by mistake.",
        f"They are about these {len(about.cameras)} cameras only{only}. A photo of another camera may still be taken "
        "for one of theirs.",
    ]
