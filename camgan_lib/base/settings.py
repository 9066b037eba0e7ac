"""Settings that the environment gives: read once where a process begins, then passed on as one object.

No other module reads a CAMGAN_ variable. A run hands its settings to the kernels that execute its chapters by the
same variables (`Settings.environment`).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from camgan_lib.base.paths import ROOT


@dataclass(frozen=True)
class Settings:
    """Folders and switches of a run.

    `build`: where it leaves its files; `store`: where trained networks and made data are kept; `fresh`: train every
    network here, the published ones left aside; `static`: pages are made for readers without a kernel.
    """

    build: Path
    store: Path
    fresh: bool = False
    static: bool = False
    own_store: bool = True
    """Whether the store belongs to this build alone: false where CAMGAN_STORE names one that others may share."""

    @classmethod
    def of(cls, build: Path, **switches: bool) -> "Settings":
        """Settings of a build folder with its own store in it."""
        return cls(build, build / "store", **switches)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """CAMGAN_BUILD (default `_build` in the project), CAMGAN_STORE (default `store` in the build folder),
        CAMGAN_FRESH and CAMGAN_STATIC (set: true)."""
        given = os.environ if environment is None else environment
        build = Path(given.get("CAMGAN_BUILD") or ROOT / "_build").resolve()
        store = Path(given.get("CAMGAN_STORE") or build / "store").resolve()
        switches = {name: bool(given.get(f"CAMGAN_{name.upper()}")) for name in ("fresh", "static")}
        return cls(build, store, **switches, own_store=not given.get("CAMGAN_STORE"))

    def at(self, build: Path | None) -> "Settings":
        """The same settings with another build folder, and its store unless that was named by itself."""
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


@dataclass(frozen=True)
class Site:
    """What the pages say of where they are published: CAMGAN_REPOSITORY, CAMGAN_BRANCH, CAMGAN_SITE; and which
    chapters are out of date, CAMGAN_STALE (names with spaces between)."""

    repository: str
    branch: str
    address: str
    stale: tuple[str, ...]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Site":
        """The environment's variables; "" for what it does not name, branch "main"."""
        given = os.environ if environment is None else environment
        address = given.get("CAMGAN_SITE", "").strip()
        return cls(
            given.get("CAMGAN_REPOSITORY", "").strip().rstrip("/"),
            given.get("CAMGAN_BRANCH") or "main",
            address and address.rstrip("/") + "/",
            tuple(given.get("CAMGAN_STALE", "").split()),
        )
