"""Finds what a photo's file says of the programs and messengers that it went through.

Only what is known in public is looked for, and only the evidence is named: a photo without any may still have been
edited or sent, and the name of a file may be anybody's choice.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice, takewhile
from typing import Any

from PIL import Image

from camgan_lib.data.damage import segments

_EDITORS = {
    **{"Lightroom": "lightroom", "Camera Raw": "camera raw", "Photoshop": "photoshop", "Bridge": "adobe bridge"},
    **{"GIMP": r"\bgimp\b", "Picasa": "picasa", "Snapseed": "snapseed", "Instagram": "instagram"},
    **{"Microsoft Photos": r"microsoft (windows )?photo|windows photo|microsoft\.photos", "Paint.NET": r"paint\.net"},
    **{"ACDSee": r"acdsee|acd systems", "ImageMagick": "imagemagick", "GraphicsMagick": "graphicsmagick"},
    **{"IrfanView": "irfanview", "XnView": "xnview", "FastStone": "faststone", "PhotoScape": "photoscape"},
    **{"PaintShop Pro": r"paint ?shop", "Capture One": "capture one", "DxO": r"\bdxo (photo|optics|pure|filmpack)"},
    **{"RawTherapee": "rawtherapee", "darktable": "darktable", "digiKam": "digikam", "Affinity Photo": "affinity"},
    **{"Pixelmator": "pixelmator", "Luminar": "luminar", "Polarr": "polarr", "VSCO": r"\bvsco", "PicsArt": "picsart"},
    **{"Meitu": r"meitu|美图|美圖|beautyplus|\bairbrush", "B612": r"\bb612", "Facetune": "facetune", "Canva": "canva"},
    **{"Apple Photos": r"^photos \d", "Aperture": r"^aperture \d", "iPhoto": r"\biphoto"},
    **{"Nikon's programs": r"view ?nx|capture ?nx|nx studio", "Canon's programs": r"digital photo professional"},
    **{"Silkypix": "silkypix", "Olympus' programs": r"olympus (viewer|master|workspace|studio)", "ON1": r"\bon1\b"},
    **{"Zoner": "zoner", "Shotwell": "shotwell", "gThumb": "gthumb", "Krita": r"\bkrita", "PhotoFiltre": "photofiltre"},
    **{"Pixlr": "pixlr", "Photoimpact": r"photoimpact|\bulead", "Ashampoo": "ashampoo", "JPEGmini": "jpegmini"},
    **{"GD": r"gd-jpeg", "FFmpeg": r"^lavc|ffmpeg", "Snapchat": "snapchat", "Facebook": "facebook"},
}
EDITORS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _EDITORS.items()}
"""Programs that edit or write pictures: name → how they call themselves. The first that fits counts."""

_APPS = {
    "WhatsApp": r"(IMG|PHOTO)-\d{8}-WA\d{4}|WhatsApp Image \d|(\d{8}-)?PHOTO-\d{4}(-\d\d){5}",
    "Telegram": r"photo_\d+@|photo_\d{4}-\d\d-\d\d[_ ]|telegram-",
    "Facebook": r"FB_IMG_\d{10}|received_\d{10}",
    "Facebook or Instagram": r"\d{5,}_\d{10,}_\d{5,}_[a-z]\b",
    "Signal": r"signal-\d{4}-\d\d-\d\d",
    "Viber": r"viber_image|IMG-[0-9a-f]{32}-V",
    "WeChat": r"(thumb)?mmexport[0-9a-f]{10}|wx_camera_\d{10}|微信图片|WeChat ?Image|WechatIMG|Weixin Image",
    "QQ": r"QQ图片\d",
    "LINE": r"LINE_ALBUM_|LINE_P?\d{8}",
    "KakaoTalk": r"KakaoTalk_",
    "Snapchat": r"Snapchat-\d{5}",
    "Threema": r"threema-\d{8}",
    "Zalo": r"z\d{13}_[0-9a-f]{32}",
    "Twitter": r"[A-Za-z0-9_-]{15}(\?format=|:(large|orig)\b)|Twitter[-_ ]",
    "edited copy": r"IMG_E\d{4}\b|.*[-_](edited|bearbeitet|modifié|editado|EFFECTS|COLLAGE)\b|PXL_.*~\d+\.",
}
_SCREENSHOT = (
    r"screen[-_ ]?shot|screen ?cap|Bildschirm(foto|kopie|aufnahme)|capture d['’_ ]?[ée]cran"
    r"|captura de (pantalla|tela|ecr)|Schermata|schermafbeelding|schermafdruk|Skärmavbild|Skjermbilde|Sk[æj]rmbillede"
    r"|Näyttökuva|Zrzut ekranu|Snímek obrazovky|Képernyőkép|Captură de ecran|Ekran (Resmi|Alıntısı|görüntüsü)"
    r"|Снимок экрана|Скриншот|Знімок екрана|Στιγμιότυπο|スクリーンショット|截屏|截图|截圖|屏幕快照|螢幕快照"
    r"|스크린샷|لقطة شاشة|צילום מסך|स्क्रीनशॉट|Ảnh chụp màn hình|Tangkapan Layar|ภาพหน้าจอ"
)
APPS = {app: re.compile(pattern, re.IGNORECASE) for app, pattern in _APPS.items()}
"""Apps: name → how the names of the files begin that they save."""

SCREENSHOT = re.compile(_SCREENSHOT, re.IGNORECASE)

MESSENGER_SIDES = (1280, 1600, 2048)
"""Longest sides in pixels to which Telegram, WhatsApp and Facebook scale photos; they drop the camera's name, too."""

