"""The report of `camgan verify` as one HTML file: what came out again, what differs, and where both runs come from.

All but what differs is folded. See `standalone` for what such pages have in common.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from camgan_lib.show.standalone import CLOSING, opening, text
from camgan_lib.verdicts.verification import AGREES, DIFFERS, MISSING, NEW, UNTESTED, numbers, sentences

Report = dict[str, Any]

_STYLE = """
.answer { font-size: 1.15rem; font-weight: 600; }
.no { color: var(--no); }
:root { --no: #a3260f; }
@media (prefers-color-scheme: dark) { :root { --no: #ff9c85; } }
details { border-top: 1px solid var(--line); padding: 0.3rem 0; }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: 0.2rem 0; }
tbody tr { border-top: 1px solid var(--line); }
tbody tr:first-child { border-top: 0; }
.numbers .number { white-space: normal; }
@media (min-width: 44rem) {
  .origins { table-layout: fixed; }
  .origins th:first-child { width: 30%; }
  .verdicts td { white-space: nowrap; }
}
@media (max-width: 44rem) {
  thead { position: absolute; clip-path: inset(50%); }
  tbody tr { display: block; padding: 0.4rem 0; }
  tbody th, tbody td, td.number { padding: 0.05rem 0; text-align: left; }
  tbody th { display: block; font-weight: 600; }
  tbody td, td.number { display: flex; gap: 0.8rem; }
  tbody td::before { color: var(--soft); flex: 0 0 8rem; overflow-wrap: normal; }
  tbody td:empty { display: none; }
}
@media print { details:not([open]) { display: none; } }
"""

_SIZES = ("bytes", "KiB", "MiB", "GiB", "TiB")


def page(found: Report, *, book: bool = False) -> Iterator[str]:
    """The parts of the HTML file, one after the other. `book`: whether the new run's pages lie in `html` beside it."""
    yield opening(f"Verification of {found['run']}", _STYLE + _titles())
    answer = _answer(found)
    yield f'<p class="answer{"" if found["agrees"] else " no"}">{answer}</p>\n'
    yield _list([*sentences(found, named=0), *found["files"]["wrong"]])
    if book:
        yield '<p><a href="html/index.html">The book that was made again</a></p>\n'
    yield f"<h2>Notes</h2>\n{_list(found['notes'])}"
    yield from _open(found, DIFFERS, "What differs beyond chance")
    yield from _open(found, UNTESTED, "What is not the same, without an interval")
    yield from _open(found, MISSING, "What is missing in the new run")
    if found["verdicts"]:
        yield f"<h2>Verdicts</h2>\n{_verdicts(found['verdicts'])}"
    yield f"<h2>Chapters</h2>\n{_chapters(found)}"
    yield "<h2>All numbers of the record</h2>\n"
    for chapter, rows in found["chapters"].items():
        if old := [each for each in rows if each["status"] != NEW]:
            yield _folded(f"{chapter}: {_counted(rows)}", _numbers(old))
    yield f"<h2>Where both come from</h2>\n{_origins(found)}"
    yield "<h2>Networks and files</h2>\n"
    yield _folded(f"{len(found['networks'])} networks", _networks(found["networks"]))
    yield _files(found["files"])
    yield f"<h2>How it was compared</h2>\n{_rules(found['rules'])}"
    yield CLOSING


def _answer(found: Report) -> str:
    if not found["agrees"]:
        return "Not everything came out again."
    apart = found["counts"][UNTESTED]
    many = "1 number without an interval is" if apart == 1 else f"{apart:,} numbers without an interval are"
    tail = f" {many} not the same." if apart else ""
    return f"Everything {'that can be tested ' if apart else ''}came out again.{tail}"


def _list(sentences: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{text(each)}</li>' for each in sentences)}</ul>\n" if sentences else ""


def _folded(summary: str, content: str, opened: bool = False) -> str:
    return f"<details{' open' if opened else ''}><summary>{text(summary)}</summary>\n{content}</details>\n"


COLUMNS = {
    "numbers": ("number", "record", "here", "difference", "p", "status"),
    "verdicts": ("claim", "record", "here", "verdict"),
    "chapters": ("chapter", "numbers", "seconds, record", "seconds, here"),
    "origins": ("", "record", "here"),
    "networks": ("network", "kind", "record", "here", "where from", "its data", "seconds"),
}
"""The titles of each table's columns."""

_RIGHT = {"numbers": (1, 2, 3, 4), "chapters": (2, 3), "networks": (6,)}
"""Columns of numbers."""


def _titles() -> str:
    """Rules that write a column's title before its cell where the cells of a row stand below each other."""
    rules = [
        f'  .{table} td:nth-child({number})::before {{ content: "{title}"; }}\n'
        for table, titles in COLUMNS.items()
        for number, title in enumerate(titles[1:], 2)
    ]
    return f"@media (max-width: 44rem) {{\n{''.join(rules)}}}\n"


def _table(table: str, rows: Iterable[Sequence[str]]) -> str:
    """A table, by its name in COLUMNS, of texts that are not escaped yet; the first cell of a row names it.

    On a narrow screen a row's cells stand below each other, each with its title; roles keep it a table for readers.
    """
    marks = [' class="number"' if number in _RIGHT.get(table, ()) else "" for number in range(len(COLUMNS[table]))]
    titles = zip(marks, COLUMNS[table], strict=True)
    head = "".join(f'<th scope="col" role="columnheader"{mark}>{text(title)}</th>' for mark, title in titles)
    lines = []
    for first, *others in rows:
        pairs = zip(marks[1:], others, strict=True)
        cells = "".join(f'<td role="cell"{mark}>{text(each)}</td>' for mark, each in pairs)
        lines.append(f'<tr role="row"><th scope="row" role="rowheader">{text(first)}</th>{cells}</tr>\n')
    return (
        f'<table class="{table}" role="table"><thead role="rowgroup"><tr role="row">{head}</tr></thead>\n'
        f'<tbody role="rowgroup">\n{"".join(lines)}</tbody></table>\n'
    )


# --- numbers


LISTED = 30
"""How many numbers of a chapter are listed openly; more are folded."""


def _open(found: Report, status: str, title: str) -> Iterator[str]:
    """The numbers of a status, by chapter; nothing where there are none."""
    if not numbers(found, status):
        return
    yield f"<h2>{title}</h2>\n"
    for chapter, rows in found["chapters"].items():
        if those := [each for each in rows if each["status"] == status]:
            yield _folded(f"{chapter}: {len(those):,} of {len(rows):,}", _numbers(those), len(those) <= LISTED)


def _numbers(rows: Sequence[dict[str, Any]]) -> str:
    return _table("numbers", map(_row, rows))


def _row(number: dict[str, Any]) -> tuple[str, ...]:
    p, difference = number.get("p"), number.get("difference")
    return (
        number["place"].partition(".")[2] or number["place"],
        value(number["record"]),
        value(number["here"]),
        "" if difference is None else f"{difference:+.3g}".replace("-", "−"),
        "" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}",
        number["status"],
    )


def value(recorded: Any) -> str:
    """A recorded value in words: of an estimate its value and interval."""
    if isinstance(recorded, dict):
        ends = recorded["low"], recorded["high"]
        interval = "" if None in ends else f" ({value(float(ends[0]))} to {value(float(ends[1]))})"
        return value(recorded["value"]) + interval
    if recorded is None:
        return ""
    if isinstance(recorded, bool):
        return "yes" if recorded else "no"
    if isinstance(recorded, int):
        return f"{recorded:,}"
    return f"{recorded:.4g}".replace("-", "−") if isinstance(recorded, float) else str(recorded)


def _counted(rows: Sequence[dict[str, Any]]) -> str:
    words = {DIFFERS: "differ", UNTESTED: "not the same", MISSING: "missing here", NEW: "not in the record"}
    count = {status: sum(each["status"] == status for each in rows) for status in (AGREES, *words)}
    said = [f"{count[AGREES]:,} of {len(rows) - count[NEW]:,} agree"]
    return ", ".join(said + [f"{count[status]:,} {word}" for status, word in words.items() if count[status]])


def _chapters(found: Report) -> str:
    before, after = found["seconds"]["record"], found["seconds"]["here"]
    rows = []
    for chapter in dict.fromkeys([*before, *after, *found["chapters"]]):
        numbers = found["chapters"].get(chapter, [])
        said = _counted(numbers) if numbers else "not compared: it repeats others' numbers"
        rows.append((chapter, said, _seconds(before.get(chapter)), _seconds(after.get(chapter))))
    return _table("chapters", rows)


def _seconds(taken: float | None) -> str:
    return "" if taken is None else f"{taken:,.1f}"


def _verdicts(verdicts: Sequence[dict[str, Any]]) -> str:
    rows = []
    for each in verdicts:
        said = {AGREES: "the same", DIFFERS: "changed", MISSING: "missing here", NEW: "not in the record"}[
            each["status"]
        ]
        rule = "; the rule has changed" if each["rule"] else ""
        rows.append((each["claim"], each["record"] or "", each["here"] or "", said + rule))
    return _table("verdicts", rows)


# --- where both come from


def _origins(found: Report) -> str:
    """Both runs' commit, parameters, machine and libraries, side by side; of the record what it holds."""
    record, here, machine = found["record"], found["here"], found["machine"]
    names = ("profile", "data", "nostyle", "seed", "commit", "device")
    titles = {"nostyle": "pictures without a camera"}
    rows = [(titles.get(name, name), _known(record[name]), _known(here[name])) for name in names]
    rows += [("begun", _time(record["started"]), _time(here["started"]))]
    rows += [("duration", _minutes(record["seconds"]), _minutes(here["seconds"]))]
    rows += [("parameters", found["parameters"]["from"], "the same")]
    facts = {**machine, "memory": _size(machine.get("memory"))}
    rows += [(name, "", _known(each)) for name, each in facts.items() if name != "python"]
    there, now = dict(record["libraries"]), found["libraries"]
    rows.append(("Python", there.pop("python", ""), machine["python"]))
    rows += [(name, there.get(name, ""), now.get(name, "")) for name in dict.fromkeys([*there, *now])]
    rows.append(("results.json", f"SHA-256 {record['sha256']}", ""))
    if len(found["begun"]) > 1:
        rows.append(("attempts", "", ", ".join(map(_time, found["begun"]))))
    return _table("origins", rows)


def _time(iso: str | None) -> str:
    """A time of ISO 8601 to the minute, UTC."""
    return "" if iso is None else f"{iso[:16].replace('T', ' ')} UTC"


def _known(fact: Any) -> str:
    return "" if fact is None else str(fact)


def _minutes(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds / 60:.1f} minutes"


def _size(count: int | None) -> str:
    if count is None:
        return ""
    size, power = float(count), 0
    while size >= 1024 and power < len(_SIZES) - 1:
        size, power = size / 1024, power + 1
    return f"{size:.1f} {_SIZES[power]}"


def _networks(networks: Sequence[dict[str, Any]]) -> str:
    rows = []
    for each in networks:
        came = {True: "came with the project", False: "trained here", None: "not in this run"}[each["published"]]
        data = {True: "the same", False: "differs in some bytes", None: ""}[each["same_data"]]
        seconds = _seconds(each["seconds"])
        rows.append((each["name"], each["kind"], each["record"] or "", each["here"] or "", came, data, seconds))
    return _table("networks", rows)


def _files(files: dict[str, Any]) -> str:
    good = f"{files['checked']:,} published networks and manifests are what they say (SHA-256, id of the recipe)."
    return f'<p class="no">Damaged:</p>\n{_list(files["wrong"])}' if files["wrong"] else f"<p>{good}</p>\n"


def _rules(rules: dict[str, str]) -> str:
    kinds = {
        "tested": "Numbers with an interval differ where",
        "number": "Other numbers are not the same where they are",
        "exact": "Counts, words and truth values differ where they are",
    }
    tail = "These are the rules of camgan compare. Chapters that repeat others' numbers are left out."
    return _list([f"{kinds[name]}: {rule}" for name, rule in rules.items()]) + f"<p>{tail}</p>\n"
