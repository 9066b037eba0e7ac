"""Files and folders are written whole or not at all, and only errors of writing them are called so."""

import errno
import os
import stat

import pytest

from camgan_lib.base import files
from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import folder_aside, replace_folder, write_aside, write_json


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.ENOENT, errno.EIO])
def test_an_error_of_the_callers_own_passes_through(tmp_path, code):
    with pytest.raises(OSError) as caught, write_aside(tmp_path / "a"):  # noqa: PT011
        raise OSError(code, os.strerror(code), "elsewhere")
    assert caught.value.filename == "elsewhere"
    with pytest.raises(OSError, match="elsewhere"), write_aside(tmp_path / "a"):
        (tmp_path / "elsewhere" / "b").read_bytes()
    assert os.listdir(tmp_path) == []


def test_an_error_of_the_file_itself_is_one_sentence(tmp_path, monkeypatch):
    with pytest.raises(CamganError, match=r"can't write .*Permission denied"), write_aside(tmp_path / "a") as aside:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(aside))
    with pytest.raises(CamganError, match=r"can't write .*No space left"), write_aside(tmp_path / "a"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    (tmp_path / "a").mkdir()
    with pytest.raises(CamganError, match=r"can't write .*directory"):
        write_json(tmp_path / "a", 1)
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize(("umask", "expected"), [(0o022, 0o644), (0o077, 0o600)])
def test_what_is_written_has_the_usual_permissions(tmp_path, umask, expected):
    before = os.umask(umask)
    try:
        write_json(tmp_path / "a.json", 1)
        with folder_aside(tmp_path / "folder"):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == expected
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o777 & ~umask


def test_a_folder_is_replaced_whole_or_left_as_it_was(tmp_path, monkeypatch):
    folder = tmp_path / "folder"
    for text in ("old", "new"):
        with folder_aside(folder) as aside:
            (aside / "file").write_text(text)
    assert (folder / "file").read_text() == "new"
    with pytest.raises(RuntimeError), folder_aside(folder) as aside:
        (aside / "file").write_text("half")
        raise RuntimeError
    real = os.replace

    def refuse(a, b):
        if ".old" not in str(a) and ".old" not in str(b):
            raise PermissionError(errno.EACCES, "no", str(a))
        real(a, b)

    monkeypatch.setattr(files.os, "replace", refuse)
    with pytest.raises(PermissionError), folder_aside(folder) as aside:
        (aside / "file").write_text("newer")
    assert (folder / "file").read_text() == "new"
    assert os.listdir(tmp_path) == ["folder"]


def test_what_a_killed_process_had_put_aside_comes_back(tmp_path):
    (tmp_path / ".folder.old").mkdir()
    (tmp_path / ".folder.old" / "file").write_text("old")
    with pytest.raises(FileNotFoundError):
        replace_folder(tmp_path / "nowhere", tmp_path / "folder")
    assert (tmp_path / "folder" / "file").read_text() == "old"
