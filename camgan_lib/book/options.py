"""Options that several commands take, and the settings that follow from them."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from camgan_lib.base.settings import Settings

Build = Annotated[str | None, typer.Option(metavar="DIR", help="Where the run leaves its files (default: _build).")]


def settings_of(build: str | None, fresh: bool = False) -> Settings:
    """The environment's settings, with the build folder and `fresh` as the command line gives them."""
    settings = Settings.from_environment().at(Path(build).expanduser().resolve() if build else None)
    return replace(settings, fresh=settings.fresh or fresh)
