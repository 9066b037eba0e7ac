"""The graph of an RO-Crate: files of a build folder with their checksums, and what is said about them.

RO-Crate 1.1 with the profile Provenance Run Crate 0.5, https://w3id.org/ro/wfrun/provenance/0.5.
"""

import mimetypes
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rocrate.model import ContextEntity
from rocrate.model.dataset import Dataset
from rocrate.model.entity import Entity
from rocrate.model.file import File
from rocrate.rocrate import ROCrate

from camgan_lib.base.files import file_sha256
from camgan_lib.book.citation import Citation

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/ro/wfrun/provenance/0.5": "Provenance Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
"""The profiles of the crate: address → name. Provenance Run Crate extends the others."""

TERMS = "https://w3id.org/ro/terms/workflow-run/context"
"""Names that these profiles add to those of RO-Crate, such as `sha256` and `resourceUsage`."""

_FORMATS = {".ipynb": "application/x-ipynb+json", ".npz": "application/zip", ".yml": "application/yaml"}


class Graph:
    """An RO-Crate of a folder, `root`, in the making. What is added twice under one id is there once.

    `hashes`: the SHA-256 of files, as far as they are known already.
    """

    def __init__(self, root: Path, hashes: Mapping[Path, str]):
        self.root = root
        self.hashes = hashes
        self.crate = ROCrate(version="1.1")
        self._added: dict[str, Entity] = {}
        self._identified: dict[str | None, Entity] = {}
        self.crate.metadata.extra_contexts.append(TERMS)
        workflow = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
        self.crate.metadata["conformsTo"] = [{"@id": "https://w3id.org/ro/crate/1.1"}, {"@id": workflow}]

    def thing(self, identity: str, kind: str, **about: Any) -> Entity:
        """What is no file of the crate. `identity`: an address, or a name that begins with #."""
        return self._add(identity, lambda: ContextEntity(self.crate, identity, {"@type": kind, **_known(about)}))

    def file(self, path: Path, *kinds: str, sha256: str = "", **about: Any) -> Entity:
        """A file of the crate, with its size and checksum. `kinds`: what it is beside a File.

        `sha256`: its checksum, where a manifest says it. Raises FileNotFoundError where the file is gone.
        """
        name = path.relative_to(self.root).as_posix()
        return self._add(name, lambda: File(self.crate, path, name, properties=self._facts(path, kinds, sha256, about)))

    def _facts(self, path: Path, kinds: tuple[str, ...], sha256: str, about: dict[str, Any]) -> dict[str, Any]:
        return {
            "@type": ["File", *kinds] if kinds else "File",
            "name": path.name,
            **_known(about),
            "contentSize": str(path.stat().st_size),
            "sha256": sha256 or self.hashes.get(path) or file_sha256(path),
            "encodingFormat": _format(path),
        }

    def folder(self, path: Path, **about: Any) -> Entity:
        """A folder of the crate, whose files are not listed."""
        name = path.relative_to(self.root).as_posix() + "/"
        return self._add(name, lambda: Dataset(self.crate, path, name, properties=_known(about)))

    def has(self, identity: str) -> bool:
        """Whether something was added under this id."""
        return identity in self._added

    def identified(self, *identifiers: str | None) -> list[Entity]:
        """What was added with one of these values of `identifier`: a fingerprint of data, a recipe's id."""
        return [self._identified[each] for each in identifiers if each and each in self._identified]

    def _add(self, identity: str, make: Callable[[], Entity]) -> Entity:
        if identity not in self._added:
            made = self._added[identity] = self.crate.add(make())
            self._identified.setdefault(made.get("identifier"), made)
        return self._added[identity]

    def software(self, name: str, version: str) -> Entity:
        """A Python package, or Python itself, in one version."""
        identity = f"#python-{version}" if name == "python" else f"https://pypi.org/project/{name}/{version}/"
        url = "https://www.python.org/" if name == "python" else f"https://pypi.org/project/{name}/"
        return self.thing(identity, "SoftwareApplication", name=name, softwareVersion=version, url=url)

    def describe(self, citation: Citation, **about: Any) -> None:
        """Says of the whole crate what it is, whose it is, and which paper it is about."""
        root = self.crate.root_dataset
        for address, name in PROFILES.items():
            self.thing(address, "CreativeWork", name=name, version=address.rsplit("/", 1)[1])
        authors = [self.thing(f"#author-{n}", "Organization", name=name) for n, name in enumerate(citation.authors, 1)]
        writers = [self.thing(f"#{name}", "Person", familyName=name, name=name) for name in citation.paper_authors]
        paper = self.thing("#paper", "ScholarlyArticle", name=citation.paper, author=writers)
        license_ = self.thing(citation.license_url, "CreativeWork", name=citation.license, url=citation.license_url)
        profiles = [{"@id": address} for address in PROFILES]
        facts = {"author": authors, "license": license_, "citation": paper, "conformsTo": profiles, **about}
        for key, value in _known(facts).items():
            root[key] = value

    def document(self) -> dict[str, Any]:
        """The crate's JSON-LD document."""
        return self.crate.metadata.generate()


def _known(about: dict[str, Any]) -> dict[str, Any]:
    """What is known, without empty values; a list of one value becomes that value, as RO-Crate 1.1 recommends."""
    known = {key: value for key, value in about.items() if value not in (None, [], "")}
    return {key: value[0] if isinstance(value, list) and len(value) == 1 else value for key, value in known.items()}


def _format(path: Path) -> str:
    return _FORMATS.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
