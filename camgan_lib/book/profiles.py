"""Profiles: the parameters of a whole run, shared and per chapter, read from YAML."""

from pathlib import Path
from typing import Any

import yaml

from camgan_lib.base import paths
from camgan_lib.base.errors import CamganError
from camgan_lib.book import chapters

FILES = ("data", "nostyle")
"""Parameters that may name files of the user's."""

SHARED = ("seed", "device")
"""Parameters of every chapter that a profile may set once for all."""


# --- what to run


def read_profile(name_or_file: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """A profile's name and, for each chapter that it touches, the values that it sets.

    A profile is YAML: `shared:` (seed, device) and `chapters:` with a mapping of parameters for each.
    Raises CamganError where there is no such profile or it has another shape.
    """
    path = Path(name_or_file)
    if path.suffix not in (".yml", ".yaml"):
        path = paths.ROOT / "profiles" / f"{name_or_file}.yml"
    known = ", ".join(sorted(p.stem for p in (paths.ROOT / "profiles").glob("*.yml")))
    try:
        content = yaml.safe_load(path.read_text("utf-8")) or {}
    except FileNotFoundError:
        raise CamganError(f"there is no profile {name_or_file!r}; take one of {known}, or a .yml file") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        first = " ".join(str(error).split())
        raise CamganError(f"profile {path} can't be read as YAML: {first}") from None
    shape = "a profile has 'shared:' and 'chapters:', each a mapping"
    if not isinstance(content, dict) or (unknown := set(content) - {"shared", "chapters"}):
        raise CamganError(f"{shape}; {path} has {sorted(unknown) if isinstance(content, dict) else 'something else'}")
    shared, by_chapter = content.get("shared") or {}, content.get("chapters") or {}
    parts = [shared, by_chapter, *(by_chapter.values() if isinstance(by_chapter, dict) else ())]
    if not all(isinstance(part, dict) for part in parts):
        raise CamganError(f"{shape}; {path} has another shape")
    if wrong := set(shared) - set(SHARED):
        raise CamganError(f"'shared:' takes {', '.join(SHARED)}; {path} has {', '.join(sorted(map(str, wrong)))}")
    for chapter in by_chapter:
        chapters.source(chapter)
    return path.stem, {name: {**shared, **by_chapter.get(name, {})} for name in chapters.sources()}


def data_settings(folder: str) -> list[str]:
    """The settings that `--data DIR` stands for: photos of DIR for chapter dataset, its CIFAR-10 for style_gan.

    Raises CamganError where DIR holds no folders of photos.
    """
    from camgan_lib.data.folders import camera_set

    path = Path(folder).expanduser()
    if not path.is_dir():
        raise CamganError(f"--data takes a folder with one sub-folder of photos per camera, {folder} is no folder")
    cifar = [
        f"style_gan.nostyle={path / name}" for name in ("cifar10.npz", "cifar-10-batches-py") if (path / name).exists()
    ]
    return [f"dataset.data={camera_set(path)}", *cifar[:1]]
