"""Recognises public data sets of photos by the names of folders and files, and says which of their photos count.

Where the names come from (no data set was at hand, so only names that a source shows are relied on):

- Dresden Image Database (Gloe and Böhme, SAC 2010): Canon_Ixus70_0_3258.JPG is model, device, number. The models, and
  dresden.csv: polimi-ispl/camera-model-identification-with-cnn. Folders nat-jpg and ff-jpg: polimi-ispl/prnu-python. A
  folder per device or model: Kaggle's copy. D70 and D70s are one model in Bondi et al., IEEE SPL 2017.
- VISION (Shullani et al., EURASIP JIS 2017): D01_Samsung_GalaxyS3Mini/images/nat/D01_I_nat_0001.jpg, as on its site,
  https://lesc.dinfo.unifi.it/VISION.
- FloreView (Baracchi et al., IEEE Access 2023): D34_Google_Pixel5/Nat/jpeg-h264/L5/S4/D34_L5S4C1.jpg and a folder Flat,
  from public scripts that read the list of files on its site, https://lesc.dinfo.unifi.it/FloreView.
- FODB (Hadwiger and Riess, arXiv 2011.02241): D16_Samsung_GalaxyA6_2/orig/D16_img_orig_0001.jpg, a folder inspection,
  from public code that reads its archives.
- SOCRatES (Galdi et al., ICPRAM 2019): Eurecom_128_picFG_025.JPG, from SunBangjie/CAMPrints and bernatGene/SiamSCI.
  That picBG show something uniform stands in the homework of a course at EURECOM.
- SP Cup 2018: train/iPhone-4s/(iP4s)1.jpg and test/img_0a3162a_unalt.tif, from code for the Kaggle competition.
"""

import csv
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from camgan_lib.data.names import RAW_SUFFIXES, SUFFIXES, is_system
from camgan_lib.data.walking import File, Folders, walk

_STRANGER = "other pictures"
_MOST_STRANGERS = 0.2
"""Largest share of photos whose names are not the data set's."""


@dataclass(frozen=True)
class Layout:
    """A data set that was recognised: the photos that count, and what their names tell.

    `cameras` maps a camera (a model) to its photos, sorted; all lie below the folder given. `facts` maps each of them
    to the columns device and scene, as far as they are known. `split` is what split=auto takes for this data set:
    "scene", "device" or None (no wish). `says` is one line for the user.
    """

    name: str
    cameras: dict[str, list[Path]]
    facts: dict[Path, dict[str, str]]
    split: str | None
    says: str


class _Told(NamedTuple):
    """What a photo's name and folders tell; an empty text is something that they don't."""

    camera: str
    device: str = ""
    scene: str = ""


_Reader = Callable[[Folders, str], _Told | str | None]
"""What a photo's folders and its name without ending tell; why it is left out; None if its name is not the set's."""


class _DataSet(NamedTuple):
    name: str
    read: _Reader
    wish: str | None
    says: str


def recognise(folder: Path, list_files: Callable[[Path], list[Path]] | None = None) -> Layout | None:
    """The public data set whose root `folder` is, or None, as for every folder that is arranged by its user.

    At least two cameras must be found, and four of five photos below the folder must have names that the data set
    gives. SOCRatES with a manifest.csv has been sorted by model. No photo is opened: only names count, and dresden.csv
    where Dresden has it. `list_files` lists all files below a folder; without it they are looked up here. Hidden files
    and those that systems leave behind are ignored. Raises nothing, whatever the names.
    """
    folder = Path(folder)
    files = _visible(folder, list_files(folder)) if list_files else list(walk(folder, {}))
    ending = {file: os.path.splitext(file[1])[1].lower() for file in files}
    photos = sorted((file for file in files if ending[file] in SUFFIXES), key=lambda file: (*file[0], file[1]))
    raw = sum(each in RAW_SUFFIXES for each in ending.values())
    for data_set in _DATA_SETS if ((), "manifest.csv") not in files else _WITH_MANIFEST:
        told, left_out = _sort_out(photos, data_set.read)
        cameras = {each.camera for each in told.values()}
        if len(cameras) > 1 and left_out[_STRANGER] <= _MOST_STRANGERS * len(photos):
            if data_set.name == "Dresden":
                scenes = _dresden_scenes(folder, files)
                told = {file: each._replace(scene=scenes.get(_plain(file[1]), "")) for file, each in told.items()}
            return _lay_out(folder, data_set, told, +(left_out + Counter({"RAW files": raw})))
    return None


