"""The form of a chapter's parameters: the command line's verdicts, its commands, and what they would change."""

import random
import shlex

import pytest
import yaml

from camgan_lib.base.errors import CamganError
from camgan_lib.base.params import check_parameters, parse_setting, read_parameters, values_model
from camgan_lib.book import chapters
from camgan_lib.book import page as foot
from camgan_lib.book.plan import make_plan
from camgan_lib.book.recipes import retrained
from camgan_lib.show.widgets import base

DECLARED = {
    (chapter, p.name): p for chapter in chapters.sources() for p in read_parameters(chapters.source(chapter)).values()
}
TEXTS = [
    "",
    " ",
    "0",
    "1",
    "-1",
    "+3",
    "1e-3",
    "1E2",
    ".5",
    "5.",
    "5.0",
    "5.5",
    "1_000",
    "1__0",
    "_1",
    "1_",
    "0x10",
    "nan",
]
TEXTS += [
    "inf",
    "-inf",
    "Infinity",
    "1e400",
    "true",
    "False",
    "YES",
    "on",
    "t",
    "N",
    "2",
    "auto",
    "Auto",
    "scene",
    " scene ",
    "3 4",
]
TEXTS += [
    "0-1",
    "0__1",
    "1_.5",
    "1e",
    "e1",
    "--1",
    "1,5",
    "½",
    "٣",
    "1e5",
    "1e+2",
    "00012",
    "1.0e3",
    "99999999999999999999",
    "4294967295",
    "4294967296",
]


def checked(chapter, parameter, value):
    return check_parameters(chapter, {parameter.name: parameter}, {parameter.name: value})[parameter.name]


def verdict(chapter, parameter, text) -> bool:
    try:
        checked(chapter, parameter, parse_setting(f"{parameter.name}={text}")[2])
    except CamganError:
        return False
    return True


@pytest.fixture
def form(browser, tmp_path, monkeypatch):
    """A page with the form of chapter classifier, as profile quick sets it but for the epochs."""
    monkeypatch.setenv("CAMGAN_STATIC", "1")
    monkeypatch.setenv("CAMGAN_BUILD", str(tmp_path))
    parameters = make_plan("quick", []).parameters["classifier"]
    shown = foot.parameters("classifier", {**parameters, "epochs": 7}, static=True)
    style = base.STYLE.read_text("utf-8")
    page_text = f"<!doctype html><meta charset=utf-8><title>t</title><style>{style}</style><body>{shown}"
    (tmp_path / "page.html").write_text(f"{page_text}<script>{base.bundle()}</script>", "utf-8")
    context = browser.new_context(viewport={"width": 400, "height": 900})
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_selector(".camgan-widget[data-ready]", state="attached")
    yield page
    assert said == []
    context.close()


@pytest.mark.browser
def test_the_page_and_the_command_line_agree_on_every_value(form):
    rng = random.Random(0)
    texts = TEXTS + ["".join(rng.choices("0123456789.+-_eE ", k=rng.randint(1, 7))) for _ in range(400)]
    pairs = [(chapter, p, text) for (chapter, _), p in DECLARED.items() for text in texts]
    schemas = {
        chapter: values_model(chapter, read_parameters(source)).model_json_schema()["properties"]
        for chapter, source in chapters.sources().items()
    }
    given = [[schemas[chapter][p.name], text] for chapter, p, text in pairs]
    script = """async (pairs) => {
      const texts = CAMGAN_MODULES.parameter_form.map((file) => CAMGAN_FILES[file]);
      const url = URL.createObjectURL(new Blob(texts, { type: "text/javascript" }));
      const { allowed } = (await import(url)).default;
      return pairs.map(([schema, text]) => allowed(schema, text));
    }"""
    found = form.evaluate(script, given)
    wrong = [
        (chapter, p.name, p.type, text, said)
        for (chapter, p, text), said in zip(pairs, found, strict=True)
        if said != verdict(chapter, p, text)
    ]
    assert wrong == []


def commands(page) -> list[str]:
    return page.locator(".camgan-code code").all_inner_texts()


@pytest.mark.browser
def test_commands_give_the_values_that_the_form_shows(form):
    assert commands(form)[0] == "camgan run classifier --profile quick -p epochs=7"
    form.get_by_label("learning_rate", exact=True).fill("5e-4")
    form.get_by_label("flip", exact=True).focus()
    form.keyboard.press("ArrowDown")
    run, book, profile = commands(form)
    for command, only in ((run, "classifier"), (book, None)):
        words = shlex.split(command)
        settings = [words[i + 1] for i, word in enumerate(words) if word == "-p"]
        plan = make_plan(words[words.index("--profile") + 1], settings, only=only).parameters["classifier"]
        assert (plan["epochs"], plan["learning_rate"], plan["flip"]) == (7, 5e-4, False)
    assert yaml.safe_load(profile)["chapters"]["classifier"] == {"epochs": 7, "learning_rate": "5e-4", "flip": False}
    assert make_plan_of(profile)["learning_rate"] == 5e-4


def make_plan_of(profile: str) -> dict:
    return {
        name: checked("classifier", DECLARED["classifier", name], value)
        for name, value in yaml.safe_load(profile)["chapters"]["classifier"].items()
    }


@pytest.mark.browser
def test_a_value_that_cant_be_gets_the_command_lines_sentence(form):
    form.get_by_label("epochs", exact=True).fill("0")
    with pytest.raises(CamganError) as refused:
        checked("classifier", DECLARED["classifier", "epochs"], "0")
    said = form.locator(".camgan-complaint", has_text="epochs").inner_text()
    assert said in str(refused.value)
    assert commands(form)[0] == "(a value above is not allowed)"
    form.get_by_role("button", name="this run's values").click()
    assert commands(form)[0] == "camgan run classifier --profile quick -p epochs=7"


@pytest.mark.browser
def test_the_form_says_what_would_change(form):
    effect = form.locator(".camgan-effect")
    assert "nothing would change" in effect.inner_text()
    form.get_by_label("workers", exact=True).fill("2")
    assert "No network would be trained anew" in effect.inner_text()
    form.get_by_label("batch_size", exact=True).fill("32")
    said = effect.inner_text()
    assert "classifier, explanations, style_gan, frequency, summary" in said
    assert "both classifiers and the generators" in said


def test_what_is_trained_anew_follows_from_the_recipes():
    assert retrained("dataset", "test_share") == ["both classifiers", "the generators"]
    assert retrained("dataset", "photo_size") == ["both classifiers", "the generators", "the judges"]
    assert retrained("dataset", "show_photos") == []
    assert retrained("style_gan", "judge_epochs") == ["the judges"]
    assert retrained("style_gan", "l1_weight") == ["the generators"]
    assert retrained("style_gan", "workers") == []
    assert retrained("frequency", "seed") == []


def test_without_javascript_the_table_is_there():
    values = make_plan("smoke", []).parameters["frequency"]
    shown = foot.parameters("frequency", values, static=True)
    assert '<div class="camgan-stands"><div class="camgan-table' in shown
    live = foot.parameters("frequency", values, static=False)
    assert "camgan-widget" not in live
    assert "spectrum_images" in live
