"""Walks through a user's folders: links are followed, no folder is visited twice, what can't be read is told."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from camgan_lib.data.names import is_system

Folders = tuple[str, ...]
"""Names of the folders between a folder and a file below it."""

File = tuple[Folders, str]
"""The folders above a file, and its name."""


def walk(folder: Path | str, unread: dict[Path, str]) -> Iterator[File]:
    """The files of a folder at any depth without those that systems leave, folder by folder, sorted by name.

    Folders that can't be read, or can't exist, go to `unread` with the reason.
    """
    seen: set[tuple[int, int]] = set()
    todo: list[tuple[Folders, str]] = [((), str(folder))]
    while todo:
        folders, path = todo.pop()
        try:
            status = os.stat(path)
            if (key := (status.st_dev, status.st_ino)) in seen:
                continue
            seen.add(key)
            with os.scandir(path) as entries:
                found = {each.name: each for each in entries if not is_system(each.name)}
        except (OSError, ValueError) as error:
            unread[Path(path)] = f"a folder that can't be read ({getattr(error, 'strerror', None) or error})"
            continue
        inner = {name for name, each in found.items() if _is_folder(each)}
        todo += [((*folders, name), found[name].path) for name in sorted(inner, reverse=True)]
        yield from ((folders, name) for name in sorted(found.keys() - inner))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):  # a link to itself
        return entry.is_dir()
    return False