def _visible(folder: Path, paths: Iterable[Path]) -> list[File]:
    """The files among `paths` that lie below `folder` and are not ignored, each once."""
    below = [path.relative_to(folder).parts for path in dict.fromkeys(paths) if path.is_relative_to(folder)]
    return [(parts[:-1], parts[-1]) for parts in below if parts and not any(map(is_system, parts))]


def _sort_out(photos: list[File], read: _Reader) -> tuple[dict[File, _Told], Counter[str]]:
    """What is told of each photo that counts; why the others are left out, with their number."""
    told: dict[File, _Told] = {}
    left_out: Counter[str] = Counter()
    for folders, name in photos:
        found = read(folders, os.path.splitext(name)[0])
        if isinstance(found, _Told):
            told[folders, name] = found
        else:
            left_out[found or _STRANGER] += 1
    return told, left_out


def _lay_out(folder: Path, data_set: _DataSet, told: dict[File, _Told], left_out: Counter[str]) -> Layout:
    """The layout of the photos in `told`, which are in order."""
    cameras: dict[str, list[Path]] = defaultdict(list)
    facts: dict[Path, dict[str, str]] = {}
    places = {folders: folder.joinpath(*folders) for folders, _ in told}
    for (folders, name), (camera, device, scene) in told.items():
        path = places[folders] / name
        cameras[camera].append(path)
        facts[path] = {column: text for column, text in (("device", device), ("scene", scene)) if text}
    without = sum("scene" not in each for each in facts.values())
    known = "not known" if without == len(facts) else f"not known of {without:,} photos" if without else "known"
    reasons = ", ".join(f"{number:,} {why}" for why, number in sorted(left_out.items()))
    says = (
        f"Recognised as {data_set.name}: {len(facts):,} photos of {len(cameras)} cameras. "
        f"{data_set.says.format(scenes=known)} Left out: {reasons or 'nothing'}."
    )
    return Layout(data_set.name, dict(sorted(cameras.items())), facts, _split(data_set.wish, cameras, facts), says)


def _split(wish: str | None, cameras: dict[str, list[Path]], facts: dict[Path, dict[str, str]]) -> str | None:
    """The wish if the photos allow it: every camera has two scenes, or half of them and at least two have two devices.

    With split=device the cameras with one device are left out. That is no default where it would take most of them.
    """
    if wish is None:
        return None
    several = [len({facts[path][wish] for path in photos}) > 1 for photos in cameras.values()]
    return wish if sum(several) >= (len(cameras) if wish == "scene" else max(2, len(cameras) / 2)) else None


# --- Dresden

