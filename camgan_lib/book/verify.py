"""Makes a published run again from nothing and compares it with its record (`camgan verify`).

The new run has a build folder of its own, with a store of its own, which is empty at first. A verification that was
stopped goes on where it was, but only with the same record, parameters, code, machine and libraries: `begun.json` in
the folder says with which it was begun.
"""

import json
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

from camgan_lib.base import machine, paths
from camgan_lib.base.errors import CamganError
from camgan_lib.base.files import file_sha256, write_aside, write_json
from camgan_lib.base.identity import recipe_id
from camgan_lib.base.settings import Settings
from camgan_lib.book import chapters, published
from camgan_lib.book.execution import alone, run_chapters
from camgan_lib.book.html import build_html
from camgan_lib.book.plan import Plan
from camgan_lib.book.results import write_results
from camgan_lib.book.verify_record import Recorded, plan_again, read_recorded
from camgan_lib.book.verify_report import report
from camgan_lib.networks.jobs import now

BEGUN, LOCK = "begun.json", ".lock"
WORDS = {
    "record": "another record",
    "parameters": "other parameters",
    "fresh": "another choice of --fresh",
    "code": "other code",
    "published": "other published files",
    "machine": "another machine",
    "libraries": "other versions of libraries",
}
"""What decides a verification, and how a message says that it has changed."""


def verify(
    where: str,
    build: Path | None = None,
    *,
    data: str | None = None,
    given: list[str] | None = None,
    fresh: bool = False,
    anew: bool = False,
) -> tuple[dict[str, Any], Path]:
    """Makes the run that `where` names again, and returns the report (`verify_report.report`) and its page.

    `build`: the folder for the new run, by default `verify/<name>` in the environment's build folder; the report is
    `report.json` and `report.html` in it. `data`, `given`: see `plan_again`. With `fresh` no published network is used,
    and with `anew` what an earlier verification left in the folder is removed first.

    Raises CamganError for a user's mistake, ChapterFailed where a chapter stops; the next call goes on there.
    """
    recorded = read_recorded(where)
    folder = build or Settings.from_environment().build / "verify" / recorded.name
    plan = plan_again(recorded, Settings.of(folder, fresh=fresh), data, given)
    _check_folder(recorded, folder)
    decided = what_decides(recorded, plan)
    with alone(folder):
        _check_folder(recorded, folder)
        begun = _begin(folder, decided, anew)
        print(_first_words(recorded, plan, begun), flush=True)
        run_chapters(plan, list(chapters.sources()))
        write_results(plan)
        if other := _others(decided, what_decides(recorded, plan)):
            raise CamganError(f"something changed while the run was made again ({other}); --anew begins again")
        print("building the book …", flush=True)
        build_html(plan.settings)
        facts = {"machine": machine.machine(), "libraries": machine.libraries(), "changes": changes()}
        found = report(recorded, published.read_results(str(folder)), {**facts, "begun": begun, "fresh": fresh})
        return found, write_report(folder, found)


def write_report(folder: Path, found: dict[str, Any]) -> Path:
    """Writes a report into a folder, as `report.json` and as `report.html`, and returns the second."""
    from camgan_lib.show.verification_page import page

    write_json(folder / "report.json", found)
    with write_aside(folder / "report.html") as aside:
        aside.write_text("".join(page(found, book=(folder / "html" / "index.html").is_file())), "utf-8")
    return folder / "report.html"


def what_decides(recorded: Recorded, plan: Plan) -> dict[str, Any]:
    """Everything that must stay the same while a verification goes on, as plain JSON, by the names of WORDS."""
    library, shown = paths.ROOT / "camgan_lib", paths.published_folder()
    code = [*library.rglob("*.py"), *library.rglob("*.json"), *chapters.sources().values()]
    read = [path for kind in ("store/*/*/manifest", "sweeps/*", "trials/*") for path in shown.glob(f"{kind}.json")]
    return {
        "record": recorded.sha256,
        "parameters": plan.parameters,
        "fresh": plan.settings.fresh,
        "code": recipe_id([file_sha256(path) for path in sorted(code)]),
        "published": recipe_id([file_sha256(path) for path in sorted(read)]),
        "machine": machine.processor(),
        "libraries": {"python": platform.python_version(), **machine.libraries()},
    }


