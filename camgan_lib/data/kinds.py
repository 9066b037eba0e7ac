"""Says in a few words what a file is that can't be used as a photo, by its first bytes."""

import re

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "a GIF"),
    (b"BM", "a BMP"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG"),
    (b"8BPS", "a Photoshop document"),
    (b"FUJIFILMCCD-RAW", "a RAW file of Fujifilm"),
    (b"IIRO", "a RAW file of Olympus"),
    (b"IIRS", "a RAW file of Olympus"),
    (b"IIU\0", "a RAW file of Panasonic"),
    (b"\0MRM", "a RAW file of Minolta"),
    (b"FOVb", "a RAW file of Sigma"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000"),
    (b"\xff\x0a", "a JPEG XL"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL"),
    (b"PK\x03\x04", "a zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"version https://git-lfs", "a Git LFS pointer: the photo itself was not fetched (git lfs pull)"),
    (b"\0\x05\x16\x07", "what macOS keeps beside a file"),
    (b"\x1aE\xdf\xa3", "a film (Matroska)"),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"), "a HEIF file"),
    **dict.fromkeys((b"avif", b"avis"), "an AVIF"),
    b"crx ": "a RAW file of Canon",
    b"qt  ": "a film (QuickTime)",
}
_RAW_TAGS = (
    *(b"\x12\xc6\x01\0\x04\0\0\0", b"\xc6\x12\0\x01\0\0\0\x04"),
    *(b"\x06\x01\x03\0\x01\0\0\0\x23\x80", b"\x01\x06\0\x03\0\0\0\x01\x80\x23"),
)
"""A version of DNG, and a picture of one colour per pixel, as TIFF's tags tell them in either order of bytes."""

_HTML = re.compile(rb"^\s*<(!doctype\s+html|html|head|body|\?xml[^>]*>\s*<!doctype\s+html)", re.IGNORECASE)


def kind_of(content: bytes) -> str:
    """What a file is, as in "a GIF" or "an HTML page (an error of the download?)", or "no picture"."""
    if not content:
        return "an empty file"
    if not content.strip(b"\0"):
        return "nothing but zeros"
    for signature, words in _SIGNATURES:
        if content.startswith(signature):
            return words
    if content[:4] == b"RIFF":
        return "a WEBP" if content[8:12] == b"WEBP" else "a film or sound (RIFF)"
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12], "a film (MP4)")
    if content[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return _tiff(content)
    if content.startswith(b"\xff\xd8\xff"):
        return "a JPEG without a picture, or of a kind that is not read here"
    if _HTML.match(content[:400]):
        return "an HTML page (an error of the download?)"
    return "a text" if _is_text(content[:400]) else "no picture"


def _tiff(content: bytes) -> str:
    if content[8:10] == b"CR":
        return "a RAW file of Canon"
    return (
        "a RAW file" if any(mark in content[:65536] for mark in _RAW_TAGS) else "a TIFF of a kind that is not read here"
    )


def looks_like_a_picture(head: bytes) -> bool:
    """Whether a file's first 32 bytes are those of a JPEG, PNG, TIFF, WEBP, HEIF or AVIF."""
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return True
    if head[:4] == b"RIFF":
        return head[8:12] == b"WEBP"
    return head[4:8] == b"ftyp" and kind_of(head) in ("a HEIF file", "an AVIF")


def _is_text(content: bytes) -> bool:
    return all(byte >= 32 or byte in (9, 10, 13) for byte in content)
