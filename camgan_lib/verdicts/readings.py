"""What was read of generators that are built as cameras, in sentences: simulated cameras, pairs, real cameras."""

from typing import Any

import numpy as np

from camgan_lib.measure import statistics
from camgan_lib.networks.recipes import JUDGES
from camgan_lib.verdicts.extraction import share_of


def readings_sentence(rows: list[dict[str, Any]], start: list[dict[str, Any]]) -> str:
    """How often ways were named rightly, and how far numbers were off, over all cameras (`readings.over_seeds`).

    `start`: the same of generators that were not trained.
    """
    said = []
    for stage, name in (("subsampling", "Chroma subsampling"), ("demosaicing", "The way of demosaicing")):
        (hits, n), (begun, of) = (_hits(each, stage) for each in (rows, start))
        said.append(f"{name} is named rightly by {hits} of {n} generators (untrained: for {begun} of {of} cameras).")
    for stage, name in (("luma quality", "luma"), ("chroma quality", "chroma")):
        off, begun_off = (
            [row["read"].value - row["true"] for row in each if row["stage"] == stage] for each in (rows, start)
        )
        ends = [f"{of(each):+.1f}" for each in (off, begun_off) for of in (min, max)]
        said.append(f"JPEG's quality of {name} is read {ends[0]} to {ends[1]} off (untrained: {ends[2]} to {ends[3]}).")
    shares = [row["read"].value for row in rows if row["stage"] == "mosaic"]
    said.append(f"The mosaic's share is read as {min(shares):.2f} to {max(shares):.2f} where 1 is true.")
    said.append(_sharpening([row for row in rows if row["stage"] == "sharpening"]))
    return " ".join(said).replace("-", "−")


def _hits(rows: list[dict[str, Any]], stage: str) -> tuple[int, int]:
    """By how many generators a stage is named rightly, and of how many."""
    hits = [(row["hits"], row["n"]) for row in rows if row["stage"] == stage]
    return sum(right for right, _ in hits), sum(n for _, n in hits)


def _sharpening(rows: list[dict[str, Any]]) -> str:
    read, true = [row["read"].value for row in rows], [row["true"] for row in rows]
    pairs = [(i, j) for i in range(len(rows)) for j in range(i) if abs(true[i] - true[j]) > 0.01]
    right = sum((true[i] > true[j]) == (read[i] > read[j]) for i, j in pairs)
    ends = [f"{min(each):.2f} to {max(each):.2f}" for each in (read, true)]
    order = f"of {len(pairs)} pairs of cameras that differ in it, {right} are in the right order"
    return f"Sharpening is read as {ends[0]} where {ends[1]} is true; {order}."


def pairs_sentence(rows: list[dict[str, Any]]) -> str:
    """In how many cases the stage that differs is furthest apart (`readings.of_pairs`), and what is in the others."""
    right = sum(row["named"] == row["stage"] for row in rows)
    pairs, seeds = (len({row[key] for row in rows}) for key in ("stage", "seed"))
    said = f"The stage in which two cameras differ is furthest apart in {right} of {len(rows)} cases "
    said += f"({pairs} pairs, {seeds} seeds)."
    for stage in dict.fromkeys(row["stage"] for row in rows):
        named = [row["named"] for row in rows if row["stage"] == stage]
        if wrong := [name for name in named if name != stage]:
            said += f" Where they differ in {stage}, {' or '.join(dict.fromkeys(wrong))} is furthest apart"
            said += f" in {len(wrong)} of {len(named)}."
    return said


def of_real(trial: dict[str, Any]) -> list[dict[str, Any]]:
    """A row per real camera of the record of `trials/real_extraction.py`: what was read, beside what its files say.

    `judges`: the share of images turned, and `l1`, Estimates over seeds; `subsampling` and `quality` as
    read, with what the `files` have of each.
    """
    found = []
    for camera, files in trial["files"].items():
        held = [row["reading"][camera] for row in trial["rows"]]
        ways = [max(each["subsampling"], key=each["subsampling"].__getitem__) for each in held]
        most = max(dict.fromkeys(ways), key=ways.count)
        turned = [{name: by[camera] for name, by in row["turned"].items()} for row in trial["rows"]]
        found.append(
            {
                "camera": camera,
                "judges": share_of([np.mean([by[name] for name in JUDGES]) for by in turned]),
                "subsampling": f"{most} ({ways.count(most)} of {len(ways)})",
                "files_subsampling": max(files["subsampling"], key=files["subsampling"].__getitem__),
                "l1": statistics.over([row["l1"][camera] for row in trial["rows"]], "seed"),
                "quality": statistics.over([each["quality"]["luma"] for each in held], "seed"),
                "files_quality": files["quality"],
            }
        )
    return found


def real_sentence(trial: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """How many cameras' subsampling is read as in their files, how far quality is off, and what judges say.

    `trial`: the record of `trials/real_extraction.py`; `rows`: its `of_real`.
    """
    right = sum(row["subsampling"].startswith(row["files_subsampling"]) for row in rows)
    off = [row["quality"].value - row["files_quality"] for row in rows]
    shares = [row["judges"].value for row in rows]
    judges = [trial["right"][name].value for name in JUDGES]
    above = trial["content"].values()
    return (
        f"Chroma subsampling is read as in the files for {right} of {len(rows)} cameras, and JPEG's quality "
        f"{min(off):+.1f} to {max(off):+.1f} off. Judges turn {np.mean(shares):.1%} of images, "
        f"{min(shares):.1%} to {max(shares):.1%} by camera; of test crops they name {np.mean(judges):.1%} rightly. "
        f"L1 is {np.mean([row['l1'].value for row in rows]):.2f}. "
        f"The inputs lie {min(above):+.1f} to {max(above):+.1f} dB above the crops."
    ).replace("-", "−")
