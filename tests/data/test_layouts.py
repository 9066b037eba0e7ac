"""Public data sets are recognised by names alone; a user's own folders are not."""

import csv
import importlib.util
import os
import random
import re
import sys
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from camgan_lib.base.paths import ROOT
from camgan_lib.book.plan import make_plan
from camgan_lib.book.profiles import data_settings, read_profile
from camgan_lib.data.layouts import Layout, recognise
from camgan_lib.data.names import SUFFIXES
from camgan_lib.data.photos import load_crops

DRESDEN = [
    f"{device}_{number}.JPG"
    for number, device in enumerate(
        f"{model}_{device}"
        for model, devices in [
            *(("Agfa_DC-504", 1), ("Canon_Ixus70", 3), ("Nikon_D70", 2), ("Nikon_D70s", 2), ("Olympus_mju_1050SW", 2)),
            ("Praktica_DCZ5.9", 5),
        ]
        for device in range(devices)
        for _ in range(3)
    )
]
"""Names of photos in the Dresden Image Database: 5 models, 4 of them with several devices, 15 devices, 45 photos."""

VISION = {"D01": "Samsung_GalaxyS3Mini", "D05": "Apple_iPhone5c", "D14": "Apple_iPhone5c", "D27": "Samsung_GalaxyS5"}
FLOREVIEW = {"D14": "Apple_iPhone13mini", "D17": "Samsung_GalaxyS21+", "D34": "Google_Pixel5"}
FODB = {"D01": "Motorola_E3_1", "D15": "Samsung_GalaxyA6_1", "D16": "Samsung_GalaxyA6_2", "D25": "Huawei_P9lite_2"}
NETWORKS = ("facebook", "instagram", "telegram", "twitter", "whatsapp")


def vision() -> list[str]:
    kinds = product(VISION.items(), ("flat", "nat", "natFBH", "natFBL", "natWA"), range(1, 4))
    return [f"{d}_{model}/images/{kind}/{d}_I_{kind}_{i:04}.jpg" for (d, model), kind, i in kinds] + [
        f"{d}_{model}/videos/flat/{d}_V_flat_still_0001.mp4" for d, model in VISION.items()
    ]


def floreview() -> list[str]:
    places = [f"L{place}/S{subject}" for place, subject in product((1, 2), (1, 2))]
    natural = product(FLOREVIEW.items(), places, ("C1.jpg", "C2.jpg", "C4.mp4"))
    return [f"{d}_{m}/Nat/jpeg-h264/{at}/{d}_{at.replace('/', '')}{c}" for (d, m), at, c in natural] + [
        f"{d}_{model}/Flat/jpeg-h264/0/IMG_{i}.jpg" for (d, model), i in product(FLOREVIEW.items(), range(4))
    ]


def fodb() -> list[str]:
    kinds = product(FODB.items(), ("orig", *NETWORKS), range(1, 5))
    return [f"{d}_{model}/{kind}/{d}_img_{kind}_{i:04}.jpg" for (d, model), kind, i in kinds] + [
        "inspection/check_devices/helper.jpg"
    ]


def socrates() -> list[str]:
    return [f"{n}/Eurecom_{n}_pic{k}_{i:03}.JPG" for n, k, i in product((100, 128), ("BG", "FG"), range(1, 4))] + [
        "100/Eurecom_100_video_001.mp4"
    ]


def spcup() -> list[str]:
    return [
        *(f"train/iPhone-4s/(iP4s){i}.jpg" for i in range(1, 4)),
        *(f"train/Motorola-X/(MotoX){i}.jpg" for i in range(1, 4)),
        *("test/img_0a3162a_unalt.tif", "test/img_0b3162b_manip.tif", "sample_submission.csv"),
    ]


ALL = {"Dresden": DRESDEN, "VISION": vision(), "FloreView": floreview(), "FODB": fodb(), "SOCRatES": socrates()}
ALL |= {"SP Cup": spcup()}
COUNTED = {
    "Dresden": r"JPG$",
    "VISION": r"_I_nat_",
    "FloreView": r"Nat/.*jpg$",
    "FODB": r"_img_orig_",
    "SOCRatES": r"_picFG_",
    "SP Cup": r"^train/",
}
"""What the photos that count have in their paths."""


