"""A widget's network in a live JupyterLab: its weights come from the kernel, its decision is PyTorch's."""

import json

import nbformat
import pytest
from test_widgets_jupyterlab import Lab, running_lab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CELLS = (
    "import numpy as np, torch\n"
    "from camgan_lib.networks.inference import predict\n"
    "from camgan_lib.networks.resnet import ResNet20\n"
    "from camgan_lib.show.widgets import base\n"
    "from camgan_lib.show.widgets.networks import page_network\n"
    "torch.manual_seed(0)\n"
    "network = ResNet20(4).eval()\n"
    "module = '''\n"
    "export default { async render({ model, el }) {\n"
    "  const net = await openNetwork(model, 'one');\n"
    "  el.append(h('output', { id: 'logits' }, net.logits(new Uint8Array(3072).fill(90)).join(' ')));\n"
    "} };\n"
    "'''\n"
    "class Probe(base.Widget):\n"
    "    _esm = '\\n'.join([*map(base._text, base.files('_networks')), module])\n"
    "Probe(networks=[page_network('one', network, id='one')])",
    "print(*predict(network, np.full((1, 32, 32, 3), 90, np.uint8), torch.device('cpu'))[0])",
)


def test_a_live_widget_gets_its_network_from_the_kernel(browser, tmp_path):
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
        shown = lab.run(0).first.locator("#logits")
        shown.wait_for(timeout=60_000)
        found, wanted = ([float(each) for each in text.inner_text().split()] for text in (shown, lab.run(1)))
        assert found == pytest.approx(wanted, abs=1e-3)
        context.close()
