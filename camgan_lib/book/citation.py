"""What this project is called, whose it is, and which paper it reproduces, as CITATION.cff says."""

from dataclasses import dataclass

import yaml

from camgan_lib.base import paths


@dataclass(frozen=True)
class Citation:
    """`license` is an SPDX id. `paper` is the paper's title, `paper_authors` its authors' names."""

    title: str
    description: str
    version: str
    authors: tuple[str, ...]
    license: str
    paper: str
    paper_authors: tuple[str, ...]

    @property
    def license_url(self) -> str:
        """The licence's page at spdx.org."""
        return f"https://spdx.org/licenses/{self.license}"


def read_citation() -> Citation:
    """The project's CITATION.cff."""
    found = yaml.safe_load((paths.ROOT / "CITATION.cff").read_text("utf-8"))
    paper = found["references"][0]
    return Citation(
        found["title"],
        found["abstract"],
        str(found["version"]),
        tuple(each["name"] for each in found["authors"]),
        found["license"],
        paper["title"],
        tuple(each["family-names"] for each in paper["authors"]),
    )
