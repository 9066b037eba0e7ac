"""The smoke profile through papermill and Jupyter Book; runs of single chapters, other data and what goes wrong."""

import json
import re
import shutil

import pytest
import torch
from runs import camgan

from camgan_lib.book import chapters
from camgan_lib.measure.estimates import read
from camgan_lib.networks.store import Store

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(1500)]


def test_a_killed_run_goes_on_where_it_stopped(smoke_runs):
    build, said = smoke_runs
    assert "dataset: unchanged since it ran, kept" in said
    assert "classifier: unchanged" not in said
    made = sorted(path.name for path in build.iterdir() if path.name != ".lock")
    of_the_crate = ["README.md", "croissant.json", "data", "ro-crate-metadata.json", "source"]
    assert made == sorted([*of_the_crate, "executed", "html", "records", "results.json", "store", "timings.json"])


def test_results_json_holds_what_the_book_promises(smoke_book):
    found = json.loads((smoke_book / "results.json").read_text("utf-8"))
    run = {"profile", "data", "nostyle", "seed", "commit", "device", "versions", "started", "seconds", "networks"}
    assert set(found["run"]) == run | {"seconds_by_chapter", "parameters", "code"}
    assert list(found["run"]["seconds_by_chapter"]) == list(chapters.sources())
    assert all(seconds > 0 for seconds in found["run"]["seconds_by_chapter"].values())
    assert {"cameras", "photos", "train_crops", "test_crops"} <= set(found["dataset"])
    found = read(found)
    for name in ("auxiliary_accuracy", "auxiliary_photo_accuracy", "quantized_accuracy", "colour_only_accuracy"):
        accuracy = found["classifier"][name]
        assert (accuracy.unit, accuracy.n) == ("photo", 8)
        assert 0 <= accuracy.low <= accuracy.value <= accuracy.high <= 1
    table1 = found["style_gan"]["table1"]
    assert [row["camera"] for row in table1] == found["dataset"]["cameras"]
    untouched = sum(row["no_style"].value for row in table1)
    assert untouched == pytest.approx(1), "every untouched image is taken for one camera"
    assert all(0 <= row[key].value <= 1 for row in table1 for key in ("train", "test", "transfer"))
    assert 0.5 <= found["frequency"]["consistency"]["untrained"].value <= 1
    assert len(found["summary"]["claims"]) == 8


def test_every_number_in_the_prose_is_there_and_a_plain_one(smoke_book):
    """One that is shown as np.float64(…) can't be given a format, and leaves a gap in its sentence."""
    for path in sorted((smoke_book / "executed").glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        outputs = [o for cell in cells for o in cell.get("outputs", [])]
        glued = {
            output["metadata"]["scrapbook"]["name"]: text
            for output in outputs
            if (text := output.get("data", {}).get("application/papermill.record/text/plain"))
        }
        assert [name for name, text in glued.items() if "np." in "".join(text)] == [], path.name
        prose = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        assert set(re.findall(r"\{glue:text\}`([\w.-]+)", prose)) <= set(glued), path.name


def test_a_chapter_whose_data_are_gone_stops_with_a_sentence(copy):
    shutil.rmtree(copy / "store" / "crops")
    done = camgan("run", "classifier", "--profile", "smoke", "--build", copy)
    assert done.returncode == 2
    last = done.stderr.strip().splitlines()[-2:]
    assert last[0].startswith("camgan: chapter classifier stopped in cell ")
    assert "made by chapter dataset, is gone or damaged; run 'camgan book' again" in last[0]
    assert (copy / "executed" / "02_classifier.failed.ipynb").exists()
    assert "Traceback" not in done.stderr


def own_networks(build) -> tuple[int, int]:
    """How many classifiers of its own a build has, and how many networks its chapters use."""
    lines = [line.split() for line in camgan("store", "list", "--build", build).stdout.splitlines()]
    own = [line for line in lines if "own" in line[1:]]
    return sum(line[0] == "classifier" for line in own), sum("used" in line for line in own)


def test_without_execution_the_pages_say_what_is_stale(copy, smoke_book):
    shutil.copytree(smoke_book / "html", copy / "html")
    done = camgan("book", "--profile", "smoke", "--build", copy, "--no-execute")
    assert (done.returncode, "stale: none" in done.stdout) == (0, True), done.stderr[-2000:]
    made = (copy / "html" / "index.html").stat().st_mtime_ns
    again = camgan("book", "--profile", "smoke", "--build", copy)
    assert again.stdout.count("unchanged since it ran, kept") == len(chapters.sources())
    assert (copy / "html" / "index.html").stat().st_mtime_ns == made, "unchanged pages are not built again"
    done = camgan("book", "--profile", "smoke", "--build", copy, "-p", "classifier.epochs=3", "--no-execute")
    stale = ["classifier", "explanations", "style_gan", "frequency", "summary", "causes", "faithfulness", "truth"]
    stale += ["verdict"]
    assert f"stale: {', '.join(stale)}" in done.stdout
    pages = {page.stem[3:]: page.read_text("utf-8") for page in sorted((copy / "html").glob("[01]*_*.html"))}
    assert [chapter for chapter, page in pages.items() if "This page is out of date" in page] == stale
    assert json.loads((copy / "records" / "classifier.json").read_text())["parameters"]["epochs"] == 4


def test_a_damaged_network_is_noticed_and_trained_again_by_the_next_run(copy):
    record = (copy / "records" / "classifier.json").read_text()
    damaged = next((copy / "store" / "classifier").iterdir()) / "weights.safetensors"
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    done = camgan("book", "--profile", "smoke", "--build", copy)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "is damaged (checksum differs); it counts as missing" in done.stderr
    assert "] dataset: unchanged" in done.stdout
    assert "] classifier: unchanged" not in done.stdout
    assert damaged.read_bytes() == whole
    assert json.loads((copy / "records" / "classifier.json").read_text())["results"] == json.loads(record)["results"]


def test_networks_that_no_chapter_uses_can_be_pruned(copy):
    assert own_networks(copy) == (2, 9)
    for n in (1, 2):
        Store(copy / "store").put("classifier", {"recipe": {"epochs": n}}, {"w": torch.ones(3)}, {}, seconds=1.0)
    assert own_networks(copy) == (4, 9)
    named = camgan("store", "prune", "--build", copy).stdout
    assert "would remove (with --yes) 6," in named
    assert named.count("stylised  ") == 4, "stylised images are made again where they are gone"
    assert "removed 6," in camgan("store", "prune", "--yes", "--build", copy).stdout
    assert own_networks(copy) == (2, 9)
    identity = next((copy / "store" / "classifier").iterdir()).name
    shown = json.loads(camgan("store", "show", identity[:8], "--build", copy).stdout)
    assert shown["id"] == identity
    assert {"recipe", "metrics", "commit", "versions", "device", "seconds", "date"} <= set(shown)
    done = camgan("store", "show", "nosuch", "--build", copy)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