_MODELS = """
    Agfa_DC-504 Agfa_DC-733s Agfa_DC-830i Agfa_Sensor505-x Agfa_Sensor530s Canon_Ixus55 Canon_Ixus70 Canon_PowerShotA640
    Casio_EX-Z150 FujiFilm_FinePixJ50 Kodak_M1063 Nikon_CoolPixS710 Nikon_D200 Nikon_D70 Nikon_D70s Olympus_mju-1050SW
    Panasonic_DMC-FZ50 Pentax_OptioA40 Pentax_OptioW60 Praktica_DCZ5.9 Ricoh_GX100 Rollei_RCP-7325XS Samsung_L74wide
    Samsung_NV15 Sony_DSC-H50 Sony_DSC-T77 Sony_DSC-W170
"""
_DRESDEN = re.compile(r"(.+)_([0-9]{1,2})_[0-9]+")
_NO_SCENE = re.compile(r"flat|dark|ff(?![a-z])", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    """A name without its case and signs: Olympus_mju-1050SW is Olympus_mju_1050SW in the files' names."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


_BY_PLAIN_NAME = {_plain(model): model for model in _MODELS.split()}


def _dresden(folders: Folders, stem: str) -> _Told | str | None:
    found = _DRESDEN.fullmatch(stem)
    if not found or not (model := _BY_PLAIN_NAME.get(_plain(found[1]))):
        return None
    if any(map(_NO_SCENE.match, folders)):
        return "flat-field and dark frames (they show no scene)"
    return _Told("Nikon_D70" if model == "Nikon_D70s" else model, f"{model}_{int(found[2])}")


def _dresden_scenes(folder: Path, files: list[File]) -> dict[str, str]:
    """Plain name of a photo → its position and motif, from dresden.csv; {} without one that can be read."""
    scenes: dict[str, str] = {}
    for table in sorted(folder.joinpath(*folders, name) for folders, name in files if name.lower() == "dresden.csv"):
        with suppress(OSError, csv.Error), table.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            for row in csv.DictReader(stream):
                position, motif = row.get("position_num"), row.get("motive_num")
                if position and motif:
                    scenes[_plain(row.get("filename") or "")] = f"{position}-{motif}"
    return scenes


# --- Sets with a folder D01_Maker_Model per device

_DEVICE = re.compile(r"(D[0-9]{2,3})_([A-Za-z0-9][\w.+ -]*)", re.ASCII)
_VISION = re.compile(r"(D[0-9]{2,3})_(?:I_(nat|flat|natFBH|natFBL|natWA)_[0-9]+|V_.+)")
_FLOREVIEW = re.compile(r"(D[0-9]{2,3})_(L[0-9]+S[0-9]+)C[0-9]+")
_FODB = re.compile(r"(D[0-9]{2,3})_img_([a-z]+)_([0-9]+)")


@lru_cache(maxsize=4096)
def _device(folders: Folders) -> tuple[str, str]:
    """The number and the model of the device in whose folder a photo lies ("D05", "Apple_iPhone5c"), or two ""."""
    found = next(filter(None, map(_DEVICE.fullmatch, reversed(folders))), None)
    return (found[1], found[2]) if found else ("", "")


def _vision(folders: Folders, stem: str) -> _Told | str | None:
    (device, model), found = _device(folders), _VISION.fullmatch(stem)
    if not found or found[1] != device:
        return None
    if found[2] == "nat":
        return _Told(model, device)
    if found[2] == "flat":
        return "flat pictures (of sky or walls, they show no scene)"
    return "copies from Facebook and WhatsApp (encoded again)" if found[2] else "frames of videos"


def _floreview(folders: Folders, stem: str) -> _Told | str | None:
    device, model = _device(folders)
    if device and any(each.lower() == "flat" for each in folders):
        return "flat pictures (they show no scene)"
    found = _FLOREVIEW.fullmatch(stem)
    return _Told(model, device, found[2]) if found and found[1] == device else None


def _fodb(folders: Folders, stem: str) -> _Told | str | None:
    if "inspection" in folders:
        return "pictures in its folder inspection"
    (device, model), found = _device(folders), _FODB.fullmatch(stem)
    if not found or found[1] != device:
        return None
    if found[2] != "orig":
        return "copies from social networks (encoded again)"
    return _Told(re.sub(r"_[0-9]$", "", model), device, found[3])  # GalaxyA6_1 and GalaxyA6_2 are two of one model


# --- SOCRatES and SP Cup

_SOCRATES = re.compile(r"Eurecom_([0-9]+)_pic(BG|FG)_[0-9_]+", re.IGNORECASE)
_SPCUP = re.compile(r"\([^()]+\)[0-9]+")
_SPCUP_TEST = re.compile(r"img_[0-9a-f]+_(manip|unalt)")
_SPCUP_CAMERA = re.compile(r"(HTC|LG|Motorola|Samsung|Sony|iPhone)-[\w-]+", re.ASCII)


def _socrates(folders: Folders, stem: str) -> _Told | str | None:
    if not (found := _SOCRATES.fullmatch(stem)):
        return None
    return _Told(f"phone-{found[1]}", found[1]) if found[2].upper() == "FG" else "picBG (of something uniform)"


def _spcup(folders: Folders, stem: str) -> _Told | str | None:
    if "train" in folders[:-1] and _SPCUP_CAMERA.fullmatch(folders[-1]) and _SPCUP.fullmatch(stem):
        return _Told(folders[-1])
    return "test pictures (their camera is not told)" if _SPCUP_TEST.fullmatch(stem) else None


_BY_FOLDER = "Camera: the model in the folder's name; device: the number before it (D01)"
_BY_FILE = "Camera: the model in the file's name (D70 and D70s are one); device: the number after it"
_BY_PHONE = "Camera and device: the phone; data_scripts/lay_out_socrates.py sorts by model"
_DATA_SETS = (
    _DataSet("Dresden", _dresden, "device", f"{_BY_FILE}; scene: {{scenes}} (place and motif in dresden.csv)."),
    _DataSet("VISION", _vision, "device", f"{_BY_FOLDER}; scene: {{scenes}}."),
    _DataSet("FloreView", _floreview, "scene", f"{_BY_FOLDER}; scene: place and subject in the file's name (L1S1)."),
    _DataSet("FODB", _fodb, "scene", f"{_BY_FOLDER}; scene: the number in the file's name."),
    _DataSet("SOCRatES", _socrates, None, f"{_BY_PHONE}; scene: {{scenes}}."),
    _DataSet("SP Cup", _spcup, None, "Camera: the folder in train; device and scene: {scenes}."),
)
_WITH_MANIFEST = tuple(each for each in _DATA_SETS if each.name != "SOCRatES")
