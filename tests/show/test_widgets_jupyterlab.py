"""The spectrum explorer in a live JupyterLab: what Python sets is seen in the page, and back; a network answers."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CELLS = (
    "import numpy as np\n"
    "import torch\n"
    "from camgan_lib.networks.inference import predict, log_softmax\n"
    "from camgan_lib.networks.resnet import ResNet20\n"
    "from camgan_lib.show.widgets import SpectrumExplorer\n"
    "from camgan_lib.show.widgets.networks import page_network\n"
    "images = np.random.default_rng(0).integers(0, 256, (8, 32, 32, 3)).astype(np.uint8)\n"
    "classifier = ResNet20(2).eval()\n"
    "in_page = [page_network('small', classifier, classes=['one', 'two'])]\n"
    "explorer = SpectrumExplorer(images, {'one': images // 2, 'two': 255 - images}, in_page)\n"
    "explorer",
    "explorer.camera, explorer.image, explorer.channel = 2, 5, 'red'\n"
    "logits = predict(classifier, np.stack([images[4], 255 - images[4]]), torch.device('cpu'))\n"
    "print(*np.exp(log_softmax(logits)).ravel())",
    "print('image', explorer.image, 'window', explorer.window, 'high-pass', explorer.high_pass)",
)


@contextlib.contextmanager
def running_lab(folder):
    """The address of a JupyterLab server on `folder`, with settings of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"JUPYTER_CONFIG_DIR": folder / "config", "JUPYTER_DATA_DIR": folder / "data", "IPYTHONDIR": folder}
    environment = {k: v for k, v in os.environ.items() if k != "CAMGAN_STATIC"} | {
        k: str(v) for k, v in settings.items()
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.port={port}"]
    command += ["--ServerApp.port_retries=0", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(120):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status", timeout=2).close()
                break
            assert server.poll() is None, (folder / "log").read_text()[-2000:]
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


class Lab:
    """An opened notebook: its cells can be run one by one."""

    def __init__(self, page):
        self.page = page

    def run(self, number):
        """The outputs of a cell that is run; asked again where a kernel that was only starting did not hear it."""
        cell = self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)
        for tick in range(300):
            prompt = cell.locator(".jp-InputPrompt").inner_text()
            if re.search(r"\[\d+\]", prompt):
                return cell.locator(".jp-OutputArea-output")
            if "*" not in prompt and tick % 25 == 0:
                cell.locator(".cm-content").click()
                self.page.keyboard.press("Control+Enter")
            self.page.wait_for_timeout(200)
        raise AssertionError(f"cell {number} did not run: {prompt}")


def test_python_and_the_page_see_what_the_other_sets(browser, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    (tmp_path / "live.ipynb").write_text(json.dumps(notebook))
    with running_lab(tmp_path) as address:
        context = browser.new_context(viewport={"width": 1280, "height": 1400})
        page = context.new_page()
        dialog = page.locator(".jp-Dialog")  # comes up on a busy machine, and covers the cells
        page.add_locator_handler(dialog, lambda: dialog.locator(".jp-mod-accept").click())
        page.goto(f"{address}/lab/tree/live.ipynb")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=90_000)
        page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", state="attached", timeout=90_000)
        lab = Lab(page)
        shown = lab.run(0).first
        shown.get_by_label("camera", exact=True).wait_for(timeout=60_000)
        wanted = [float(p) for p in lab.run(1).inner_text().split()]
        page.wait_for_function("b => b.value === '2'", arg=shown.get_by_label("camera", exact=True).element_handle())
        assert shown.get_by_label("image", exact=True).input_value() == "5"
        assert shown.get_by_label("channel", exact=True).input_value() == "red"
        shown.locator(".camgan-odds:not(.is-waiting)").first.wait_for(timeout=30_000)
        odds = [float(each.get_attribute("data-p")) for each in shown.locator(".camgan-odds li").all()]
        assert odds == pytest.approx(wanted, abs=1e-3)
        shown.get_by_label("image", exact=True).fill("7")
        shown.get_by_label("window", exact=True).select_option("none")
        shown.get_by_label("high-pass", exact=True).check()
        page.wait_for_timeout(3000)
        assert lab.run(2).inner_text().strip() == "image 7 window none high-pass True"
        context.close()
