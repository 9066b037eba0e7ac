"""The scripts that fetch and lay out data: what they write, what they refuse, and that they say what to do."""

import importlib.util
import io
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from camgan_lib.data.folders import find_cameras
from camgan_lib.data.nostyle import load_nostyle

SCRIPTS = Path(__file__).parents[1] / "data_scripts"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(path.name for path in SCRIPTS.glob("*.py")))
def test_every_script_explains_itself(name):
    done = subprocess.run([sys.executable, SCRIPTS / name, "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith("usage: ")


# --- CIFAR-10

fetch_cifar10 = script("fetch_cifar10")


def give(monkeypatch: pytest.MonkeyPatch, per_class: int = 0, error: Exception | None = None) -> None:
    """Puts a small data set in the place of torchvision's, or an error."""

    def make(root, train, download):
        if error:
            raise error
        labels = np.repeat(np.arange(10), per_class or (50 if train else 10))
        images = np.zeros((len(labels), 32, 32, 3), np.uint8)
        images[:, 0, 0, 0], images[:, 0, 0, 1] = np.arange(len(labels)) // 20, np.arange(len(labels)) % 20
        return SimpleNamespace(data=images, targets=labels.tolist())

    monkeypatch.setattr("torchvision.datasets.CIFAR10", make)
    monkeypatch.setattr(fetch_cifar10, "HALVES", (("train", 50), ("test", 10)))


def test_the_data_set_has_60000_images():
    assert fetch_cifar10.HALVES == (("train", 5000), ("test", 1000))


@pytest.mark.slow
def test_cifar_is_written_without_loss_and_read_again(tmp_path, monkeypatch, capsys):
    give(monkeypatch)
    assert fetch_cifar10.main([str(tmp_path)]) == 0
    assert "500 images train, 100 images test, verified" in capsys.readouterr().out
    with np.load(tmp_path / "cifar10.npz", allow_pickle=False) as file:
        assert set(file) == {"x_train", "y_train", "x_test", "y_test"}
        assert np.array_equal(file["y_test"], np.repeat(np.arange(10), 10))
    data = load_nostyle(str(tmp_path), train=0, test=0, seed=0)
    assert np.array_equal(data.train[:, 0, 0] @ [20, 1, 0], np.arange(500))


def test_a_cifar_of_other_counts_is_refused(tmp_path, monkeypatch, capsys):
    give(monkeypatch, per_class=7)
    assert fetch_cifar10.main([str(tmp_path)]) == 2
    assert "50 images uint8 32×32×3 of each of 10 classes" in capsys.readouterr().err
    assert not (tmp_path / "cifar10.npz").exists()


@pytest.mark.parametrize("error", [OSError("no network"), RuntimeError("File not found or corrupted.")])
def test_without_a_network_the_way_by_hand_is_told(tmp_path, monkeypatch, capsys, error):
    give(monkeypatch, error=error)
    assert fetch_cifar10.main([str(tmp_path)]) == 2
    assert "cifar-10-python.tar.gz from https://" in capsys.readouterr().err


# --- SP Cup

spcup = script("lay_out_spcup")


def jpeg(side: int = 512, shade: int = 0, mode: str = "RGB") -> bytes:
    stream = io.BytesIO()
    Image.new(mode, (side + 8, side), shade).save(stream, format="JPEG")
    return stream.getvalue()


def contest(photos: int = 3, inside: str = "train/") -> dict[str, bytes]:
    files = {
        f"{inside}{camera}/({camera}){i}.{'JPG' if camera == 'Sony-NEX-7' else 'jpg'}": jpeg(shade=16 * c + i)
        for c, camera in enumerate(spcup.CAMERAS)
        for i in range(photos)
    }
    return {"sample_submission.csv": b"fname,camera\n", "test/img_0001_manip.tif": b"x", **files}


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def unpacked(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def laid(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def nested(path: Path, files: dict[str, bytes]) -> Path:
    inner = zipped(path.with_name("inner.zip"), files).read_bytes()
    return zipped(path, {"train.zip": inner, "test.zip": b"x"})


@pytest.mark.parametrize(
    "make",
    [
        lambda p: zipped(p / "spcup.zip", contest()),
        lambda p: zipped(p / "train.zip", contest(inside="")),
        lambda p: zipped(p / "spcup.zip", contest(inside="train/train/")),
        lambda p: nested(p / "spcup.zip", contest()),
        lambda p: unpacked(p / "spcup", contest()),
        lambda p: nested(p / "train.zip", contest()).parent,
    ],
    ids=["archive", "train.zip", "twice", "nested", "folder", "folder of archives"],
)
def test_the_papers_phones_are_laid_out(tmp_path, make, capsys):
    (tmp_path / "source").mkdir()
    source, out = make(tmp_path / "source"), tmp_path / "out"
    assert spcup.main([str(source), str(out), "--photos", "3"]) == 0
    assert list(find_cameras(out)) == sorted(spcup.PAPERS)
    want = {name.removeprefix("train/"): content for name, content in contest().items()}
    assert laid(out) == {name: want[name] for name in want if name.split("/")[0] in spcup.PAPERS}
    assert "HTC-1-M7: 3 photos, 3 of 520×512" in capsys.readouterr().out


def test_all_ten_or_named_ones(tmp_path):
    source = zipped(tmp_path / "a.zip", contest(1))
    assert spcup.main([str(source), str(tmp_path / "ten"), "--photos", "1", "--all"]) == 0
    assert len(find_cameras(tmp_path / "ten")) == 10
    two = ["--camera", "Motorola-X", "--camera", "Sony-NEX-7"]
    assert spcup.main([str(source), str(tmp_path / "two"), "--photos", "1", *two]) == 0
    assert list(find_cameras(tmp_path / "two")) == ["Motorola-X", "Sony-NEX-7"]


def test_a_second_run_keeps_what_is_there_and_mends_the_rest(tmp_path):
    source, out = zipped(tmp_path / "a.zip", contest(2)), tmp_path / "out"
    arguments = [str(source), str(out), "--photos", "2"]
    spcup.main(arguments)
    before = laid(out)
    first, second = sorted((out / "iPhone-6").iterdir())
    kept = first.stat().st_mtime_ns
    second.write_bytes(b"half")
    assert spcup.main(arguments) == 0
    assert laid(out) == before
    assert first.stat().st_mtime_ns == kept


def test_nothing_is_written_outside_the_folder(tmp_path):
    evil = {
        "../../HTC-1-M7/out.jpg": jpeg(),
        "/HTC-1-M7/absolute.jpg": jpeg(),
        "HTC-1-M7/..\\..\\back.jpg": jpeg(),
        "../up.jpg": jpeg(),
    }
    source = zipped(tmp_path / "a.zip", contest(2) | evil)
    out = tmp_path / "deep" / "down" / "out"
    assert spcup.main([str(source), str(out), "--photos", "2"]) == 2, "two photos too many of HTC-1-M7"
    spcup.main([str(source), str(out), "--photos", "4", "--camera", "HTC-1-M7"])
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and out not in path.parents]
    assert outside == [source]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.pop("train/iPhone-6/(iPhone-6)1.jpg"), "2 photos of iPhone-6 were expected"),
        (lambda f: f.update({"other/iPhone-6/(iPhone-6)1.jpg": jpeg()}), "some twice"),
        (lambda f: f.update({"train/iPhone-6/(iPhone-6)1.jpg": b"text"}), "should be a JPEG photo"),
        (lambda f: f.update({"train/iPhone-6/(iPhone-6)1.jpg": jpeg(500)}), "512 pixels or more a side"),
        (lambda f: f.update({"train/iPhone-6/(iPhone-6)1.jpg": jpeg(mode="L")}), "it is L with"),
        (lambda f: f.update({"train/iPhone-6/(iPhone-6)1.jpg": bytes(101 * 2**20)}), "at most"),
        (lambda f: f.clear(), "kaggle competitions download"),
    ],
)
def test_an_archive_that_is_not_the_contests_is_refused(tmp_path, capsys, change, words):
    files = contest(2)
    change(files)
    source = zipped(tmp_path / "a.zip", files)
    assert spcup.main([str(source), str(tmp_path / "out"), "--photos", "2"]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("lay_out_spcup: ")]
    assert words in line


