"""Settings from environment variables. They are read once when a process begins, then passed on as one object.

No other module reads a CAMGAN_ variable. Chapters run in kernels, which are processes of their own: a run gives them
its settings by the same variables (`Settings.environment`).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from camgan_lib.base.paths import ROOT


@dataclass(frozen=True)
class Settings:
    """Folders and switches of a run.

    `build`: the folder for its files. `store`: the folder for trained networks and made data. `fresh`: train every
    network, and use none of the published ones. `static`: make pages for readers without a kernel.
    """

    build: Path
    store: Path
    fresh: bool = False
    static: bool = False
    own_store: bool = True
    """Whether the store belongs to this build alone: false if CAMGAN_STORE names one, which other builds may share."""

    @classmethod
    def of(cls, build: Path, **switches: bool) -> "Settings":
        """Settings for a build folder that has its own store in it."""
        return cls(build, build / "store", **switches)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Settings from the variables of this process, or those in `environment`.

        CAMGAN_BUILD is the build folder (default: `_build` in the project), CAMGAN_STORE the store (default: `store` in
        the build folder). CAMGAN_FRESH and CAMGAN_STATIC are on if they are not empty.
        """
        given = os.environ if environment is None else environment
        build = Path(given.get("CAMGAN_BUILD") or ROOT / "_build").resolve()
        store = Path(given.get("CAMGAN_STORE") or build / "store").resolve()
        switches = {name: bool(given.get(f"CAMGAN_{name.upper()}")) for name in ("fresh", "static")}
        return cls(build, store, **switches, own_store=not given.get("CAMGAN_STORE"))

    def at(self, build: Path | None) -> "Settings":
        """The same settings with another build folder; the store moves with it, unless CAMGAN_STORE named it."""
        if build is None:
            return self
        return replace(self, build=build, store=build / "store" if self.own_store else self.store)

    def environment(self) -> dict[str, str]:
        """The variables that give another process these settings."""
        return {
            "CAMGAN_BUILD": str(self.build),
            "CAMGAN_STORE": "" if self.own_store else str(self.store),
            "CAMGAN_FRESH": "1" if self.fresh else "",
            "CAMGAN_STATIC": "1" if self.static else "",
        }


PROGRESS = "CAMGAN_PROGRESS"
"""The variable with which a run gives its processes the address of the Unix socket that takes their progress."""


def progress_address() -> str:
    """Where this process sends its progress to, "" if it was started by no run."""
    return os.environ.get(PROGRESS, "")


@dataclass(frozen=True)
class Site:
    """What the built pages need to know about themselves.

    `repository` and `branch`: where their sources are published; `address`: where the pages are; `stale`: names of the
    chapters that are out of date.
    """

    repository: str
    branch: str
    address: str
    stale: tuple[str, ...]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Site":
        """From CAMGAN_REPOSITORY, CAMGAN_BRANCH (default: "main"), CAMGAN_SITE and CAMGAN_STALE (names between spaces).

        What is not set is "", or ().
        """
        given = os.environ if environment is None else environment
        address = given.get("CAMGAN_SITE", "").strip()
        return cls(
            given.get("CAMGAN_REPOSITORY", "").strip().rstrip("/"),
            given.get("CAMGAN_BRANCH") or "main",
            address and address.rstrip("/") + "/",
            tuple(given.get("CAMGAN_STALE", "").split()),
        )
