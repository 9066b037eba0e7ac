"""How fast a page runs the book's networks, by each kind of kernel; beside other libraries where their packages are.

    python benchmarks/page_networks.py [--turns 3] [--tiles 11700] [--npm DIR] [--out benchmarks/page_networks.json]

In headless Chromium, from disk: one crop's decision, a crop's share of a batch of 12, one stylised image, and a photo
of 12 megapixels (11,700 tiles) in workers. Kernels take turns in one run; a time is the median over turns of the median
of calls, and the least of all. `--npm` names a folder in which `npm install @tensorflow/tfjs-core
@tensorflow/tfjs-backend-wasm @jax-js/jax` has put its packages: the same classifier then runs in those, on one thread.
Without it, what the file holds of them stays.
"""

import argparse
import json
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from safetensors.torch import load_file

from camgan_lib.base.files import write_json
from camgan_lib.book import published
from camgan_lib.book.provenance import commit
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.resnet import load_classifier
from camgan_lib.networks.style_gan import Generator
from camgan_lib.show.widgets import base
from camgan_lib.show.widgets.networks import PageNetwork, page_network

KERNELS = {"relaxed": 40, "simd": 40, "plain": 3}
"""The kinds of kernels, and calls per turn."""

ADDRESS = "http://page.test/"
"""Where other libraries think that they are: they can't be loaded from disk."""

PACKAGES = {
    "tf-core.js": "@tensorflow/tfjs-core/dist/tf-core.min.js",
    "tf-backend-wasm.js": "@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.min.js",
    "tfjs-backend-wasm-simd.wasm": "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm",
}
TYPES = {".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--tiles", type=int, default=11_700, help="of the photo (11,700: 12 megapixels)")
    parser.add_argument("--npm", type=Path, help="a folder with node_modules, to compare other libraries")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/page_networks.json"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        found = {"bytes": write_page(folder)}
        with opened((folder / "page.html").as_uri()) as page:
            found |= ours(page, given.turns, given.tiles)
        if given.npm:
            found["others"] = others(folder, given.npm / "node_modules", given.turns)
        elif given.out.is_file():
            found["others"] = json.loads(given.out.read_text("utf-8")).get("others", {})
    found["run"] = {"commit": commit()}
    write_json(given.out, found)
    print(json.dumps(found, indent=1))


def write_page(folder: Path) -> dict[str, int]:
    """Writes the page and the scripts of its networks. Bytes of the engine and of each network, as they lie on disk."""
    networks = some_networks()
    for each in networks:
        base.write_network(folder / "networks", each.id, each.data)
    about = json.dumps([{"id": each.id, "name": each.name, "classes": each.classes} for each in networks])
    engine = "".join((base.HERE / f"{name}.js").read_text("utf-8") for name in base.files("_networks"))
    own = Path(__file__).with_suffix(".js").read_text("utf-8")
    scripts = (
        f"<script>globalThis.CAMGAN_NETWORKS = {{}}; const ABOUT = {about};</script><script>{engine}{own}</script>"
    )
    (folder / "page.html").write_text(f"<!doctype html><meta charset=utf-8><title>page</title>{scripts}", "utf-8")
    sizes = {each.id: (folder / "networks" / f"{each.id}.js").stat().st_size for each in networks}
    return {"engine": len(engine.encode()), **sizes}


def some_networks() -> list[PageNetwork]:
    """The published float classifier, and a camera's generator in 8 bits."""
    made = {}
    for kind in ("classifier", "generator"):
        for folder in sorted((published.store_folder() / kind).iterdir()):
            recipe = json.loads((folder / "manifest.json").read_text("utf-8"))["recipe"]["recipe"]
            weights = load_file(folder / "weights.safetensors")
            if kind == "classifier" and not recipe["quantized"]:
                made[kind] = page_network(kind, load_classifier(weights), id=kind)
            elif kind == "generator" and kind not in made:
                generator = Generator.from_recipe(GanRecipe(**recipe), seed=0)
                generator.load_state_dict(weights)
                made[kind] = page_network(kind, generator, id=kind, bits=8)
    return list(made.values())


@contextmanager
def opened(address: str, files: Path | None = None) -> Iterator[Page]:
    """A page at an address; `files` are what a server would have there."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(600_000)
        if files:

            def serve(route):
                path = files / route.request.url.removeprefix(ADDRESS)
                if not path.is_file():
                    return route.fulfill(status=404)
                return route.fulfill(body=path.read_bytes(), content_type=TYPES[path.suffix])

            page.route(f"{ADDRESS}**", serve)
        page.goto(address)
        yield page
        browser.close()


def ours(page: Page, turns: int, tiles: int) -> dict:
    found: dict = {
        "open_ms": {id: round(page.evaluate(f"measure.opened('{id}')"), 1) for id in ("classifier", "generator")}
    }
    for what in ("crop", "batch", "stylise"):
        times: dict[str, list[dict]] = {kernels: [] for kernels in KERNELS}
        for _ in range(turns):
            for kernels, calls in KERNELS.items():
                times[kernels].append(page.evaluate(f"measure.{what}('{kernels}', {calls})"))
        found[f"{what}_ms"] = {kernels: middle(each, 12 if what == "batch" else 1) for kernels, each in times.items()}
    photos = [page.evaluate(f"measure.photo({tiles})") for _ in range(turns)]
    found["photo"] = {"tiles": tiles, "turns": photos}
    return found


def middle(turns: list[dict[str, float]], share: int = 1) -> dict[str, float]:
    """The median of medians and the least, in ms, of one of `share` crops."""
    median = statistics.median(each["median"] for each in turns)
    return {"median": round(median / share, 3), "least": round(min(each["least"] for each in turns) / share, 3)}


def others(folder: Path, packages: Path, turns: int) -> dict:
    """Times of a crop alone and in a batch of 12 in other libraries, and in ours in the same page, in turns."""
    for name, source in PACKAGES.items():
        shutil.copyfile(packages / source, folder / name)
    shutil.copytree(packages / "@jax-js" / "jax" / "dist", folder / "jax")
    text = (folder / "page.html").read_text("utf-8")
    libraries = "".join(f"<script src='{name}'></script>" for name in PACKAGES if name.endswith(".js"))
    (folder / "others.html").write_text(text + libraries, "utf-8")
    runs = {
        "ours": "measure.{what}('relaxed', 20)",
        "tfjs, WASM": "others.tfjs({count}, 20)",
        "jax-js, WASM": "others.jax({count}, 2)",
    }
    found: dict = {name: {} for name in runs}
    with opened(f"{ADDRESS}others.html", folder) as page:
        page.evaluate("tf.wasm.setWasmPaths(document.baseURI.replace('others.html', ''))")
        page.evaluate("tf.setBackend('wasm')")
        for what, count in (("crop", 1), ("batch", 12)):
            times: dict[str, list[dict]] = {name: [] for name in runs}
            for _ in range(turns):
                for name, script in runs.items():
                    times[name].append(page.evaluate(script.format(what=what, count=count)))
            for name, each in times.items():
                found[name][f"{what}_ms"] = middle(each, count)
    found["bytes"] = {
        "tfjs, WASM": sum((folder / name).stat().st_size for name in PACKAGES),
        "jax-js, WASM": sum(path.stat().st_size for path in (folder / "jax").glob("[!w]*.js")),
    }
    return found


if __name__ == "__main__":
    main()