def test_a_missing_or_damaged_archive_is_refused_and_the_way_to_get_it_told(tmp_path, capsys):
    assert spcup.main([str(tmp_path / "none.zip"), str(tmp_path / "out")]) == 2
    assert "after log-in" in capsys.readouterr().err
    source = zipped(tmp_path / "a.zip", contest(1))
    whole = source.read_bytes()
    source.write_bytes(whole[: len(whole) // 2])
    assert spcup.main([str(source), str(tmp_path / "out"), "--photos", "1"]) == 2
    assert "can't be read as a zip archive" in capsys.readouterr().err
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        entry = archive.getinfo("train/HTC-1-M7/(HTC-1-M7)0.jpg")
    at = entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2
    source.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
    assert spcup.main([str(source), str(tmp_path / "out2"), "--photos", "1"]) == 2
    assert "can't be" in capsys.readouterr().err
    assert not (tmp_path / "out2" / "HTC-1-M7" / "(HTC-1-M7)0.jpg").exists()


@pytest.mark.parametrize("question", ["resampling", "jpeg"])
def test_classes_of_a_style_question_differ_in_their_spectra_and_are_made_once(tmp_path, question, capsys):
    from PIL import Image

    made = script("style_question")
    arguments = [question, "--out", str(tmp_path), "--photos", "3", "--size", "64"]
    assert made.main(arguments) == 0
    files = sorted(tmp_path.rglob("*.png"))
    assert len(files) == 12
    before = {path: path.read_bytes() for path in files}
    files[0].unlink()
    assert made.main(arguments) == 0
    assert {path: path.read_bytes() for path in sorted(tmp_path.rglob("*.png"))} == before
    assert Image.open(files[1]).size == (64, 64)
    assert made.main([question, "--out", str(tmp_path), "--photos", "1"]) == 2
    assert "at least 2 photos" in capsys.readouterr().err


def test_stages_are_made_one_folder_each(tmp_path, capsys):
    from camgan_lib.data.stages import STAGES

    made = script("simulate_stages")
    assert made.main(["--out", str(tmp_path), "--photos", "2", "--size", "64"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(STAGES)
    assert len(list(tmp_path.rglob("*.jpg"))) == 4 * len(STAGES)
    assert made.main(["--out", str(tmp_path), "--photos", "1"]) == 2
    assert "at least 2 photos" in capsys.readouterr().err


def test_whole_scenes_are_a_file_of_no_style_images(tmp_path, capsys, monkeypatch):
    from camgan_lib.data import whole_scenes
    from camgan_lib.data.nostyle import load_nostyle

    monkeypatch.setattr(whole_scenes, "SCENES", {"x_train": 2, "x_test": 1})
    made, path = script("whole_scenes"), tmp_path / "whole" / "scenes.npz"
    assert made.main(["--out", str(path)]) == 0
    images = load_nostyle(str(path), train=0, test=0, seed=0)
    assert (len(images.train), len(images.test)) == (128, 64)
    before = path.read_bytes()
    assert made.main(["--out", str(path)]) == 0
    assert path.read_bytes() == before
    assert made.main(["--out", str(tmp_path)]) == 2
    assert "takes the name of an .npz file" in capsys.readouterr().err
