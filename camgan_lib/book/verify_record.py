"""The record that `camgan verify` takes: a run's results, and the plan that makes this run again.

The plan has the parameters that the run recorded, not today's defaults. Where the user's files lie and what device
computes is a matter of the machine, so these may be given.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import file_sha256
from camgan_lib.base.params import check_parameters, parse_setting
from camgan_lib.base.settings import Settings
from camgan_lib.book import chapters, published
from camgan_lib.book.plan import Plan, declared, plan_of, with_settings
from camgan_lib.book.profiles import FILES, SHARED, data_settings, read_profile
from camgan_lib.book.records import read_record

Values = dict[str, dict[str, Any]]

ITSELF, BESIDE = "the record", "the chapters' records beside the results"


@dataclass(frozen=True)
class Recorded:
    """A recorded run.

    `name`: what it is called; `file`: its results.json; `results`: what that holds, with estimates as such;
    `parameters`: the parameters of each chapter; `source`: in words, where these come from.
    """

    name: str
    file: Path
    results: dict[str, Any]
    parameters: Values
    source: str

    @property
    def run(self) -> dict[str, Any]:
        """Profile, data, seed, commit, versions … of the run."""
        return self.results["run"]

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file."""
        return file_sha256(self.file)

    @property
    def has_parameters(self) -> bool:
        """Whether the run's parameters were recorded."""
        return self.source in (ITSELF, BESIDE)


def read_recorded(where: str) -> Recorded:
    """The run that `where` names: a published run, a build folder or a results.json.

    Raises CamganError where there is none, where its parameters can't be read, and where they were not recorded and its
    profile is gone.
    """
    results, file = published.read_results(where), published.results_file(where).resolve()
    name = re.sub(r"[^\w.-]", "_", file.parent.name if file.name == "results.json" else file.stem)
    return Recorded(name, file, results, *_parameters(name, file.parent, results["run"]))


def _parameters(name: str, folder: Path, run: dict[str, Any]) -> tuple[Values, str]:
    if (held := run.get("parameters")) is not None:
        if not isinstance(held, dict) or not all(isinstance(each, dict) for each in held.values()):
            raise CamganError(
                f"the parameters of each chapter were expected in {name}'s results, something else is there"
            )
        return held, ITSELF
    records = {chapter: read_record(folder / "records", chapter) for chapter in chapters.sources()}
    if found := {chapter: record["parameters"] for chapter, record in records.items() if record}:
        return found, BESIDE
    try:
        values = read_profile(str(run.get("profile")))[1]
    except CamganError as error:
        raise CamganError(f"{name} does not record its parameters, and its profile can't be read: {error}") from None
    return values, f"profile {run.get('profile')} as it is today, because the record holds none"


def plan_again(recorded: Recorded, settings: Settings, data: str | None = None, given: list[str] | None = None) -> Plan:
    """The plan that makes a recorded run again, every parameter checked.

    `data`: the folder of the user's photos, as `--data` names it; `given`: settings `chapter.name=value` of what the
    record can't hold. Raises CamganError where today's chapters don't take what was recorded, where photos or pictures
    of the user are needed and not given, and where a recorded parameter is given.
    """
    _check_takes(recorded)
    _check_given(recorded, given or [])
    fixed = {name: recorded.run[name] for name in ("seed",) if name in recorded.run}
    values: Values = {chapter: {**fixed, **recorded.parameters.get(chapter, {})} for chapter in chapters.sources()}
    files = _files(recorded)
    for chapter, name in files:
        values[chapter].pop(name, None)
    values = with_settings(values, [*_data(recorded, data), *(given or [])])
    for chapter, name in files:
        if name not in values[chapter]:
            raise CamganError(_lacks(recorded, name))
    return plan_of(str(recorded.run.get("profile")), values, settings)


def unrecorded(recorded: Recorded) -> dict[str, Any]:
    """Parameters of today's chapters that the record does not hold, `chapter.name`, with the default that they get."""
    return {
        f"{chapter}.{name}": parameter.default
        for chapter, those in declared().items()
        for name, parameter in those.items()
        if name not in (*SHARED, "profile", *recorded.parameters.get(chapter, {}))
    }


def _check_takes(recorded: Recorded) -> None:
    """Raises CamganError where a chapter of today does not take a recorded parameter."""
    known = declared()
    for chapter, those in recorded.parameters.items():
        try:
            chapters.source(chapter)
            check_parameters(chapter, known[chapter], those)
        except CamganError as error:
            raise CamganError(
                f"this version can't make {recorded.name} again: {error}; check out its commit "
                f"{recorded.run.get('commit')} and verify it there"
            ) from None


def _check_given(recorded: Recorded, given: list[str]) -> None:
    for setting in given:
        chapter, name, _ = parse_setting(setting)
        held = recorded.has_parameters and name in recorded.parameters.get(str(chapter), {})
        own = name == "device" or (chapter, name) in _files(recorded)
        if not own and (held or name in (*FILES, "seed")):
            raise CamganError(
                f"-p {setting}: a verification takes what {recorded.name} recorded; the device can be given, and where "
                "the run's own files are. For a run with other parameters there is 'camgan book'"
            )


def _files(recorded: Recorded) -> list[tuple[str, str]]:
    """Chapter and name of the parameters that named the user's files. A record holds no folders."""
    own = {("dataset", "data"): "simulated", ("style_gan", "nostyle"): "scenes"}
    return [place for place, made in own.items() if recorded.run.get(place[1]) != made]


def _data(recorded: Recorded, folder: str | None) -> list[str]:
    """The settings that stand for a folder of photos: its pictures without a camera only where the run had such."""
    if folder is None:
        return []
    wanted = [f"{chapter}.{name}=" for chapter, name in _files(recorded)]
    if "dataset.data=" not in wanted:
        raise CamganError(f"{recorded.name} is a run of simulated photos; leave --data out")
    return [each for each in data_settings(folder) if each.startswith(tuple(wanted))]


def _lacks(recorded: Recorded, name: str) -> str:
    what, how = {
        "data": ("photos", "name their folder with --data DIR"),
        "nostyle": (
            "pictures without a camera",
            "put them into the folder of --data, or name them with -p style_gan.nostyle=PATH",
        ),
    }[name]
    return f"{recorded.name} is a run on {what} that do not come with the project ({recorded.run.get(name)}); {how}"
