"""Writes the tables of benchmarks/README.md from the JSON files beside it.

python benchmarks/tables.py
"""

import json
import math
import re
import statistics
from pathlib import Path

from scipy import stats

HERE = Path(__file__).parent
TARGETS = {
    "classifier": 3,
    "gan": 3,
    "classifier_float32": 3,
    "gan_float32": 3,
    "evaluation": 4,
    "simulation": 4,
    "crops": 2,
    "time_to_90": 20,
    "time_to_90_float32": 20,
    "quick_book": None,
}
TITLES = {
    "classifier": "training both classifiers",
    "gan": "training style GANs",
    "classifier_float32": "training both classifiers, without bfloat16",
    "gan_float32": "training style GANs, without bfloat16",
    "evaluation": "10,000 images through generator and classifier",
    "simulation": "simulated photos of 512×512",
    "crops": "crops from JPEG files",
    "time_to_90": "time to 90 % on four real cameras",
    "time_to_90_float32": "time to 90 % on four real cameras, without bfloat16",
    "quick_book": "the whole book, profile quick",
}


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def read(name: str) -> dict:
    return json.loads((HERE / name).read_text("utf-8"))


def interval(turns: list[list[float]], unit: str) -> str:
    """95 % interval of the ratio's geometric mean over turns (Student's t of its logarithm)."""
    if len(turns) < 3:
        return "–"
    logs = [math.log(plain / ours if unit == "s" else ours / plain) for ours, plain in turns]
    half = stats.t.ppf(0.975, len(logs) - 1) * statistics.stdev(logs) / len(logs) ** 0.5
    low, high = (math.exp(statistics.mean(logs) + sign * half) for sign in (-1, 1))
    return f"{low:.2f} to {high:.2f}"


def results() -> str:
    rows = []
    for name, found in read("results.json").items():
        low, high = found["ratio_spread"]
        spread = f"{low:.2f} to {high:.2f}" if len(found["turns"]) > 1 else "one turn"
        ours, plain = (f"{found[who]:,.0f} {found['unit']}" for who in ("ours", "plain"))
        target = f"{TARGETS[name]}" if TARGETS[name] else "–"
        surely = interval(found["turns"], found["unit"])
        numbers = [f"**{found['ratio']:.2f}**", spread, surely, target, ours, plain, str(len(found["turns"]))]
        rows.append([TITLES[name], *numbers])
    return table(["what", "ratio", "spread", "95 % interval", "target", "ours", "plain", "turns"], rows)


def where() -> str:
    found = read("where_time_goes.json")
    peaks, kinds = found["peaks"], ("classifier", "gan")
    head = (
        f"Peaks of one thread: {peaks['bfloat16_gflops']:.0f} Gflop/s in bfloat16, {peaks['float32_gflops']:.0f} in "
        f"float32 (a product of large matrices), {peaks['copy_gb_s']:.0f} GB/s (a copy of 256 MB)."
    )
    rows = [["ms per step", *(f"{found[k]['ms_per_step']:.0f}" for k in kinds)]]
    rows += [["share of the matrix-product peak", *(f"{found[k]['share_of_peak']:.0%}" for k in kinds)]]
    rows += [["share of the copy bandwidth", *(f"{found[k]['share_of_copy']:.0%}" for k in kinds)]]
    rows += [[name, *(f"{found[k]['time'].get(name, 0):.0%}" for k in kinds)] for name in found["classifier"]["time"]]
    return head + "\n\n" + table(["one network on one core", "classifier, 64 crops", "style GAN, 16 images"], rows)


def book() -> str:
    run = json.loads((HERE.parent / "published" / "simulated" / "results.json").read_text("utf-8"))["run"]
    rows = [[name, f"{seconds:.0f}"] for name, seconds in run["seconds_by_chapter"].items()]
    return table(["chapter", "seconds"], [*rows, ["all, one after the other", f"{run['seconds']:.0f}"]])


def scaling() -> str:
    found = read("scaling.json")
    parts = ("simulate_s", "simulate_mb", "crops_s", "crops_mb")
    rows = [
        [f"{row['photos']:,}", *(f"{row[p]:,.1f}" if p.endswith("_s") else f"{row[p]:,.0f}" for p in parts)]
        for row in found["rows"]
    ]
    rows.append(["exponent", *(f"**{found['exponents'][part]:.2f}**" for part in parts)])
    head = f"photos of {found['size']}×{found['size']}"
    columns = ["simulate (s)", "simulate (MB)", f"{found['crops_per_photo']} crops of each (s)", "the same (MB)"]
    return table([head, *columns], rows)


def large_photos() -> str:
    found = read("large_photos.json")
    low, high = found["ratio_spread"]
    columns = [f"{way}_{unit}" for way in ("ours", "plain") for unit in ("s", "mb")]
    rows = [[f"{turn[column]:,.0f}" for column in columns] for turn in found["turns"]]
    head = ["ours (s)", "ours (MB)", "Pillow in a loop (s)", "Pillow in a loop (MB)"]
    what = f"{found['photos']:,} photos of {found['megapixels']:.0f} megapixels, {found['gigabytes']:.1f} GB."
    end = f"{what} The ratio of seconds is **{found['ratio']:.2f}** ({low:.2f} to {high:.2f})."
    return table(head, rows) + "\n\n" + end


