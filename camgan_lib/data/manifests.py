"""Reads manifest.csv, the table of a folder's photos: dates, scenes, devices. Nothing in it is lost without a word."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from camgan_lib.data.dates import Date, as_text, written_dates
from camgan_lib.data.names import folded, shown

_NAMES = ("manifest.csv", "manifest.tsv")
"""In any case of letters."""

COLUMNS = ("camera", "file", "date", "scene", "device")


@dataclass(frozen=True)
class Manifest:
    """What a manifest says of photos: dates, scenes and devices by path; `notes`: what in it was of no use."""

    dates: dict[Path, Date] = field(default_factory=dict)
    facts: dict[Path, dict[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_manifest(base: Path, cameras: dict[str, list[Path]]) -> Manifest:
    """The manifest of a folder, empty where there is none.

    It has a row per photo and the columns camera, file, and any of date, scene and device; separated by commas,
    semicolons or tabs; in UTF-8, UTF-16 or Windows-1252. A photo is found by its path below the folder or below its
    camera's folder, or by its name alone; if need be without regard to case and Unicode form.
    """
    path = next((path for path in sorted(base.iterdir()) if path.name.lower() in _NAMES and path.is_file()), None)
    if path is None:
        return Manifest()
    try:
        rows = _rows(_decoded(path.read_bytes()))
    except (OSError, ValueError, csv.Error) as error:
        return Manifest(notes=(f"{path.name} can't be read as a table ({error}): not used",))
    if not rows or not {"camera", "file"} <= set(rows[0]):
        columns = ", ".join(shown(name) for name in rows[0]) if rows else "no row"
        return Manifest(notes=(f"{path.name} needs the columns camera and file, it has {columns[:200]}: not used",))
    return _matched(path.name, rows, base, cameras)


def _decoded(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    if content[:200].count(0) > len(content[:200]) // 4:
        return content.decode("utf-16-le" if content[1:2] == b"\0" else "utf-16-be")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _rows(text: str) -> list[dict[str, str]]:
    """The rows of a table, each a text by the column's name in lower case, with the separator that its header shows."""
    header = text.split("\n", 1)[0]
    separator = max(",;\t", key=header.count)
    table = list(csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=separator))
    if not table:
        return []
    names = [name.strip().lower() for name in table[0]]
    return [
        {name: (row[i].strip() if i < len(row) else "") for i, name in enumerate(names)}
        for row in table[1:]
        if any(cell.strip() for cell in row)
    ] or [dict.fromkeys(names, "")]


def _matched(name: str, rows: list[dict[str, str]], base: Path, cameras: dict[str, list[Path]]) -> Manifest:
    index = _Index(base, cameras)
    found = [index.photo(row["camera"], row["file"]) for row in rows]
    first: dict[Path, dict[str, str]] = {}
    twice = [path for path, row in zip(found, rows, strict=True) if path and first.setdefault(path, row) is not row]
    wrong = [row for path, row in zip(found, rows, strict=True) if path is None and (row["camera"] or row["file"])]
    several = [row for row in wrong if index.is_ambiguous(row["camera"], row["file"])]
    lost = [row for row in wrong if row not in several]
    without = [path for files in cameras.values() for path in files if path not in first]
    dates = dict(zip(first, written_dates([row.get("date", "") for row in first.values()]), strict=True))
    unread = [path for path, row in first.items() if row.get("date") and not dates[path]]
    shorter = [path.relative_to(base).as_posix() for path in (*without[:1], *unread[:1], *twice[:1])]
    notes = [
        _note(name, len(lost), "rows match no photo", _of_row(lost)),
        _note(name, len(several), "rows fit several photos (give the folder, too)", _of_row(several)),
        _note(name, len(without), "photos have no row", shorter[0] if without else ""),
        _note(name, len(twice), "rows name a photo again (its first row counts)", shorter[-1] if twice else ""),
        _note(
            name,
            len(unread),
            "dates are not understood or can be read in two ways (write them as 2019-05-31 17:02:11)",
            f"{first[unread[0]]['date']!a} of {unread[0].name}" if unread else "",
        ),
    ]
    counted = [path for path, date in dates.items() if date]
    if counted:
        read = f"{first[counted[0]]['date']!a} of {counted[0].name} is {as_text(dates[counted[0]])}"
        notes.insert(0, _note(name, len(counted), "dates count before those in EXIF", read))
    facts = {path: {key: row[key] for key in ("scene", "device") if row.get(key)} for path, row in first.items()}
    known = {path: date for path, date in dates.items() if date}
    return Manifest(known, {path: row for path, row in facts.items() if row}, tuple(note for note in notes if note))


def _note(name: str, count: int, what: str, first: str) -> str:
    return f"{name}: {count} {what}, the first: {shown(first)[:160]}" if count else ""


def _of_row(rows: list[dict[str, str]]) -> str:
    return f"{rows[0]['camera']}, {rows[0]['file']}" if rows else ""


class _Index:
    """Finds a photo by what a row calls its camera and its file."""

    def __init__(self, base: Path, cameras: dict[str, list[Path]]):
        self.exact: dict[tuple[str, str], list[Path]] = {}
        self.loose: dict[tuple[str, str], list[Path]] = {}
        for camera, files in cameras.items():
            for path in files:
                parts = PurePosixPath(path.relative_to(base).as_posix()).parts
                for at in range(len(parts)):
                    name = "/".join(parts[at:])
                    self.exact.setdefault((camera, name), []).append(path)
                    self.loose.setdefault((folded(camera), folded(name)), []).append(path)

    def is_ambiguous(self, camera: str, file: str) -> bool:
        """Whether several photos fit."""
        return len(self._fitting(camera, file)) > 1

    def photo(self, camera: str, file: str) -> Path | None:
        """The only photo that fits; None where there is none or more than one."""
        found = self._fitting(camera, file)
        return found[0] if len(found) == 1 else None

    def _fitting(self, camera: str, file: str) -> list[Path]:
        parts = [part for part in file.replace("\\", "/").split("/") if part not in ("", ".")]
        for names in ("/".join(parts[at:]) for at in range(len(parts))):
            for found in (self.exact.get((camera, names)), self.loose.get((folded(camera), folded(names)))):
                if found:
                    return found
        return []


def joined(photos: Iterable[Path], *sources: dict[Path, dict[str, str]]) -> dict[Path, dict[str, str]]:
    """Each photo's facts from several sources, of which a later one wins."""
    return {path: {key: value for source in sources for key, value in source.get(path, {}).items()} for path in photos}
