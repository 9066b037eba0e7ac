"""`camgan identify` on a small build: the same answer for a photo whatever is beside it, and no file that ends it."""

import hashlib
import json
import os
import shutil
import time

import numpy as np
import pytest
import torch
import typer
from PIL import Image
from typer.testing import CliRunner

from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import write_json
from camgan_lib.base.settings import Settings
from camgan_lib.book import identify_cli, identifying
from camgan_lib.data.photos import load_crops
from camgan_lib.measure.identification import calibrate
from camgan_lib.networks.forensic import ForensicNet
from camgan_lib.networks.resnet import ResNet20
from camgan_lib.networks.store import Store

CAMERAS = ["Apple-iPhone-11", "A&B <i>", "写真機"]
KEY = {"data": "photos", "recipe": {"epochs": 1}, "code": 1}

app = typer.Typer()
app.command()(identify_cli.identify)


@pytest.fixture(autouse=True)
def own_store(monkeypatch):
    for name in ("CAMGAN_STORE", "CAMGAN_BUILD", "CAMGAN_FRESH"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A build whose network is untrained and calibrated on random logits, and which has a name for every photo."""
    return make_build(tmp_path_factory.mktemp("made") / "my build", ResNet20(3), "auxiliary", CAMERAS, threshold=1e6)


@pytest.fixture
def build(made, tmp_path):
    """A copy of that build, to be damaged."""
    return shutil.copytree(made, tmp_path / "my build")


@pytest.fixture
def photos(tmp_path):
    """A folder with photos at two depths, and with what is no photo."""
    folder = tmp_path / "photos"
    (folder / "deep" / "er").mkdir(parents=True)
    for number, name in enumerate(("a.jpg", "b.png", "deep/er/c.JPG")):
        photo(folder / name, number)
    (folder / "letter.jpg").write_text("Dear Sir or Madam, ")
    (folder / "cut.jpg").write_bytes((folder / "a.jpg").read_bytes()[:2000])
    (folder / "notes.txt").write_text("no photo by its name")
    photo(folder / ".hidden.jpg", 9)
    return folder


def make_build(folder, network, name, cameras, threshold):
    rng, count = np.random.default_rng(0), len(cameras)
    torch.manual_seed(0)
    labels, photo_of = np.arange(60) % count, np.arange(60) // 3
    logits = (rng.normal(size=(60, count)) + np.eye(count)[labels]).astype(np.float32)
    features = rng.uniform(size=(60, network.head.in_features)).astype(np.float32)
    found = calibrate(logits, features, labels, photo_of).to_json()
    found["thresholds"] = [threshold for _ in found["thresholds"]]
    kind = "identifier" if name == "forensic" else "classifier"
    Store(folder / "store").put(kind, KEY, network.state_dict(), {})
    record = {
        "results": {
            "identification": {
                **{"network": name, "calibration": found, "on": "test", "photos": 20},
                "mistaken": {"share": 0.1, "low": 0.01, "high": 0.3, "photos": 20},
            }
        },
        "products": {"identifier" if name == "forensic" else "auxiliary": {"kind": kind, "key": KEY}},
        "provenance": {"commit": "0123456789ab"},
    }
    write_json(folder / "records" / "classifier.json", record)
    parameters = {"largest_photo": 20.0, "pixels_per_byte": 100.0}
    products = {"dataset": {"file": "crops.npz"}}
    dataset = {"results": {"cameras": cameras}, "parameters": parameters, "products": products}
    write_json(folder / "records" / "dataset.json", dataset)
    return folder


def photo(path, seed, height=90, width=120):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    Image.fromarray(pixels).save(path, "PNG" if path.suffix == ".png" else "JPEG")
    return path


def camgan(build, *arguments, charset="utf-8"):
    """The exit code, stdout and stderr of the command, its error as `cli.main` would print it."""
    done = CliRunner(charset=charset).invoke(app, [*map(str, arguments), "--build", str(build)])
    if isinstance(done.exception, CamganError):
        return 2, done.stdout, done.stderr + str(done.exception)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def answers(build, *arguments):
    code, out, err = camgan(build, *arguments, "--json", "--crops", 6)
    assert (code, err) == (0, "")
    return json.loads(out)


def mend(build, chapter, change):
    path = build / "records" / f"{chapter}.json"
    record = json.loads(path.read_text("utf-8"))
    change(record)
    write_json(path, record)


# --- what it says


def test_every_photo_gets_a_row_and_what_is_none_a_reason(made, photos, monkeypatch):
    monkeypatch.chdir(photos.parent)
    code, out, err = camgan(made, "photos", "--crops", 6)
    assert (code, err) == (0, "")
    rows = [line.split()[0] for line in out.splitlines()[1:4]]
    assert rows == ["photos/a.jpg", "photos/b.png", "photos/deep/er/c.JPG"]
    assert " of 6" in out
    assert "left out photos/letter.jpg: no photo that can be read, it is a text" in out
    assert "left out photos/cut.jpg: can't be read to its end" in out
    assert "notes.txt" not in out
    assert ".hidden" not in out
    said = " ".join(out.split())
    assert "(ResNet-20) of the build my build." in said
    assert "set on 20 test photos" in said
    assert "Of 20 test photos of these cameras it called 10% (1% to 30%)" in said
    assert "these 3 cameras only" in said


def test_the_document_is_whole(made, photos):
    found = answers(made, photos)
    assert set(found) == {"photos", "left_out", "about"}
    first = found["photos"][0]
    assert first["file"] == str(photos / "a.jpg")
    assert first["sha256"] == hashlib.sha256((photos / "a.jpg").read_bytes()).hexdigest()
    assert (first["height"], first["width"], first["crops"]) == (90, 120, 6)
    assert list(first["probabilities"]) == list(first["votes"]) == CAMERAS
    assert sum(first["probabilities"].values()) == pytest.approx(1)
    assert sum(first["votes"].values()) == 6
    assert first["camera"] == max(first["probabilities"], key=first["probabilities"].get)
    assert first["open_set"]["score"] < first["open_set"]["threshold"] == 1e6
    assert {os.path.basename(each["file"]) for each in found["left_out"]} == {"letter.jpg", "cut.jpg"}
    about = found["about"]
    assert (about["build"], about["network"], about["commit"]) == ("my build", "auxiliary", "0123456789ab")
    assert about["calibration"]["photos"] == 20
    assert about["calibration"]["false_alarms"] == 0.05
    assert len(about["network_id"]) == 16
    assert about["cameras"] == CAMERAS


def test_remarks_on_a_photo_come_with_its_answer(made, tmp_path):
    odd = photo(tmp_path / "odd.jpg", 1)
    odd.rename(tmp_path / "odd.png")
    found = answers(made, tmp_path / "odd.png")
    assert "it is a JPEG, whatever its name says" in found["photos"][0]["notes"]


@pytest.mark.parametrize("network", ["auxiliary", "forensic"])
def test_a_stranger_is_none_of_these(tmp_path, photos, network):
    model = ForensicNet(2) if network == "forensic" else ResNet20(2)
    build = make_build(tmp_path / "strict", model, network, ["A", "B"], threshold=-1e6)
    found = answers(build, photos)
    assert [each["camera"] for each in found["photos"]] == [None, None, None]
    assert found["about"]["network"] == network
    assert "none of these" in camgan(build, photos, "--crops", 2)[1]


def test_the_answer_for_a_photo_depends_on_the_photo_alone(made, photos):
    files = [photos / "a.jpg", photos / "b.png", photos / "deep" / "er" / "c.JPG"]
    found = answers(made, *files)
    turned = answers(made, *files[::-1], "--workers", 3)
    assert turned["photos"] == found["photos"][::-1]
    assert answers(made, files[1], "--workers", 1)["photos"] == found["photos"][1:2]


def test_a_photo_that_is_named_twice_is_asked_about_once(made, photos):
    found = answers(made, photos / "b.png", photos, photos / "deep", photos / "b.png")
    assert [os.path.basename(each["file"]) for each in found["photos"]] == ["b.png", "a.jpg", "c.JPG"]


def test_a_file_that_is_named_needs_no_name_of_a_photo(made, photos):
    (photos / "b.png").rename(photos / "b")
    assert len(answers(made, photos / "b")["photos"]) == 1
    (photos / "empty").mkdir()
    assert "without photos" in answers(made, photos / "b", photos / "empty")["left_out"][0]["reason"]


def test_a_build_says_how_large_a_photo_may_be(build, photos, monkeypatch):
    monkeypatch.chdir(photos)
    mend(build, "dataset", lambda record: record["parameters"].update(largest_photo=0.001))
    code, out, _ = camgan(build, "a.jpg")
    assert code == 2
    assert "largest_photo allows 0.001" in out


def test_a_photo_that_the_network_learned_from_is_said_to_be_one(build, photos, monkeypatch):
    monkeypatch.chdir(photos)
    for camera in ("one", "two"):
        for number in range(3):
            photo(photos.parent / "data" / camera / f"{number}.jpg", 100 + 10 * ord(camera[0]) + number)
    shutil.copyfile("a.jpg", photos.parent / "data" / "one" / "known.jpg")
    data = load_crops(photos.parent / "data", crops_per_photo=1, test_share=0.1, progress=False, seed=1)
    data.save(build / "store" / "crops" / "crops.npz")
    learned = {each["file"] for each in data.report["facts"] if each["half"] == "train"}
    assert "one/known.jpg" in learned
    notes = {each["file"]: each["notes"] for each in answers(build, "a.jpg", "b.png")["photos"]}
    assert "the network learned from this photo" in " ".join(notes["a.jpg"])
    assert notes["b.png"] == []


# --- names


NAMES = [
    b"<img src=x onerror=alert(1)>.jpg",
    b"two\nlines.jpg",
    b"caf\xe9\xff.jpg",
    "写真\u202e.jpg".encode(),
    b"-p.jpg",
]


def test_names_of_files_may_be_any_bytes(made, tmp_path):
    folder = tmp_path / "odd"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        try:
            os.rename(photo(tmp_path / "made.jpg", number), os.path.join(os.fsencode(folder), name))
        except OSError:
            pytest.skip("this file system takes no such names")
    found = answers(made, folder)
    assert sorted(os.path.basename(each["file"]) for each in found["photos"]) == sorted(
        ["<img src=x onerror=alert(1)>.jpg", "two\nlines.jpg", r"caf\xe9\xff.jpg", "写真\u202e.jpg", "-p.jpg"]
    )
    report = tmp_path / "report.html"
    for charset in ("utf-8", "ascii"):
        code, out, _ = camgan(made, folder, "--crops", 2, "--report", report, charset=charset)
        assert code == 0
        assert r"two\nlines.jpg" in out
        assert r"caf\xe9\xff.jpg" in out
    page = report.read_text("utf-8")
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;.jpg" in page
    assert "A&amp;B &lt;i&gt;" in page
    assert "\u202e" not in page


# --- the report


def test_the_report_is_written_beside_any_output(made, photos, tmp_path):
    report = tmp_path / "new" / "report.html"
    code, out, err = camgan(made, photos, "--crops", 6, "--report", report, "--json")
    assert code == 0
    assert len(json.loads(out)["photos"]) == 3
    assert err == f"report: {report}\n"
    page = report.read_text("utf-8")
    assert page.count('<section class="photo"') == 3
    assert page.count("<rect ") == 18
    assert "letter.jpg" in page
    before = page
    assert camgan(made, photos, "--crops", 6, "--report", report)[1].endswith(f"report: {report}\n")
    assert report.read_text("utf-8") == before


@pytest.mark.parametrize("name", ["photos/a.jpg", "photos", "folder.html"])
def test_a_report_takes_no_place_of_a_photo(made, photos, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.html").mkdir()
    before = (photos / "a.jpg").read_bytes()
    code, out, err = camgan(made, "photos/b.png", "--report", name)
    assert (code, out) == (2, "")
    assert "ends in .html" in err
    assert (photos / "a.jpg").read_bytes() == before


def test_a_report_is_whole_or_not_there(made, photos, tmp_path, monkeypatch):
    def broken(*_):
        yield "<!doctype html>"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("camgan_lib.show.identification_page.page", broken)
    code, out, err = camgan(made, photos / "a.jpg", "--crops", 2, "--report", tmp_path / "r.html")
    assert (code, "a.jpg" in out) == (2, True)
    assert "No space left" in err
    assert not list(tmp_path.glob("*.html"))


# --- mistakes


def told(build, *arguments):
    """The one sentence that the command ends with."""
    code, out, err = camgan(build, *arguments)
    assert (code, out) == (2, "")
    assert err.strip()
    assert "\n" not in err.strip()
    return err


def test_photos_that_are_not_there_are_named(made, photos, tmp_path):
    assert "there is no photo and no folder" in told(made, photos / "a.jpg", tmp_path / "gone.jpg")
    (tmp_path / "empty").mkdir()
    assert "a folder without photos" in told(made, tmp_path / "empty")
    (tmp_path / "empty" / "letter.txt").write_text("")
    assert "it has 1 other file" in told(made, tmp_path / "empty")
    assert r"two\nlines" in told(made, "two\nlines.jpg")


def test_where_no_file_can_be_used_the_reasons_are_said(made, photos):
    code, out, err = camgan(made, photos / "letter.jpg", photos / "cut.jpg")
    assert (code, err) == (2, "none of the 2 files can be used; why is said of each under 'left out'")
    assert out.count("left out") == 2
    code, out, _ = camgan(made, photos / "letter.jpg", "--json")
    assert code == 2
    assert json.loads(out)["photos"] == []


def test_a_link_that_leads_nowhere_is_left_out(made, photos, monkeypatch):
    monkeypatch.chdir(photos)
    (photos / "link.jpg").symlink_to(photos / "gone.jpg")
    assert "left out ./link.jpg: no file: a link that leads nowhere" in camgan(made, ".", "--crops", 2)[1]


@pytest.mark.parametrize("count", ["0", "5000", "many"])
def test_a_number_of_crops_that_can_not_be_is_refused(made, photos, count):
    assert camgan(made, photos, "--crops", count)[0] == 2


def test_a_build_without_a_classifier_says_what_to_run(build, photos, tmp_path):
    assert "holds no build; make one with 'camgan book" in told(tmp_path / "nothing", photos)
    assert "holds no build" in told(photos / "a.jpg", photos)
    (build / "records" / "classifier.json").unlink()
    assert "run 'camgan run classifier' in it first" in told(build, photos)
    (build / "records" / "dataset.json").unlink()
    assert "run 'camgan run dataset' in it first" in told(build, photos)


def test_a_build_of_an_earlier_version_says_what_to_run(build, photos):
    mend(build, "classifier", lambda record: record["results"].pop("identification"))
    assert "earlier version" in (said := told(build, photos))
    assert "run 'camgan run classifier' again" in said


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_record_that_is_no_json_is_named(build, photos, content):
    (build / "records" / "classifier.json").write_bytes(content)
    assert "classifier.json can't be read" in told(build, photos)


DAMAGE = {
    "no results": lambda record: record.pop("results"),
    "another type": lambda record: record.update(results=[1]),
    "no calibration": lambda record: record["results"]["identification"].pop("calibration"),
    "half a calibration": lambda record: record["results"]["identification"]["calibration"].pop("centres"),
    "fewer cameras": lambda record: record["results"]["identification"]["calibration"]["centres"].pop(),
    "other features": lambda record: record["results"]["identification"]["calibration"].update(directions="AAAA"),
    "another network": lambda record: record["results"]["identification"].update(network="forensic"),
    "an unknown one": lambda record: record["results"]["identification"].update(network="oracle"),
    "no product": lambda record: record.update(products={}),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_record_is_a_sentence(build, photos, damage):
    mend(build, "classifier", DAMAGE[damage])
    assert "damaged" in (said := told(build, photos))
    assert "run 'camgan run classifier' again" in said


def test_a_network_that_is_gone_or_for_other_cameras_is_a_sentence(build, photos):
    mend(build, "dataset", lambda record: record["results"]["cameras"].pop())
    assert "a network for 3 cameras, and 2 names" in told(build, photos)
    shutil.rmtree(build / "store")
    assert "gone or damaged" in told(build, photos)


def test_photos_that_wait_are_dropped_where_it_is_stopped(made, photos, monkeypatch):
    begun = []

    def stopped(path, *_):
        begun.append(path)
        if len(begun) > 1:
            time.sleep(0.1)  # else one thread could go through all before the other one hears of the first
        raise KeyboardInterrupt

    monkeypatch.setattr(identifying, "read_for_voting", stopped)
    with pytest.raises(KeyboardInterrupt):
        identifying.ask(identifying.find_identifier(Settings.of(made)), ["a"] * 50, crops=1, workers=1, thumbnail=None)
    assert len(begun) < 50
