"""The command `camgan identify`: which of a build's cameras took each of some photos."""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import say, write_aside
from camgan_lib.book.options import Build, settings_of
from camgan_lib.data.names import readable, shown

if TYPE_CHECKING:
    from camgan_lib.book.identifying import Identifier
    from camgan_lib.show.identification import Seen

THUMBNAIL = 512
"""Pixels of the longer side of a report's pictures."""


def identify(
    photos: Annotated[list[str], typer.Argument(metavar="PHOTO...", help="Photos, and folders of photos.")],
    build: Build = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")] = False,
    report: Annotated[
        str | None, typer.Option(metavar="FILE.html", help="Write a page too, with a map of the votes on each photo.")
    ] = None,
    crops: Annotated[int, typer.Option(min=1, max=4096, help="Crops of each photo that are asked about.")] = 64,
    workers: Annotated[int, typer.Option(min=0, help="Photos that are read at a time; 0: one per core.")] = 0,
) -> None:
    """Name the camera that took each photo, out of the cameras of a build."""
    from camgan_lib.book import identifying
    from camgan_lib.show import identification

    target = _report_file(report)
    files, left_out = identifying.find_photos(photos)
    identifier = identifying.find_identifier(settings_of(build))
    asked = identifying.ask(
        identifier, files, crops=crops, workers=workers, thumbnail=None if target is None else THUMBNAIL
    )
    answers = [each for each in asked if not isinstance(each, str)]
    left_out |= {file: each for file, each in zip(files, asked, strict=True) if isinstance(each, str)}
    if as_json:
        print(json.dumps(document(answers, left_out, identifier), indent=1, allow_nan=False))
    else:
        _print(identification.text(answers, left_out, identifier.about))
    if target is not None:
        _write(target, answers, left_out, identifier)
        (say if as_json else _print)(f"report: {shown(str(target))}")
    if not answers:
        raise CamganError(f"none of the {len(files)} files can be used; why is said of each under 'left out'")


def _report_file(name: str | None) -> Path | None:
    """The file of the report. Raises CamganError for a name that may be a photo's, and for a folder."""
    if name is None:
        return None
    path = Path(name).expanduser()
    if path.suffix.lower() not in (".html", ".htm") or path.is_dir():
        raise CamganError(f"--report takes the name of a file that ends in .html, got {shown(name)}")
    return path


def _print(text: str) -> None:
    """Prints a text, with letters that the terminal can't show written as `\\u…`."""
    coding = sys.stdout.encoding or "utf-8"
    print(text.encode(coding, "backslashreplace").decode(coding), flush=True)


def _write(path: Path, answers: "Sequence[Seen]", left_out: Mapping[str, str], identifier: "Identifier") -> None:
    from camgan_lib.show import identification_page

    with write_aside(path) as aside, aside.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(identification_page.page(answers, left_out, identifier.about))


# --- the JSON document


def document(answers: "Sequence[Seen]", left_out: Mapping[str, str], identifier: "Identifier") -> dict[str, Any]:
    """What `--json` prints, plain JSON: `photos`, `left_out`, `about`."""
    about = identifier.about
    return {
        "photos": [_answer(seen, list(map(readable, about.cameras))) for seen in answers],
        "left_out": [{"file": readable(file), "reason": readable(reason)} for file, reason in left_out.items()],
        "about": {
            "build": readable(about.build),
            "network": about.network,
            "network_id": about.identity,
            "commit": about.commit,
            "cameras": list(map(readable, about.cameras)),
            "calibration": {"on": about.on, "photos": about.photos, **_finite(identifier.calibration.to_json())},
        },
    }


def _answer(seen: "Seen", cameras: list[str]) -> dict[str, Any]:
    answer = seen.answer
    return {
        "file": readable(seen.file),
        "sha256": seen.sha256,
        "height": seen.size[0],
        "width": seen.size[1],
        "camera": None if answer.camera is None else cameras[answer.camera],
        "probabilities": dict(zip(cameras, answer.probabilities, strict=True)),
        "votes": dict(zip(cameras, answer.votes, strict=True)),
        "open_set": _finite({"score": answer.score, "threshold": answer.threshold}),
        "crops": answer.crops,
        "notes": list(map(readable, seen.notes)),
    }


def _finite(value: Any) -> Any:
    """JSON in which numbers that JSON does not know are null."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
