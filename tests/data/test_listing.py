"""A listing names files as the user sees them, wherever links lead."""

from PIL import Image

from camgan_lib.data.listing import listing


def test_a_cameras_folder_may_be_a_link(tmp_path):
    elsewhere, data = tmp_path / "disk", tmp_path / "data"
    for camera in ("one", "two"):
        (elsewhere / camera).mkdir(parents=True)
        Image.new("RGB", (64, 64)).save(elsewhere / camera / "a.jpg")
    data.mkdir()
    for camera in ("one", "two"):
        (data / camera).symlink_to(elsewhere / camera)
    names = [name for name, _, _ in listing(data)]
    assert names == ["data/one/a.jpg", "data/two/a.jpg"]
    assert [name for name, _, _ in listing(elsewhere)] == ["disk/one/a.jpg", "disk/two/a.jpg"]
