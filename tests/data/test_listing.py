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


def test_a_link_to_nowhere_and_every_table_are_listed(tmp_path):
    for camera in ("one", "two"):
        (tmp_path / camera).mkdir()
        Image.new("RGB", (64, 64)).save(tmp_path / camera / "a.jpg")
    (tmp_path / "one" / "dead.jpg").symlink_to(tmp_path / "nowhere.jpg")
    before = listing(tmp_path)
    assert [size for name, size, _ in before if name.endswith("dead.jpg")] == [0]
    for name in ("manifest.tsv", "Manifest.csv", "dresden.csv"):
        (tmp_path / name).write_text("camera\tfile\n")
        assert len(listing(tmp_path)) > len(before)
        before = listing(tmp_path)
