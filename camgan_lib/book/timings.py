"""How long chapters took on this machine, and from that how long the rest of a run will take.

`<build>/timings.json` keeps for each profile and chapter the seconds of the last time that it made its data and
networks (`made`), and of the last time that it found them in the store (`found`); of the pages, those of the last time
that they were built.
"""

import contextlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from camgan_lib.base.files import write_json
from camgan_lib.base.progress import duration
from camgan_lib.book import chapters
from camgan_lib.book.plan import Plan
from camgan_lib.book.records import read_record
from camgan_lib.book.staleness import products_are_whole

PAGES = "pages"
"""What the pages are called among the chapters."""


class Timings:
    """The seconds that the chapters `names` of a plan take: those expected, and those of this run.

    With `pages`, the book is built afterwards.
    """

    def __init__(self, plan: Plan, names: Iterable[str], pages: bool = False):
        self._plan = plan
        self._pages = pages
        self._names = list(names)
        self._began: dict[str, float] = {}

    @cached_property
    def _kinds(self) -> dict[str, str]:
        finds: dict[str, bool] = {}
        kinds = {chapter: "found" if _finds_all(self._plan, chapter, finds) else "made" for chapter in self._names}
        return {**kinds, PAGES: "made"}

    @cached_property
    def expected(self) -> dict[str, float]:
        """Seconds of each chapter that was timed before."""
        kept = self._read().get(self._plan.profile, {})
        return {chapter: kept[chapter][kind] for chapter, kind in self._kinds.items() if kind in kept.get(chapter, {})}

    def begin(self, chapter: str) -> None:
        """Notes that a chapter begins. The first call looks what is in the store."""
        assert self.expected is not None
        self._began[chapter] = time.monotonic()

    def end(self, chapter: str, seconds: float) -> None:
        """Notes that a chapter has ended, and keeps the seconds that it took."""
        self._began.pop(chapter, None)
        kept = self._read()
        kept.setdefault(self._plan.profile, {}).setdefault(chapter, {})[self._kinds[chapter]] = round(seconds, 1)
        write_json(self._file, kept)

    def running(self) -> dict[str, float]:
        """The chapters that run, and the seconds since each began."""
        return {chapter: time.monotonic() - began for chapter, began in list(self._began.items())}

    def left(self, waiting: list[str], at_once: int) -> str:
        """The time left, in words (see `time_left`)."""
        left, unknown = time_left(waiting, self.running(), self.expected, at_once)
        left += self.expected.get(PAGES, 0) if self._pages else 0
        untimed = f"{len(unknown)} chapter{'s' if len(unknown) > 1 else ''} not yet timed"
        if not unknown:
            return f"about {duration(left)} left"
        return f"about {duration(left)} left and {untimed}" if left else untimed

    @contextlib.contextmanager
    def building(self) -> Iterator[None]:
        """Keeps the seconds that pages take, which are built within. Fewer than one: there was nothing to build."""
        began = time.monotonic()
        yield
        if (seconds := time.monotonic() - began) >= 1:
            self.end(PAGES, seconds)

    @property
    def _file(self) -> Path:
        return self._plan.build / "timings.json"

    def _read(self) -> dict[str, Any]:
        try:
            return json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}


def _finds_all(plan: Plan, chapter: str, known: dict[str, bool]) -> bool:
    """Whether a chapter, and those before it, ran with these parameters and the store has what they made.

    What is found out is added to `known`.
    """
    if chapter not in known:
        record = read_record(plan.build / "records", chapter)
        known[chapter] = bool(
            record
            and record["products"]
            and record["parameters"] == plan.parameters[chapter]
            and all([_finds_all(plan, each, known) for each in chapters.UPSTREAM[chapter]])
            and products_are_whole(plan, chapter)
        )
    return known[chapter]


def time_left(
    waiting: list[str], running: Mapping[str, float], seconds: Mapping[str, float], at_once: int
) -> tuple[float, list[str]]:
    """(seconds until all chapters have ended, the chapters whose seconds are not known and count as none).

    `at_once` chapters run side by side, each after those that it stands on (`chapters.UPSTREAM`).
    """
    unknown = [chapter for chapter in (*running, *waiting) if chapter not in seconds]
    ends = {chapter: max(0.0, seconds.get(chapter, 0) - passed) for chapter, passed in running.items()}
    now, rest = 0.0, list(waiting)
    while ends or rest:
        for chapter in [each for each in rest if not {*ends, *rest} & set(chapters.UPSTREAM[each])][
            : at_once - len(ends)
        ]:
            rest.remove(chapter)
            ends[chapter] = now + seconds.get(chapter, 0)
        first = min(ends, key=lambda each: ends[each])
        now = ends.pop(first)
    return now, unknown
