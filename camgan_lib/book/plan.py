"""The plan of a run: every chapter's parameters, checked before anything starts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from camgan_lib.base.errors import CamganError
from camgan_lib.base.params import check_parameters, parse_setting, read_parameters
from camgan_lib.base.settings import Settings
from camgan_lib.book import chapters
from camgan_lib.book.profiles import SHARED, read_profile


@dataclass(frozen=True)
class Plan:
    """What a run does: the profile's name, each chapter's full parameters, its settings, the Jupyter kernel."""

    profile: str
    parameters: dict[str, dict[str, Any]]
    settings: Settings = field(default_factory=Settings.from_environment)
    kernel: str = "python3"

    @property
    def build(self) -> Path:
        """The folder where the run leaves its files."""
        return self.settings.build


def make_plan(
    profile: str,
    given: list[str],
    settings: Settings | None = None,
    *,
    only: str | None = None,
    kernel: str = "python3",
) -> Plan:
    """The plan of a run, every parameter checked.

    `given` are settings `chapter.name=value` that go before the profile's; those without a chapter go to the chapter
    `only`, or to every chapter where the parameter is shared. `settings`: the environment's where none are passed.
    Raises CamganError for an unknown profile, chapter, parameter or kernel, or a value that is not allowed.
    """
    name, values = read_profile(profile)
    for setting in given:
        chapter, parameter, value = parse_setting(setting)
        chapter = chapter or only
        if chapter:
            chapters.source(chapter)
            values[chapter] = {**values[chapter], parameter: value}
        elif parameter in SHARED:
            values = {each: {**others, parameter: value} for each, others in values.items()}
        else:
            raise CamganError(
                f"-p {setting}: which chapter? Write chapter.{parameter}=…; shared are {', '.join(SHARED)}"
            )
    checked = {
        chapter: check_parameters(chapter, read_parameters(source), {**values[chapter], "profile": name})
        for chapter, source in chapters.sources().items()
    }
    _check_kernel(kernel)
    _check_values(checked)
    return Plan(name, checked, settings or Settings.from_environment(), kernel)


def _check_kernel(kernel: str) -> None:
    from jupyter_client.kernelspec import KernelSpecManager

    known = KernelSpecManager().find_kernel_specs()
    if kernel not in known:
        raise CamganError(f"there is no Jupyter kernel {kernel!r}; installed are {', '.join(sorted(known))}")


def _check_values(parameters: dict[str, dict[str, Any]]) -> None:
    """What a declaration can't say: the device is there, the folders of data hold what they should."""
    from camgan_lib.data.folders import find_cameras

    if named := {p["device"] for p in parameters.values()} - {"auto", "cpu"}:
        from camgan_lib.base.devices import resolve_device

        for device in named:
            resolve_device(device)
    if parameters["dataset"]["data"] != "simulated":
        cameras = find_cameras(Path(parameters["dataset"]["data"]).expanduser())
        wanted = parameters.get("explanations", {}).get("lime_camera")
        if wanted and wanted not in cameras:
            raise CamganError(f"explanations.lime_camera must be one of {', '.join(cameras)}, got {wanted!r}")
    nostyle = parameters["style_gan"]["nostyle"]
    if nostyle != "scenes" and not Path(nostyle).expanduser().exists():
        raise CamganError(f"style_gan.nostyle must be 'scenes', a folder or a .npz file, there is nothing at {nostyle}")
