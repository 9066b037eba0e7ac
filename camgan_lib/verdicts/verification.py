"""Whether a run that was made again agrees with its record: every number by the rules of `compare`, every verdict.

What comes back is plain JSON. Its numbers are those of the record first, then those that are only in the new run.
"""

from collections.abc import Iterator
from typing import Any

from camgan_lib.measure.estimates import Estimate
from camgan_lib.verdicts import compare
from camgan_lib.verdicts.compare import ALPHA, ROUNDING, TOLERANCE, Row

AGREES, DIFFERS, UNTESTED, MISSING, NEW = "agrees", "differs", "not the same", "missing", "new"
"""What can be said of a number. `differs`: beyond chance, or it is a count or a word, which chance does not change.
`not the same`: it has no interval, so nothing tells whether chance did it. `missing` is in the record alone, `new` in
the run that was made again alone.
"""

RULES = {
    "tested": f"p at most {ALPHA:.0%} after Holm's correction, and more than {ROUNDING:.1%} apart",
    "number": f"more than {TOLERANCE:.0%} apart",
    "exact": "not exactly the same",
}
"""When two values are not the same: estimates are tested, numbers without an interval have a tolerance, counts, words
and truth values have none."""


def checked(record: dict[str, Any], here: dict[str, Any]) -> dict[str, Any]:
    """Every number and every verdict of a record beside those of the run that was made again, as plain JSON.

    `record` and `here`: results of two runs, with estimates as such. Both are taken to be of the same data, whatever
    their folders are called.

    `chapters`: by chapter, in the record's order, a list of numbers (`place`, `status`, `record`, `here`; where both
    have it also `difference`, here minus record, `p` and `rule`, a key of RULES). `verdicts`: of each claim its
    `letter`, `claim`, `record`, `here`, `status`, and whether the `rule` has changed. `counts`: how many numbers have
    which status, and how many the record has (`of`).
    """
    same_data = {**here, "run": {**here["run"], "data": record["run"].get("data")}}
    chapters: dict[str, list[dict[str, Any]]] = {}
    for row in compare.rows(record, same_data):
        chapters.setdefault(row.name.partition(".")[0].partition("[")[0], []).append(_number(row))
    statuses = [number["status"] for numbers in chapters.values() for number in numbers]
    counts = {status: statuses.count(status) for status in (AGREES, DIFFERS, UNTESTED, MISSING, NEW)}
    counts["of"] = len(statuses) - counts[NEW]
    return {"chapters": chapters, "verdicts": list(_verdicts(record, here)), "counts": counts}


def _number(row: Row) -> dict[str, Any]:
    found = {"place": row.name, "status": NEW if row.a is None else MISSING, "record": _plain(row.a)}
    found["here"] = _plain(row.b)
    if not row.both:
        return found
    a, b = (each.value if isinstance(each, Estimate) else each for each in (row.a, row.b))
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (a, b))
    rule = "exact"
    if row.p is not None:
        rule = "tested"
    elif numbers and not (isinstance(a, int) and isinstance(b, int)):
        rule = "number"
    status = AGREES if not row.differs else UNTESTED if rule == "number" else DIFFERS
    return {**found, "status": status, "difference": b - a if numbers else None, "p": row.p, "rule": rule}


def _plain(value: Any) -> Any:
    """A recorded value as JSON; of an estimate its value, interval, level, and the number and kind of its units."""
    if not isinstance(value, Estimate):
        return value
    kept = value.record()
    return {name: kept[name] for name in ("value", "low", "high", "level", "n", "unit")}


def _verdicts(record: dict[str, Any], here: dict[str, Any]) -> Iterator[dict[str, Any]]:
    before, after = ({_claim(each): each for each in _given(results)} for results in (record, here))
    for claim in {**before, **after}:
        a, b = before.get(claim, {}), after.get(claim, {})
        given = a.get("verdict"), b.get("verdict")
        if given[0] is None or given[1] is None:
            status = NEW if given[0] is None else MISSING
        else:
            status = AGREES if given[0] == given[1] else DIFFERS
        rule = bool(a and b) and (a.get("version"), a.get("fingerprint")) != (b.get("version"), b.get("fingerprint"))
        words = a.get("claim") or b.get("claim") or claim
        yield {"letter": claim, "claim": words, "record": given[0], "here": given[1], "status": status, "rule": rule}


def _given(results: dict[str, Any]) -> list[dict[str, Any]]:
    """The verdicts that a run recorded. Runs of the first form recorded none."""
    chapter = results.get("verdict")
    found = chapter.get("verdicts") if isinstance(chapter, dict) else None
    return [each for each in found or [] if isinstance(each, dict)]


def _claim(verdict: dict[str, Any]) -> str:
    return str(verdict.get("letter") or verdict.get("claim"))


# --- in words


def changed_verdicts(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The verdicts of `checked` that are not the record's."""
    return [each for each in found["verdicts"] if each["status"] in (DIFFERS, MISSING)]


def numbers(found: dict[str, Any], *statuses: str) -> list[dict[str, Any]]:
    """The numbers of `checked` of some statuses, of all chapters."""
    return [each for rows in found["chapters"].values() for each in rows if each["status"] in statuses]


def agrees(found: dict[str, Any]) -> bool:
    """Whether no number differs beyond chance, none is missing, and every verdict is the record's."""
    return not (found["counts"][DIFFERS] or found["counts"][MISSING] or changed_verdicts(found))


WORDS = {
    DIFFERS: "differed beyond chance",
    UNTESTED: "not the same, without an interval that could tell whether by chance",
    MISSING: "missing here",
}


WORDS = {
    DIFFERS: "differed beyond chance",
    UNTESTED: "not the same, without an interval that could tell whether by chance",
    MISSING: "missing here",
}


def sentences(found: dict[str, Any], named: int = 10) -> list[str]:
    """What `checked` found: numbers that agree and that do not, of each sort so many `named`, and changed verdicts."""
    counts, verdicts = found["counts"], found["verdicts"]
    said = [f"agreed: {counts[AGREES]:,} of {counts['of']:,} numbers"]
    for status, words in WORDS.items():
        if counts[status]:
            names = f" ({_list([each['place'] for each in numbers(found, status)], named)})" if named else ""
            said.append(f"{words}: {counts[status]:,}{names}")
    changed = [f"({each['letter']}) {each['record']} → {each['here'] or 'none'}" for each in changed_verdicts(found)]
    old = [each for each in verdicts if each["status"] != NEW]
    if changed:
        said.append(f"verdicts changed: {len(changed)} of {len(old)}: {', '.join(changed)}")
    else:
        said.append(f"verdicts: all {len(old)} the same" if old else "verdicts: the record has none")
    return said


def _list(places: list[str], most: int) -> str:
    more = len(places) - most
    return ", ".join(places[:most]) + (f", and {more:,} more" if more > 0 else "")
