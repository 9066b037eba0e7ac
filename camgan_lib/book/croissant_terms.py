"""The words of the format Croissant 1.0: its JSON-LD context, and the nodes of which a description is made."""

from pathlib import Path
from typing import Any

Node = dict[str, Any]

_SAME_NAME = (
    *("citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet", "format"),
    *("includes", "isLiveDataset", "jsonPath", "md5", "parentField", "path", "recordSet", "references", "regex"),
    *("key", "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform"),
)
CONTEXT: Node = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{name: f"cr:{name}" for name in _SAME_NAME},
}
"""The context that the specification asks for."""

_TYPES = {".csv": "text/csv", ".npz": "application/zip"}


def file_object(identity: str, path: Path, sha256: str, description: str) -> Node:
    """A file of the data set. `identity`: its path, relative to the description."""
    return {
        "@type": "cr:FileObject",
        "@id": identity,
        "name": path.name,
        "description": description,
        "contentUrl": identity,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": _TYPES[path.suffix],
        "sha256": sha256,
    }


def record_set(identity: str, description: str, fields: list[Node], *, key: str, **more: Any) -> Node:
    """A table of records. `key`: the field, named without `identity`, by which a record is known."""
    return {
        "@type": "cr:RecordSet",
        "@id": identity,
        "name": identity,
        "description": description,
        "key": {"@id": f"{identity}/{key}"},
        **more,
        "field": fields,
    }


def field(
    identity: str,
    kind: str,
    description: str,
    source: dict[str, str] | None = None,
    references: str | dict[str, str] | None = None,
) -> Node:
    """A field of records. `source`: the file or set of files, what is taken from it, and a `regex` for a part of that.

    `references`: what else has these values, the key of other records or a `source`; records are joined by it.
    """
    node: Node = {"@type": "cr:Field", "@id": identity, "name": identity, "description": description, "dataType": kind}
    if source:
        node["source"] = _source(source)
    if references:
        node["references"] = {"field": {"@id": references}} if isinstance(references, str) else _source(references)
    return node


def _source(source: dict[str, str]) -> Node:
    origin: Node = {name: {"@id": source[name]} for name in ("fileObject", "fileSet") if name in source}
    extract = {name: source[name] for name in ("column", "fileProperty") if name in source}
    return {**origin, "extract": extract, **({"transform": {"regex": source["regex"]}} if "regex" in source else {})}