def sweeps() -> str:
    found = read("sweeps.json")
    seconds = [(turn["one"], turn["two"]) for turn in found["turns"]]
    rows = [[str(found["turns"][0]["tasks"]), f"{one:.0f}", f"{two:.0f}", f"{one / two:.2f}"] for one, two in seconds]
    equal = "equal" if found["equal"] else "different"
    end = f"The median ratio is **{found['ratio']:.2f}** (target 1.7); results of one and of two are {equal}."
    return table(["trainings", "one worker (s)", "two workers (s)", "ratio"], rows) + "\n\n" + end


def scale() -> str:
    found = read("scale.json")
    tasks = [
        [
            str(row["workers"]),
            *(f"{row[key]:.2f}" for key in ("seconds", "ideal", "overhead_ms")),
            f"{row['efficiency']:.0%}",
        ]
        for row in found["scheduler"]
    ]
    kinds = f"{found['tasks']:,} tasks of {found['latency_ms']:.0f} ms"
    first = table([f"workers, {kinds}", "seconds", "ideal (s)", "overhead per task (ms)", "efficiency"], tasks)
    rows = [
        [f"`camgan store {name}`", f"{row['seconds']:.1f} s", f"{row['mb']:.0f}"]
        if "mb" in row
        else [f"`Store.{name}`", f"{row['ms']:.2f} ms", "–"]
        for name, row in found["store"].items()
    ]
    return first + "\n\n" + table([f"{found['stored']:,} stored things", "time", "memory (MB)"], rows)


def decisions() -> str:
    found = read("decisions.json")
    rows = [
        [
            f"{title}, float32",
            *(f"{found[f'{what}_changed'][way]:,} of {found[what]:,}" for what in ("decisions", "levels")),
            f"{found['largest_logit_error'][way]:.1e}",
        ]
        for way, title in (("ours", "compiled loops"), ("PyTorch", "PyTorch's layers"))
    ]
    return table(["beside float64", "decisions that differ", "levels that differ", "largest error of a logit"], rows)


def page_networks() -> str:
    found = read("page_networks.json")
    rows = []
    for what, title in (
        ("crop", "one crop's decision"),
        ("batch", "one of 12 crops"),
        ("stylise", "one stylised image"),
    ):
        times = found[f"{what}_ms"]
        ratio = f"**{times['plain']['median'] / times['relaxed']['median']:.0f}**"
        rows.append([title, *(f"{times[k]['median']:.1f}" for k in ("relaxed", "simd", "plain")), ratio])
    turns = found["photo"]["turns"]
    seconds, pause = (statistics.median(turn[key] for turn in turns) for key in ("seconds", "longest_pause_ms"))
    end = (
        f"{found['photo']['tiles']:,} tiles of a photo, by {turns[0]['workers']} workers: **{seconds:.1f} s**, the "
        f"page's longest pause {pause:.0f} ms (medians of {len(turns)} turns). "
        f"The engine is {found['bytes']['engine'] / 1e3:.0f} kB."
    )
    head = ["median (ms)", "WASM, relaxed", "WASM", "plain JavaScript", "times as fast"]
    return table(head, rows) + "\n\n" + end + "\n\n" + other_libraries(found["others"], found["bytes"]["engine"])


def other_libraries(found: dict, engine: int) -> str:
    sizes = {**found["bytes"], "ours": engine}
    rows = [
        [name, *(f"{found[name][f'{what}_ms']['median']:,.1f}" for what in ("crop", "batch")), f"{size / 1e3:,.0f}"]
        for name, size in sorted(sizes.items(), key=lambda each: found[each[0]]["batch_ms"]["median"])
    ]
    return table(["library", "one crop (ms)", "one of 12 crops (ms)", "kB"], rows)


def explorer() -> str:
    found = read("explorer.json")
    rows = [[name, f"{each['median']:.1f}", f"{each['p95']:.1f}"] for name, each in found["draw_ms"].items()]
    photo = found["photo"]
    end = (
        f"A photo of 12 megapixels ({photo['tiles']:,} tiles), from the choice of its file: every second tile of each "
        f"row and column after {photo['coarse_s']:.1f} s, all after **{photo['whole_s']:.1f} s**; the page's longest "
        f"pause {photo['longest_pause_ms']:.0f} ms. Medians of {found['turns']} visits."
    )
    return table(["slider", "median (ms)", "95th percentile (ms)"], rows) + "\n\n" + end


def pages() -> str:
    found = read("pages.json")
    keys = ("kb", "first_paint_ms", "usable_ms")
    rows = [
        [name, *(f"{of[key]:,}" for key in keys for of in (each["beside"], each["book"]))]
        for name, each in found["pages"].items()
    ]
    head = [f"{what}, {when}" for what in ("kB", "first paint (ms)", "usable (ms)") for when in ("before", "now")]
    return table(["page", *head], rows)


def written(text: str) -> str:
    """README's text with its tables anew."""
    blocks = {"results": results, "where": where, "book": book, "scaling": scaling, "sweeps": sweeps}
    blocks |= {"large_photos": large_photos, "page_networks": page_networks, "explorer": explorer, "pages": pages}
    blocks |= {"scale": scale, "decisions": decisions}
    for name, make in blocks.items():
        block = rf"(<!-- {name} -->\n).*?(\n<!-- end -->)"
        text, count = re.subn(block, lambda m, make=make: m[1] + make() + m[2], text, flags=re.S)
        assert count == 1, f"README.md has {count} places for the table {name}"
    return text


if __name__ == "__main__":
    path = HERE / "README.md"
    path.write_text(written(path.read_text("utf-8")), "utf-8")
