"""Every file of a tree once, in order, whatever the links; what can't be read is told."""

import os

import pytest

from camgan_lib.data.walking import walk


def test_each_file_comes_once_and_in_order_though_links_lead_back_and_across(tmp_path):
    for name in ("b/2.jpg", "b/1.jpg", "a/deep/er/3.jpg", "0.jpg", "@eaDir/4.jpg", "a/.hidden", "c/5.jpg"):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "photos" / "a" / "up").symlink_to(tmp_path / "photos")
    (tmp_path / "photos" / "d").symlink_to(tmp_path / "photos" / "c")
    (tmp_path / "photos" / "self").symlink_to("self")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "6.jpg").touch()
    (tmp_path / "photos" / "e").symlink_to(tmp_path / "elsewhere")
    unread = {}
    found = ["/".join([*folders, name]) for folders, name in walk(tmp_path / "photos", unread)]
    assert found == ["0.jpg", "self", "a/deep/er/3.jpg", "b/1.jpg", "b/2.jpg", "c/5.jpg", "e/6.jpg"]
    assert unread == {}


@pytest.mark.parametrize("name", ["missing", "nul\0"])
def test_a_folder_that_can_not_be_read_is_told(tmp_path, name):
    unread = {}
    assert list(walk(os.path.join(tmp_path, name), unread)) == []
    assert [why.split(" (")[0] for why in unread.values()] == ["a folder that can't be read"]
    assert "None" not in str(unread)