def plant(root: Path, names: Iterable[str]) -> Path:
    """Makes empty files below `root`; returns it."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def known(root: Path) -> Layout:
    layout = recognise(root)
    assert layout is not None
    return layout


def names(layout: Layout, root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for photos in layout.cameras.values() for path in photos]


def devices(layout: Layout) -> dict[str, list[str]]:
    found = {
        camera: {layout.facts[path].get("device", "") for path in files} for camera, files in layout.cameras.items()
    }
    return {camera: sorted(each) for camera, each in found.items()}


# --- What each data set is


@pytest.mark.parametrize("inner", ["", "Dataset/", "VISION/dataset/"])
@pytest.mark.parametrize("name", ALL)
def test_every_photo_that_counts_is_there_once(tmp_path, name, inner):
    layout = known(plant(tmp_path, [inner + each for each in ALL[name]]))
    assert layout.name == name
    wanted = [inner + each for each in ALL[name] if re.search(COUNTED[name], each)]
    assert sorted(names(layout, tmp_path)) == sorted(wanted)
    assert list(layout.cameras) == sorted(layout.cameras)
    assert all(photos == sorted(photos) for photos in layout.cameras.values())
    assert set(layout.facts) == {path for photos in layout.cameras.values() for path in photos}
    assert layout.says.startswith(f"Recognised as {name}: {len(wanted)} photos of {len(layout.cameras)} cameras. ")
    assert "\n" not in layout.says


@pytest.mark.parametrize("sort", ["{0}", "natural/{0}", "{1}/{0}", "{1}_{2}/{0}", "{1}(5)/{1}_{2}/{0}"])
def test_dresden_flat_or_in_folders(tmp_path, sort):
    layout = known(plant(tmp_path, [sort.format(name, *name.rsplit("_", 2)) for name in DRESDEN]))
    assert devices(layout) == {
        "Agfa_DC-504": ["Agfa_DC-504_0"],
        "Canon_Ixus70": ["Canon_Ixus70_0", "Canon_Ixus70_1", "Canon_Ixus70_2"],
        "Nikon_D70": ["Nikon_D70_0", "Nikon_D70_1", "Nikon_D70s_0", "Nikon_D70s_1"],
        "Olympus_mju-1050SW": ["Olympus_mju-1050SW_0", "Olympus_mju-1050SW_1"],
        "Praktica_DCZ5.9": [f"Praktica_DCZ5.9_{i}" for i in range(5)],
    }
    assert layout.split == "device"
    assert "D70 and D70s are one" in layout.says
    assert "scene: not known (place and motif in dresden.csv). Left out: nothing." in layout.says


def test_dresdens_flat_frames_and_raw_files_are_left_out(tmp_path):
    flat = [f"{folder}/{name}" for folder, name in zip(("flat-field", "ff-jpg", "Darkfield"), DRESDEN, strict=False)]
    layout = known(plant(tmp_path, [*(f"nat-jpg/{name}" for name in DRESDEN), *flat, "nat-jpg/Nikon_D70_0_19446.NEF"]))
    assert sorted(names(layout, tmp_path)) == sorted(f"nat-jpg/{name}" for name in DRESDEN)
    assert "Left out: 1 RAW files, 3 flat-field and dark frames (they show no scene)." in layout.says


def test_dresdens_scenes_come_from_its_table(tmp_path):
    plant(tmp_path, DRESDEN)
    with (tmp_path / "dresden.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(("filename", "model", "instance", "position_num", "position_name", "motive_num", "motive_name"))
        for at, name in enumerate(DRESDEN[1:]):
            spelt = name.replace("mju_1050SW", "mju-1050SW")  # as in the real table
            table.writerow((spelt, "", "", at % 7, "Ostra-Allee ", at % 2, "Zwinger, crown gate"))
    layout = known(tmp_path)
    scenes = {path.name: fact.get("scene") for path, fact in layout.facts.items()}
    assert scenes == {DRESDEN[0]: None} | {name: f"{at % 7}-{at % 2}" for at, name in enumerate(DRESDEN[1:])}
    assert "scene: not known of 1 photos" in layout.says
    assert layout.split == "device"


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\0", b'filename\n"', b"a,b\n\0,1\n", b"filename,position_num\n\xe9"]
)
def test_a_table_that_is_none_does_no_harm(tmp_path, content):
    plant(tmp_path, DRESDEN)
    (tmp_path / "dresden.csv").write_bytes(content)
    assert "scene: not known" in known(tmp_path).says


def test_dresden_without_second_devices_has_no_wish(tmp_path):
    assert known(plant(tmp_path, [name for name in DRESDEN if name.split("_")[-2] == "0"][:9])).split is None


def test_vision(tmp_path):
    layout = known(plant(tmp_path, vision()))
    assert devices(layout) == {
        "Apple_iPhone5c": ["D05", "D14"],
        "Samsung_GalaxyS3Mini": ["D01"],
        "Samsung_GalaxyS5": ["D27"],
    }
    assert layout.split is None
    assert "scene: not known. Left out: 36 copies from Facebook and WhatsApp (encoded again), 12 flat" in layout.says


def test_vision_of_models_with_two_devices_wishes_a_split_by_device(tmp_path):
    of_two = ("D02_Apple_iPhone4s", "D05_Apple_iPhone5c", "D10_Apple_iPhone4s", "D14_Apple_iPhone5c")
    assert known(plant(tmp_path, [f"{each}/nat/{each[:3]}_I_nat_0001.jpg" for each in of_two])).split == "device"


def test_floreview(tmp_path):
    layout = known(plant(tmp_path, floreview()))
    assert devices(layout) == {model: [device] for device, model in FLOREVIEW.items()}
    assert {fact["scene"] for fact in layout.facts.values()} == {"L1S1", "L1S2", "L2S1", "L2S2"}
    assert layout.split == "scene"
    assert "Left out: 12 flat pictures (they show no scene)." in layout.says


def test_fodb(tmp_path):
    layout = known(plant(tmp_path, fodb()))
    assert devices(layout) == {"Huawei_P9lite": ["D25"], "Motorola_E3": ["D01"], "Samsung_GalaxyA6": ["D15", "D16"]}
    path = tmp_path / "D16_Samsung_GalaxyA6_2" / "orig" / "D16_img_orig_0003.jpg"
    assert layout.facts[path] == {"device": "D16", "scene": "0003"}
    assert layout.split == "scene"
    assert "80 copies from social networks (encoded again)" in layout.says


def test_one_scene_of_a_camera_can_not_be_split(tmp_path):
    assert known(plant(tmp_path, [name for name in fodb() if "_0001" in name or "D01" in name])).split is None


def test_socrates(tmp_path):
    layout = known(plant(tmp_path, socrates()))
    assert devices(layout) == {"phone-100": ["100"], "phone-128": ["128"]}
    assert layout.split is None
    assert "6 picBG (of something uniform)" in layout.says


def test_spcup(tmp_path):
    layout = known(plant(tmp_path, spcup()))
    assert devices(layout) == {"Motorola-X": [""], "iPhone-4s": [""]}
    assert layout.split is None
    assert "device and scene: not known. Left out: 2 test pictures (their camera is not told)." in layout.says
    assert recognise(tmp_path / "train") is None, "there each camera has its folder, as any user's"


# --- Beside them

JUNK = (
    *(".DS_Store", "__MACOSX/._D01_I_nat_0001.jpg", "@eaDir/D01_I_nat_0001.jpg", "#recycle/(iP4s)9.jpg", "Thumbs.db"),
    *(".thumbnails/Canon_Ixus70_0_1.JPG", "readme.md", "list.txt", "logo.png"),
)


@pytest.mark.parametrize("name", ALL)
def test_junk_beside_does_no_harm(tmp_path, name):
    clean = known(plant(tmp_path / "clean", ALL[name]))
    first = min(each.rsplit("/", 1)[0] if "/" in each else "." for each in ALL[name])
    junk = known(plant(tmp_path / "junk", [*ALL[name], *JUNK, *(f"{first}/{each}" for each in JUNK[:2])]))
    assert names(junk, tmp_path / "junk") == names(clean, tmp_path / "clean")
    assert "1 other pictures" in junk.says


def test_links_are_followed_and_never_in_circles(tmp_path):
    plant(tmp_path / "disk", [name for name in vision() if name.startswith("D01")])
    data = plant(tmp_path / "data", [name for name in vision() if not name.startswith("D01")])
    (data / "D01_Samsung_GalaxyS3Mini").symlink_to(tmp_path / "disk" / "D01_Samsung_GalaxyS3Mini")
    (data / "again").symlink_to(data)
    (data / "itself").symlink_to(data / "itself")
    layout = known(data)
    assert len(names(layout, data)) == len(set(names(layout, data))) == 12
    assert devices(layout)["Samsung_GalaxyS3Mini"] == ["D01"]


@pytest.mark.skipif(os.name == "nt", reason="names of any bytes")
def test_names_that_are_no_text_do_no_harm(tmp_path):
    plant(tmp_path, vision())
    odd = os.fsencode(tmp_path) + b"/D01_Samsung_GalaxyS3Mini/images/nat/"
    for name in (b"D01_I_nat_\xff.jpg", b"\n.jpg", b"D01_I_nat_0001 (1).jpg"):
        Path(os.fsdecode(odd + name)).touch()
    assert "3 other pictures" in known(tmp_path).says


@pytest.mark.parametrize("name", ALL)
def test_a_list_of_files_serves_as_well(tmp_path, name):
    plant(tmp_path, [*ALL[name], *JUNK])

    def listed(folder: Path) -> list[Path]:
        found = [*folder.rglob("*"), folder, folder.parent / "elsewhere.jpg"]
        random.Random(1).shuffle(found)
        return found * 2

    assert recognise(tmp_path, listed) == recognise(tmp_path)


# --- What is none


@pytest.mark.parametrize(
    "tree",
    [
        ["My-Phone/IMG_0001.jpg", "My-Phone/IMG_0002.jpg", "Other-Camera/DSC_0001.jpg", "Other-Camera/DSC_0002.jpg"],
        ["train/a/IMG_1.jpg", "train/b/IMG_1.jpg", "test/a/IMG_2.jpg"],
        ["D01_Kitchen/IMG_0001.jpg", "D02_Garden/IMG_0002.jpg"],
        ["Rome_trip_0_12.jpg", "Paris_trip_1_13.jpg", "Canon_photos_0_1.jpg"],
        ["Canon/Canon_Ixus70_IMG_0001.jpg", "Nikon/Nikon_D70_DSC_0001.jpg"],
        ["HTC-1-M7/(HTC-1-M7)1.jpg", "iPhone-6/(iP6)1.jpg"],
        ["train/Sony-A/1.jpg", "train/Sony-B/(1).jpg"],
        [name for name in DRESDEN if name.startswith("Canon")],
        [name for name in vision() if name.startswith(("D05", "D14"))],
        [name for name in vision() if "nat_" not in name],
        [f"D09_Other_Phone/nat/{name.rsplit('/', 1)[-1]}" for name in vision()],
        [*DRESDEN, *(f"mine/IMG_{i}.jpg" for i in range(len(DRESDEN)))],
        ["manifest.csv", *socrates()],
        [],
    ],
)
def test_other_folders_are_not_recognised(tmp_path, tree):
    assert recognise(plant(tmp_path, tree)) is None


def test_what_is_no_folder_is_not_recognised(tmp_path):
    plant(tmp_path, ["file"])
    for path in (tmp_path / "none", tmp_path / "file", Path("\0")):
        assert recognise(path) is None


PARTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["train", "test", "D01_A_B", "D02_A_C", "D01_I_nat_1", "D02_img_orig_1", "Canon_Ixus70_0_1", "flat"]
    ),
)
FILES = st.tuples(st.lists(PARTS, max_size=3).map(tuple), PARTS, st.sampled_from([*sorted(SUFFIXES), "", ".NEF"]))


@given(st.lists(FILES, max_size=12))
@example([(("train", "LG-1"), "(a)1", ".jpg"), (("train", "LG-2"), "(a)1", ".jpg")])
@settings(max_examples=60, deadline=None)
def test_whatever_the_names_a_layout_is_whole(files):
    """Nothing is raised; all photos of a layout are files of the folder, each once, with two cameras at least."""
    root = Path("root")
    paths = [root.joinpath(*folders, stem + ending) for folders, stem, ending in files]
    layout = recognise(root, lambda _: paths)
    if layout:
        taken = [path for photos in layout.cameras.values() for path in photos]
        assert len(taken) == len(set(taken))
        assert set(taken) <= set(paths)
        assert set(layout.facts) == set(taken)
        assert len(layout.cameras) > 1
        assert all(layout.cameras.values())


ORDINARY = st.from_regex(r"(IMG|DSC|PXL|photo)[ _-]?[0-9]{1,5}( \([0-9]\))?", fullmatch=True)


@given(
    st.dictionaries(st.from_regex(r"[A-Za-z0-9 _-]{1,12}", fullmatch=True), st.lists(ORDINARY, max_size=4), max_size=5)
)
@settings(max_examples=30, deadline=None)
def test_a_users_own_folder_is_never_recognised(cameras):
    paths = [Path("root", camera, f"{name}.jpg") for camera, photos in cameras.items() for name in photos]
    assert recognise(Path("root"), lambda _: paths) is None


# --- data_scripts/lay_out_socrates.py


def script():
    spec = importlib.util.spec_from_file_location("lay_out_socrates", ROOT / "data_scripts" / "lay_out_socrates.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["lay_out_socrates"] = module
    spec.loader.exec_module(module)
    return module


def photographed(path: Path, make: str, model: str) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = make, model
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8)).save(path, exif=exif)


def test_socrates_is_sorted_by_the_model_in_exif(tmp_path, capsys):
    source, out = tmp_path / "SOCRatES", tmp_path / "sorted"
    phones = {"100": ("Apple", "iPhone 6"), "128": ("samsung", "SM-G900F"), "129": ("SAMSUNG", "SM-G900F\0")}
    for phone, (make, model) in phones.items():
        for i in range(1, 4):
            photographed(source / f"Eurecom_{phone}_picFG_{i:03}.JPG", make, model)
    photographed(source / "Eurecom_100_picFG_004.JPG", "Adobe", "Editor")
    plant(source, ["Eurecom_130_picFG_001.JPG", "Eurecom_100_picBG_001.JPG", "again/Eurecom_100_picFG_001.JPG"])
    for _ in range(2):
        assert script().main([str(source), str(out)]) == 0
        said = capsys.readouterr().out.splitlines()
        assert said[0] == "Apple_iPhone_6: 4 photos by 1 phone"
        assert said[1:] == [
            "samsung_SM-G900F: 6 photos by 2 phones",
            "left out, their photos name no model: Eurecom_130",
        ]
    assert sorted(path.name for path in (out / "Apple_iPhone_6").iterdir()) == [
        f"Eurecom_100_picFG_{i:03}.JPG" for i in range(1, 5)
    ]
    with (out / "manifest.csv").open(newline="") as stream:
        rows = {row["file"]: (row["camera"], row["device"]) for row in csv.DictReader(stream)}
    assert len(rows) == 10
    assert rows["Eurecom_129_picFG_002.JPG"] == ("samsung_SM-G900F", "129")
    assert recognise(out) is None, "its manifest tells the models"


def test_the_script_refuses_other_folders(tmp_path, capsys):
    source = plant(tmp_path / "a", socrates())
    for folder, out, says in (
        (source, source / "sorted", "name a folder beside it"),
        (source, tmp_path / "sorted", "name 0 models in EXIF"),
        (plant(tmp_path / "b", vision()), tmp_path / "sorted", "named as in SOCRatES"),
    ):
        assert script().main([str(folder), str(out)]) == 2
        assert says in capsys.readouterr().err


def test_dresdens_profile_splits_by_device():
    dataset = read_profile("dresden")[1]["dataset"]
    assert (dataset["split"], dataset["bad_cameras"]) == ("device", "skip"), "models with one device can't be split so"
    assert dataset["show_photos"] is False


def test_dresden_is_read_from_download_to_halves_that_share_no_device(tmp_path):
    models = {"Canon_Ixus70": 3, "Nikon_D200": 2, "Olympus_mju_1050SW": 2, "Agfa_DC-504": 1}
    for model, devices in models.items():
        for device in range(devices):
            for number in range(4):
                rng = np.random.default_rng([len(model), device, number])
                picture = Image.fromarray(rng.integers(0, 256, (40, 48, 3), np.uint8))
                picture.save(tmp_path / f"{model}_{device}_{3258 + number}.JPG", quality=95)
    plan = make_plan("dresden", data_settings(str(tmp_path)), only="dataset")
    p = plan.parameters["dataset"]
    data = load_crops(
        tmp_path,
        photos_per_camera=p["photos_per_camera"],
        test_share=p["test_share"],
        crops_per_photo=2,
        split=p["split"],
        bad_cameras=p["bad_cameras"],
        progress=False,
    )
    assert data.cameras == ("Canon_Ixus70", "Nikon_D200", "Olympus_mju-1050SW")
    devices = {
        half: {each["device"] for each in data.report["facts"] if each["half"] == half} for half in ("train", "test")
    }
    assert not devices["train"] & devices["test"]
    assert len(devices["test"]) == 3
    assert any(
        "camera Agfa_DC-504 is left out: split=device needs at least 2 devices" in line for line in data.report["lines"]
    )
    assert "Dresden" in data.report["lines"][0]
