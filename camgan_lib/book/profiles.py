"""Profiles: YAML files that set the parameters of a whole run, for all chapters or for one."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from camgan_lib.base import paths
from camgan_lib.base.errors import CamganError, did_you_mean
from camgan_lib.book import chapters

FILES = ("data", "nostyle")
"""Parameters whose value may be a path to the user's files."""

SHARED = ("seed", "device")
"""Parameters that every chapter has. A profile may set them once for all chapters."""


def read_profile(name_or_file: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """A profile's name and, by chapter, the values that it sets (not checked yet).

    A profile has `shared:` (seed, device) and `chapters:`, which maps a chapter to its parameters.
    Raises CamganError if there is no such profile, if it isn't YAML, or if it has other keys.
    """
    path = Path(name_or_file)
    if path.suffix not in (".yml", ".yaml"):
        path = paths.ROOT / "profiles" / f"{name_or_file}.yml"
    known = sorted(p.stem for p in (paths.ROOT / "profiles").glob("*.yml"))
    try:
        content = yaml.safe_load(path.read_text("utf-8")) or {}
    except FileNotFoundError:
        raise CamganError(
            f"there is no profile {name_or_file!r}; take one of {', '.join(known)}, or a .yml file"
            f"{did_you_mean(name_or_file, known)}"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        first = " ".join(str(error).split())
        raise CamganError(f"profile {path} can't be read as YAML: {first}") from None
    shape = "a profile has 'shared:' and 'chapters:', each a mapping"
    if not isinstance(content, dict):
        raise CamganError(f"{shape}; {path} has something else")
    if unknown := _others(content, ("shared", "chapters")):
        raise CamganError(f"{shape}; {path} has {unknown}")
    shared, by_chapter = content.get("shared") or {}, content.get("chapters") or {}
    parts = [shared, by_chapter, *(by_chapter.values() if isinstance(by_chapter, dict) else ())]
    if not all(isinstance(part, dict) for part in parts):
        raise CamganError(f"{shape}; {path} has another shape")
    if unknown := _others(shared, SHARED):
        raise CamganError(f"'shared:' takes {', '.join(SHARED)}; {path} has {unknown}")
    for chapter in by_chapter:
        chapters.source(chapter)
    return path.stem, {name: {**shared, **by_chapter.get(name, {})} for name in chapters.sources()}


def _others(found: Iterable[Any], known: tuple[str, ...]) -> str:
    """The names that are not known, as a message lists them, with what the first may have meant; empty if none."""
    names = sorted(str(name) for name in found if name not in known)
    return ", ".join(names) + did_you_mean(names[0], known) if names else ""


def data_settings(folder: str) -> list[str]:
    """The settings that `--data DIR` stands for, each `chapter.name=value`.

    Chapter dataset gets the photos of DIR. Chapter style_gan gets its CIFAR-10, if there is one.
    Raises CamganError if DIR has no sub-folders of photos.
    """
    from camgan_lib.data.folders import camera_set

    path = Path(folder).expanduser()
    if not path.is_dir():
        raise CamganError(f"--data takes a folder with one sub-folder of photos per camera, {folder} is no folder")
    cifar = [
        f"style_gan.nostyle={path / name}" for name in ("cifar10.npz", "cifar-10-batches-py") if (path / name).exists()
    ]
    return [f"dataset.data={camera_set(path)}", *cifar[:1]]