def changes() -> list[str]:
    """Files of library, chapters, profiles and `published` that are not as committed; none outside a clone."""
    folders = ("camgan_lib", "book", "profiles", "published")
    git = ["git", "-C", str(paths.ROOT), "status", "--porcelain", "--", *folders]
    try:
        done = subprocess.run(git, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return [line[3:] for line in done.stdout.splitlines()]


# --- the folder


def _check_folder(recorded: Recorded, folder: Path) -> None:
    """Raises CamganError for a folder that holds something else than a verification, or the record itself."""
    if folder.exists() and not folder.is_dir():
        raise CamganError(f"a folder for the new run was expected, {folder} is a file; name another with --build")
    if recorded.file.is_relative_to(folder.resolve()):
        raise CamganError(f"{folder} holds the record itself; name another folder with --build")
    others = [each.name for each in folder.glob("*") if each.name != LOCK] if folder.exists() else []
    if others and BEGUN not in others:
        raise CamganError(
            f"{folder} holds other files ({sorted(others)[0]} …); a verification starts in an empty folder, name "
            "another with --build"
        )


def _begin(folder: Path, decided: dict[str, Any], anew: bool) -> list[str]:
    """Notes that a verification begins or goes on in its folder, and returns when each attempt began.

    Raises CamganError where it was begun with something else than `decided`.
    """
    if anew:
        _empty(folder)
    before = _begun(folder)
    if before and (other := _others(before["decided"], decided)):
        raise CamganError(
            f"{folder} holds a verification that was begun with {other}; --anew removes it and begins again, --build "
            "names another folder"
        )
    attempts = [*(before["attempts"] if before else []), now()]
    write_json(folder / BEGUN, {"decided": decided, "attempts": attempts})
    return attempts


def _others(before: dict[str, Any], now: dict[str, Any]) -> str:
    """What is not as it was, in words; empty where all is."""
    return " and ".join(words for name, words in WORDS.items() if before.get(name) != now[name])


def _begun(folder: Path) -> dict[str, Any] | None:
    try:
        return json.loads((folder / BEGUN).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise CamganError(f"{folder / BEGUN} is damaged; --anew begins the verification again") from None


def _empty(folder: Path) -> None:
    """Removes everything from a verification's folder but its lock; what marks it as one goes last.

    Raises CamganError where something can't be removed.
    """
    try:
        for path in sorted(folder.iterdir(), key=lambda each: each.name == BEGUN):
            if path.name != LOCK:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    except OSError as error:
        raise CamganError(f"can't empty {folder} ({error.strerror}); name another folder with --build") from None


def _first_words(recorded: Recorded, plan: Plan, begun: list[str]) -> str:
    run = recorded.run
    took = f"; it took {run['seconds'] / 60:.0f} minutes on {run.get('device')}" if run.get("seconds") else ""
    said = [
        f"verifying {recorded.name}: profile {plan.profile}, data {run.get('data')}, seed {run.get('seed')}, commit "
        f"{run.get('commit')}{took}",
        f"in {plan.build}",
    ]
    if plan.settings.fresh:
        said.append("all networks are trained here")
    elif named := [each["id"] for each in run.get("networks", [])]:
        come = sum(any(published.store_folder().glob(f"*/{each}")) for each in named)
        said.append(f"{come} of its {len(named)} networks come with the project; all others are trained here")
    if len(begun) > 1:
        said.append(f"begun at {begun[0]}, goes on where it was (--anew begins again)")
    return "\n".join(said)
