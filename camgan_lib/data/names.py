"""Names of files and folders: which are photos, which are a system's own, and how any of them is written in a line."""

import os
import re
import unicodedata

SUFFIXES = {
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".tif", ".tiff"),
    *(".heic", ".heif", ".hif", ".avif", ".webp"),
}
"""How the names of photos end."""

RAW_SUFFIXES = {
    *(".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".orf", ".rw2", ".raf", ".pef", ".srw"),
    *(".3fr", ".fff", ".iiq", ".mef", ".mos", ".mrw", ".x3f", ".dcr", ".kdc", ".erf", ".rwl", ".gpr"),
}
"""How the names of RAW files end."""

_SYSTEM = {
    *("@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "__macosx", "$recycle.bin", "recycler"),
    *("system volume information", "lost+found", "thumbs.db", "desktop.ini", "ehthumbs.db", "ehthumbs_vista.db"),
    *("zbthumbnail.info", "iconcache.db", "picasa.ini", "icon\r", "indexervolumeguid", "network trash folder"),
    *("temporary items", "lost.dir", "found.000", "synologyworkingdirectory"),
}

_SIDECARS = {".aae", ".xmp"}
"""What programs keep beside a photo of the same name, and what says nothing of a camera."""


_HALF = re.compile("[\ud800-\udfff]")
_DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def is_system(name: str) -> bool:
    """Whether a file or folder is hidden, or one that a system or a program leaves beside photos."""
    low = name.lower()
    return low.startswith((".", "._", "~$")) or low in _SYSTEM or os.path.splitext(low)[1] in _SIDECARS


def suffix(name: str) -> str:
    """How a name ends, ".jpg", in lower case."""
    return os.path.splitext(name)[1].lower()


def readable(name: str) -> str:
    """A name, or any text, as valid Unicode: bytes that are none are written as `\\xff`."""
    return _HALF.sub(lambda half: f"\\x{ord(half[0]) & 0xFF:02x}", name)


def shown(name: str) -> str:
    """A name, or any text, as a line can hold it: line ends, controls and marks of direction are written as `\\n`."""
    return "".join(_escaped(letter) if _breaks_lines(letter) else letter for letter in readable(name))


def _breaks_lines(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Zl", "Zp", "Cs") or letter in _DIRECTIONS


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode()


def folded(name: str) -> str:
    """A name without regard to case, to the form of its Unicode letters, and to spaces around it."""
    return unicodedata.normalize("NFC", readable(name)).strip().casefold()