SCREENS = {
    *((640, 1136), (750, 1334), (828, 1792), (1125, 2436), (1170, 2532), (1179, 2556), (1206, 2622), (1242, 2208)),
    *((1242, 2688), (1284, 2778), (1290, 2796), (1320, 2868), (720, 1280), (720, 1520), (720, 1600), (1080, 1920)),
    *((1080, 2160), (1080, 2220), (1080, 2280), (1080, 2340), (1080, 2400), (1440, 2560), (1440, 2960), (1440, 3040)),
    *((1440, 3088), (1440, 3120), (1440, 3200), (1620, 2160), (1668, 2388), (2048, 2732), (768, 1366), (900, 1440)),
    *((900, 1600), (1050, 1680), (1200, 1920), (1600, 2560), (1800, 2880), (1664, 2560), (1964, 3024), (2160, 3840)),
}
"""Sides of screens of phones, tablets and computers, the shorter first."""

_SEGMENTS = 500
_LONGEST = 2**20
"""Bytes of a text in a file that are looked at."""

_COMMENT, _APP1, _APP12, _APP13, _START_OF_SCAN = 0xFE, 0xE1, 0xEC, 0xED, 0xDA
_QUALITY_OF_PHOTOSHOP = b"8BIM\x04\x06"
_CREATOR = re.compile(r"CreatorTool\s*(?:=\s*[\"']|>)\s*([^\"'<]{0,200})")


def origins(content: bytes, image: Image.Image, exif: Mapping[str, str], name: str) -> dict[str, str]:
    """`software`: the program that edited the photo, without its version; `marks`: signs of messengers and screenshots.

    `content`: the file's bytes; `image`: as Pillow opened it; `exif`: texts by the names make, model, software and
    comment, as far as there are; `name`: the file's.

    Software counts only if it is in EDITORS: any other text where programs sign is taken for the camera's own firmware,
    which can't be told from an unknown program. The place for software in EXIF is asked first, then a PNG's text, XMP's
    CreatorTool, comments, and what only Photoshop writes. Marks say what the evidence is, "WhatsApp (file name)", and
    are joined by ", ". Each is "" where there is nothing.
    """
    segments = _segments(content)
    xmp = _xmp(image, segments)
    return {
        "software": next((found for text in _signatures(image, exif, segments, xmp) if (found := _editor(text))), ""),
        "marks": ", ".join(sorted(set(_marks(image, exif, name, segments, xmp)))),
    }


def _segments(content: bytes) -> list[tuple[int, bytes]]:
    """Marker and body of each segment before the picture in a JPEG file; [] for any other file."""
    if content[:2] != b"\xff\xd8":
        return []
    before = takewhile(lambda each: each[0] != _START_OF_SCAN, islice(segments(content), _SEGMENTS))
    return [(marker, body) for marker, body, _ in before]


def _text(value: Any) -> str:
    """A value as text; letters of two bytes lose the empty one, so that UTF-16 can be searched, too."""
    if isinstance(value, bytes):
        value = value[:_LONGEST].decode("utf-8", "replace").replace("\0", "")
    return value[:_LONGEST] if isinstance(value, str) else ""


def _xmp(image: Image.Image, segments: list[tuple[int, bytes]]) -> str:
    packets = [body for marker, body in segments if marker == _APP1 and b"ns.adobe.com" in body[:40]]
    return " ".join(_text(each) for each in (*packets, *map(image.info.get, ("xmp", "XML:com.adobe.xmp"))))


def _signatures(
    image: Image.Image, exif: Mapping[str, str], segments: list[tuple[int, bytes]], xmp: str
) -> Iterator[str]:
    """The texts in which programs say who they are, the surest first."""
    yield _text(exif.get("software"))
    yield _text(image.info.get("Software"))
    yield from (match[1] for match in _CREATOR.finditer(xmp))
    yield from (_text(body) for marker, body in segments if marker == _COMMENT)
    for marker, body in segments:
        if (marker == _APP12 and body.startswith(b"Ducky")) or (marker == _APP13 and _QUALITY_OF_PHOTOSHOP in body):
            yield "Photoshop"


def _editor(text: str) -> str:
    text = text.strip()[:200]
    return next((name for name, pattern in EDITORS.items() if text and pattern.search(text)), "")


def _marks(
    image: Image.Image, exif: Mapping[str, str], name: str, segments: list[tuple[int, bytes]], xmp: str
) -> Iterator[str]:
    """Signs that the photo was sent or is a screenshot, each with its evidence in brackets."""
    yield from (f"{app} (file name)" for app, pattern in APPS.items() if pattern.match(name))
    if any(marker == _APP13 and b"FBMD" in body for marker, body in segments):
        yield "Facebook (IPTC)"
    if SCREENSHOT.search(name):
        yield "screenshot (file name)"
    if any("screenshot" in each.lower() for each in (_text(exif.get("comment")), _text(image.info.get("exif")), xmp)):
        yield "screenshot (metadata)"
    named = any(_text(exif.get(key)).strip() for key in ("make", "model", "software"))
    short, long = sorted(image.size)
    if image.format == "PNG" and not named and (short, long) in SCREENS:
        yield "screenshot (size of a screen)"
    if image.format in ("JPEG", "WEBP") and not named and long in MESSENGER_SIDES:
        yield f"messenger's size ({long} pixels and no camera named)"
