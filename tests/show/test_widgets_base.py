"""A widget is one class and one module: live through anywidget, in the built book through our own host, from disk."""

import pytest
import traitlets

from camgan_lib.show.widgets import base

PROBE = """
export default { render({ model, el }) {
  const input = slider(model, "level", "level", 0, 9, 1, (v) => `${v} dB`);
  const sum = h("output", { id: "sum" }, String(bytesOf(model.get("pixels")).reduce((a, b) => a + b)));
  const name = choice(model, "name", "name", [["a", "A"], ["b", "B </script>"]]);
  el.append(input, name, tick(model, "on", "on"), sum);
} };
"""


@pytest.fixture
def probe(tmp_path, monkeypatch):
    """A class of widgets whose module is PROBE, and a page that shows what it is given."""
    for name in ("_common", "_host"):
        (tmp_path / f"{name}.js").write_text((base.HERE / f"{name}.js").read_text("utf-8"), "utf-8")
    (tmp_path / "probe.js").write_text(PROBE, "utf-8")
    monkeypatch.setattr(base, "HERE", tmp_path)
    monkeypatch.setenv("CAMGAN_STATIC", "1")

    class Probe(base.Widget):
        module, label, address = "probe", "a probe", ("level", "name", "on")
        level = traitlets.Float(3.0).tag(sync=True)
        name = traitlets.Unicode("a").tag(sync=True)
        on = traitlets.Bool(False).tag(sync=True)
        pixels = traitlets.Bytes(bytes(range(5))).tag(sync=True)

    def page(widget):
        html = f"<!doctype html><meta charset=utf-8><body>{widget.static_html()}<script>{base.bundle()}</script>"
        (tmp_path / "page.html").write_text(html, "utf-8")
        return (tmp_path / "page.html").as_uri()

    return Probe, page


@pytest.fixture
def tab(browser):
    opened = browser.new_context().new_page()
    opened.said = []
    opened.on("console", lambda message: opened.said.append(message.text))
    opened.on("pageerror", lambda error: opened.said.append(str(error)))
    yield opened
    opened.context.close()


def opened(tab, uri):
    tab.goto("about:blank")
    tab.goto(uri)
    tab.wait_for_selector(".camgan-widget[data-ready]", timeout=10_000)
    return tab


@pytest.mark.browser
def test_a_module_runs_from_disk_with_the_state_that_python_gave(probe, tab):
    make, page = probe
    opened(tab, page(make(level=5.0)))
    assert tab.locator("#sum").inner_text() == "10"
    assert tab.get_by_label("level").input_value() == "5"
    assert tab.get_by_label("level").get_attribute("aria-valuetext") == "5 dB"
    assert tab.get_by_role("group", name="a probe").count() == 1
    assert tab.said == []


@pytest.mark.browser
def test_a_view_is_kept_in_the_address_and_found_there_again(probe, tab):
    make, page = probe
    uri = page(make())
    opened(tab, uri)
    tab.get_by_label("level").press("ArrowRight")
    tab.get_by_label("name").select_option("b")
    tab.get_by_label("on").check()
    tab.wait_for_function("location.hash.includes('level=4') && location.hash.includes('on=true')")
    shared = tab.url
    opened(tab, shared)
    assert tab.get_by_label("level").input_value() == "4"
    assert tab.get_by_label("name").input_value() == "b"
    assert tab.get_by_label("on").is_checked()
    opened(tab, f"{uri}#view:level=%22wide%22&on=7&name=b")
    assert tab.get_by_label("level").input_value() == "3", "an address of another type is left aside"
    assert not tab.get_by_label("on").is_checked()


def test_a_live_widget_shows_itself_through_anywidget(probe, monkeypatch):
    make, _ = probe
    assert set(make()._repr_mimebundle_()) == {"text/html"}
    monkeypatch.delenv("CAMGAN_STATIC")
    bundle = make()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in (bundle[0] if isinstance(bundle, tuple) else bundle)


def test_every_module_of_the_library_is_in_the_books_script():
    assert all(f'"{name}"' in base.bundle() for name in base.modules())
