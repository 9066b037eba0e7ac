"""A page whose widgets have networks, opened from disk in Chromium: shared by the tests of networks in pages."""

import pytest

from camgan_lib.show.widgets import base

PROBE = """// uses: networks
const textOf = (levels) => btoa(String.fromCharCode(...levels));
const levelsOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
export default { render({ model }) {
  globalThis.probe = {
    model, openNetwork, makePool, probabilities, engine: camganEngine(), weightsOf, wasmModules,
    async by(kernels, id) {
      return this.engine.makeNetwork(await weightsOf(model, id), wasmModules(), kernels);
    },
    async logits(id, text, count, kernels) {
      const net = kernels ? await this.by(kernels, id) : await openNetwork(model, id);
      return [...net.logits(levelsOf(text), count)];
    },
    async pooled(id, text, count) {
      const pool = await makePool(model, id);
      const logits = [...(await pool.logits(levelsOf(text), count))];
      pool.close();
      return logits;
    },
    async stylise(id, texts, side, kernels) {
      const net = kernels ? await this.by(kernels, id) : await openNetwork(model, id);
      return texts.map((text) => textOf(net.stylise(levelsOf(text), side)));
    },
  };
} };
"""


class Probe(base.Widget):
    label = "a probe"


@pytest.fixture
def networks_page(browser, tmp_path, monkeypatch):
    """Opens a page from disk whose widgets have these networks; afterwards it may have complained of nothing."""
    for path in base.HERE.glob("_*.js"):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    (tmp_path / "probe.js").write_text(PROBE, "utf-8")
    monkeypatch.setattr(base, "HERE", tmp_path)
    monkeypatch.setattr(Probe, "module", "probe")
    monkeypatch.setenv("CAMGAN_STATIC", "1")
    monkeypatch.setenv("CAMGAN_BUILD", str(tmp_path))
    context = browser.new_context()
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))

    def show(networks, widgets=1):
        body = "".join(Probe(networks=networks).static_html() for _ in range(widgets))
        (tmp_path / "executed" / "camgan-widgets.js").write_text(base.bundle(), "utf-8")
        text = f"<!doctype html><meta charset=utf-8><body>{body}<script src='camgan-widgets.js' defer></script>"
        (tmp_path / "executed" / "page.html").write_text(text, "utf-8")
        page.goto((tmp_path / "executed" / "page.html").as_uri())
        page.wait_for_selector(".camgan-widget[data-ready]", state="attached")
        return page

    page.said = said
    yield show
    assert said == []
    context.close()
