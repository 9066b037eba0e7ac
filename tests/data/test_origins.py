"""What a file says of programs, messengers and screenshots is found, and nothing else."""

import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from camgan_lib.data.origins import origins

PICTURE = Image.fromarray(np.zeros((16, 24, 3), np.uint8))
PHONE = {"make": "Apple", "model": "iPhone 11", "software": "15.2.1"}


def of(name: str = "IMG_0001.JPG", exif=None, picture: Image.Image = PICTURE, kind: str = "JPEG", **options) -> dict:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    content = stream.getvalue()
    return origins(content, Image.open(io.BytesIO(content)), exif or {}, name)


def with_segment(marker: int, body: bytes) -> dict:
    stream = io.BytesIO()
    PICTURE.save(stream, "JPEG")
    whole = stream.getvalue()
    content = whole[:2] + bytes((0xFF, 0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body + whole[2:]
    return origins(content, Image.open(io.BytesIO(content)), {}, "")


@pytest.mark.parametrize(
    ("text", "program"),
    [
        *[("Adobe Photoshop CS5 Windows", "Photoshop"), ("Adobe Photoshop Lightroom 6.0 (Macintosh)", "Lightroom")],
        *[("GIMP 2.10.22", "GIMP"), ("Picasa", "Picasa"), ("Snapseed 2.0", "Snapseed"), ("Instagram", "Instagram")],
        *[("Microsoft Windows Photo Viewer 6.1.7600", "Microsoft Photos"), ("paint.net 4.2", "Paint.NET")],
        *[("ACDSee Photo Studio 2019", "ACDSee"), ("ImageMagick 7", "ImageMagick"), ("Photos 3.0", "Apple Photos")],
        *[
            ("Ver.1.00", ""),
            ("15.2.1", ""),
            ("HDR+ 1.0.345618", ""),
            ("G973FXXU3ASG8", ""),
            ("NIKON D5300 Ver.1.00", ""),
        ],
    ],
)
def test_software_is_a_known_programs_name_without_its_version(text, program):
    assert of(exif={"software": text})["software"] == program


def test_programs_are_found_wherever_they_sign():
    xmp = b'<x:xmpmeta><rdf:Description xmp:CreatorTool="Adobe Photoshop Lightroom 5.7"/></x:xmpmeta>'
    text = PngImagePlugin.PngInfo()
    text.add_text("Software", "gThumb 3.8")
    assert of(exif=PHONE, xmp=xmp)["software"] == "Lightroom"
    assert of(kind="PNG", pnginfo=text)["software"] == "gThumb"
    assert of(comment=b"CREATOR: gd-jpeg v1.0 (using IJG JPEG v62), quality = 90")["software"] == "GD"
    assert with_segment(0xEC, b"Ducky\0\1\0\4\0\0\0<")["software"] == "Photoshop"
    assert with_segment(0xED, b"Photoshop 3.0\x008BIM\x04\x06\0\0\0\0\0\7\0\5\0\0\0\1\0")["software"] == "Photoshop"
    assert with_segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\0")["software"] == "", "IPTC is anybody's"


@pytest.mark.parametrize(
    ("name", "app"),
    [
        *[("IMG-20200101-WA0001.jpg", "WhatsApp"), ("WhatsApp Image 2020-01-01 at 12.00.00.jpeg", "WhatsApp")],
        *[("photo_2020-01-01_12-00-00.jpg", "Telegram"), ("FB_IMG_1577880000000.jpg", "Facebook")],
        *[("signal-2020-01-01-120000.jpg", "Signal"), ("mmexport1577880000000.jpg", "WeChat")],
        *[("viber_image_2020-01-01.jpg", "Viber"), ("Screenshot_20200101-120000.png", "screenshot")],
        *[
            ("Bildschirmfoto 2020-01-01 um 12.00.00.png", "screenshot"),
            ("スクリーンショット 2020-01-01.png", "screenshot"),
        ],
        *[("Capture d’écran 2020.png", "screenshot"), ("IMG_E0042.JPG", "edited copy")],
        *[("IMG_0042-edited.jpg", "edited copy")],
    ],
)
def test_names_that_apps_give_are_marks(name, app):
    assert of(name, PHONE)["marks"] == f"{app} (file name)"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "IMG_0001.JPG",
            "DSC_0001.JPG",
            "DSCN0001.jpg",
            "P1010001.JPG",
            "20200101_120000.jpg",
            "IMG_20200101_120000.jpg",
        ),
        *("PXL_20210801_101010123.jpg", "Canon-EOS-1100D_1.jpg", "0775fccc2f_a.jpg", "", "photo.jpg", "100_0001.JPG"),
    ],
)
def test_names_that_cameras_give_are_none(name):
    assert of(name, PHONE) == {"software": "", "marks": ""}


def test_marks_in_the_file_are_found():
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x14\x1c\x02(\0\x0fFBMD01000a9f0300"
    assert with_segment(0xED, iptc) == {"software": "", "marks": "Facebook (IPTC)"}
    assert of(exif=PHONE | {"comment": "Screenshot"})["marks"] == "screenshot (metadata)"
    tags = Image.Exif()
    tags.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + "Screenshot".encode("utf-16-le")
    assert of(exif=PHONE, kind="PNG")["marks"] == ""
    stream = io.BytesIO()
    PICTURE.save(stream, "JPEG", exif=tags)
    assert origins(stream.getvalue(), Image.open(stream), PHONE, "")["marks"] == "screenshot (metadata)"


def test_sizes_are_marks_only_where_no_camera_is_named():
    screen, sent = Image.new("RGB", (1170, 2532)), Image.new("RGB", (1600, 1200))
    assert of(picture=screen, kind="PNG")["marks"] == "screenshot (size of a screen)"
    assert of(picture=sent)["marks"] == "messenger's size (1600 pixels and no camera named)"
    assert of(picture=screen, kind="PNG", exif=PHONE)["marks"] == of(picture=sent, exif=PHONE)["marks"] == ""


def test_several_marks_are_in_order():
    iptc = b"Photoshop 3.0\x008BIM FBMD01000a9f"
    stream = io.BytesIO()
    PICTURE.save(stream, "JPEG")
    whole = stream.getvalue()
    content = whole[:2] + b"\xff\xed" + (len(iptc) + 2).to_bytes(2, "big") + iptc + whole[2:]
    found = origins(content, Image.open(stream), {}, "received_1577880000000.jpg")["marks"]
    assert found == "Facebook (IPTC), Facebook (file name)"
