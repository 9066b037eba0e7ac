"""The plan of a run: the parameters of every chapter, all checked before anything starts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from camgan_lib.base.errors import CamganError, did_you_mean
from camgan_lib.base.params import Parameter, check_parameters, parse_setting, read_parameters
from camgan_lib.base.settings import Settings
from camgan_lib.book import chapters
from camgan_lib.book.profiles import SHARED, read_profile


@dataclass(frozen=True)
class Plan:
    """What a run executes: `parameters` are all parameters of each chapter, `kernel` is the Jupyter kernel's name."""

    profile: str
    parameters: dict[str, dict[str, Any]]
    settings: Settings = field(default_factory=Settings.from_environment)
    kernel: str = "python3"

    @property
    def build(self) -> Path:
        """The folder that the run writes its files to."""
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

    `given` holds settings `chapter.name=value`. They override the profile. A setting without a chapter is for the
    chapter `only`. Without `only` it must be a shared parameter, and every chapter gets it. `settings` are by default
    those of the environment.
    Raises CamganError for an unknown profile, chapter, parameter or kernel, or a value that is not allowed.
    """
    name, values = read_profile(profile)
    return plan_of(name, with_settings(values, given, only), settings or Settings.from_environment(), kernel)


def with_settings(
    values: dict[str, dict[str, Any]], given: list[str], only: str | None = None
) -> dict[str, dict[str, Any]]:
    """Values by chapter, with those that settings give in their place; `given` and `only` as in `make_plan`.

    Raises CamganError for an unknown chapter or parameter.
    """
    for setting in given:
        chapter, parameter, value = parse_setting(setting)
        chapter = chapter or only
        if chapter:
            chapters.source(chapter)
            values = {**values, chapter: {**values.get(chapter, {}), parameter: value}}
        elif parameter in SHARED:
            values = {each: {**others, parameter: value} for each, others in values.items()}
        else:
            raise CamganError(_which_chapter(setting, parameter))
    return values


def plan_of(profile: str, values: dict[str, dict[str, Any]], settings: Settings, kernel: str = "python3") -> Plan:
    """The plan of a run with these values by chapter, every parameter checked; what is not among them has its default.

    `profile` is a name for pages and records. Raises CamganError as `make_plan` does.
    """
    checked = {
        chapter: check_parameters(chapter, those, {**values.get(chapter, {}), "profile": profile})
        for chapter, those in declared().items()
    }
    _check_kernel(kernel)
    _check_values(checked)
    return Plan(profile, checked, settings, kernel)


def declared() -> dict[str, dict[str, Parameter]]:
    """The parameters that each chapter declares, by name."""
    return {chapter: read_parameters(source) for chapter, source in chapters.sources().items()}


def _which_chapter(setting: str, parameter: str) -> str:
    """The message for a setting that names no chapter and needs one."""
    by_chapter = declared()
    owners = [chapter for chapter, those in by_chapter.items() if parameter in those]
    write = " or ".join(f"{chapter}.{parameter}=…" for chapter in owners or ["chapter"])
    known = [*SHARED, *(name for those in by_chapter.values() for name in those)]
    hint = "" if owners else did_you_mean(parameter, known)
    return f"-p {setting}: which chapter? Write {write}; shared are {', '.join(SHARED)}{hint}"


def _check_kernel(kernel: str) -> None:
    from jupyter_core.paths import jupyter_path

    if kernel == "python3" and any(Path(folder, kernel, "kernel.json").is_file() for folder in jupyter_path("kernels")):
        return  # jupyter_client takes a while to import
    from jupyter_client.kernelspec import KernelSpecManager

    known = KernelSpecManager().find_kernel_specs()
    if kernel not in known:
        raise CamganError(
            f"there is no Jupyter kernel {kernel!r}; installed are {', '.join(sorted(known))}"
            f"{did_you_mean(kernel, known)}"
        )


def _check_values(parameters: dict[str, dict[str, Any]]) -> None:
    """Checks what a declaration can't say: that the device exists, and that the folders of data hold photos.

    Raises CamganError if not.
    """
    from camgan_lib.data.folders import check_cameras, collect

    if named := {p["device"] for p in parameters.values()} - {"auto", "cpu"}:
        from camgan_lib.base.devices import resolve_device

        for device in named:
            resolve_device(device)
    if parameters["dataset"]["data"] != "simulated":
        found = collect(Path(parameters["dataset"]["data"]).expanduser())
        cameras = check_cameras(found, parameters["dataset"]["bad_cameras"])[0].cameras
        wanted = parameters.get("explanations", {}).get("lime_camera")
        if wanted and wanted not in cameras:
            raise CamganError(f"explanations.lime_camera must be one of {', '.join(cameras)}, got {wanted!r}")
    nostyle = parameters["style_gan"]["nostyle"]
    if nostyle != "scenes" and not Path(nostyle).expanduser().exists():
        raise CamganError(f"style_gan.nostyle must be 'scenes', a folder or a .npz file, there is nothing at {nostyle}")
