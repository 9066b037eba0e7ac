"""Networks in a page: what Chromium computes from disk is what PyTorch computes, by every kind of kernel."""

import base64
import hashlib
import importlib.util
import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from small_networks import levels_in
from torch import nn

from camgan_lib.base import paths
from camgan_lib.base.devices import to_network
from camgan_lib.base.settings import Settings
from camgan_lib.book import published
from camgan_lib.data import simulation
from camgan_lib.data.pictures import Limits
from camgan_lib.data.reading import read_photo
from camgan_lib.networks import inference
from camgan_lib.networks.camera_generator import CameraGenerator
from camgan_lib.networks.forensic import ForensicNet
from camgan_lib.networks.recipes import GanRecipe
from camgan_lib.networks.resnet import ResNet20, from_integers, load_classifier, to_integers
from camgan_lib.networks.style_gan import NORMS, UPSAMPLING, Generator, ResidualGenerator
from camgan_lib.show.widgets import base
from camgan_lib.show.widgets.networks import page_network

CPU = torch.device("cpu")
KERNELS = ("relaxed", "simd", "plain")
CROPS = 1320


def packed(images):
    return base64.b64encode(images.tobytes()).decode("ascii")


def scenes(count, side=32, seed=0):
    """Smooth colours with noise of many strengths, uint8 N×side×side×3."""
    rng = np.random.default_rng(seed)
    small = rng.uniform(0, 255, (count, 4, 4, 3))
    smooth = np.repeat(np.repeat(small, side // 4, 1), side // 4, 2)
    noise = rng.normal(size=smooth.shape) * rng.uniform(0, 40, (count, 1, 1, 1))
    return (smooth + noise).clip(0, 255).astype(np.uint8)


def shaken(network, seed=0):
    """The network with weights and statistics that make every layer count."""
    torch.manual_seed(seed)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.normal_(0, 0.1)
            layer.running_var.uniform_(0.5, 2)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return network.eval()


GENERATORS = {f"{up}-{norm}": Generator(6, 1, norm, up) for up in UPSAMPLING for norm in NORMS}
GENERATORS |= {f"residual-{norm}": ResidualGenerator(10, 1, norm) for norm in NORMS}


@pytest.mark.browser
@pytest.mark.parametrize("kernels", KERNELS)
def test_every_layer_of_a_generator_gives_what_torch_gives(networks_page, kernels):
    images = scenes(1, side=16)
    networks = {name: shaken(each) for name, each in GENERATORS.items()}
    page = networks_page([page_network(name, each, id=name) for name, each in networks.items()])
    for name, network in networks.items():
        wanted = inference.stylise(network, images, CPU).reshape(1, -1).astype(int)
        assert np.ptp(wanted) > 50
        found = page.evaluate("(a) => probe.stylise(...a)", [name, [packed(images)], 16, kernels])
        apart = np.abs(levels_in(found) - wanted)
        assert apart.max() <= 1, name
        assert (apart > 0).mean() < 0.01, name


def published_networks(kind):
    for folder in sorted((published.store_folder() / kind).iterdir()):
        recipe = json.loads((folder / "manifest.json").read_text("utf-8"))["recipe"]["recipe"]
        yield folder.name, recipe, load_file(folder / "weights.safetensors")


@pytest.fixture(scope="module")
def crops(tmp_path_factory):
    """As many crops as the paper tests with, of one small photo by each simulated camera."""
    folder = simulation.simulate_cameras(tmp_path_factory.mktemp("photos"), photos=1, size=256, seed=0)
    photos = sorted(folder.glob("*/*.jpg"))
    return np.concatenate([read_photo(path, CROPS // len(photos), [0], Limits()).crops for path in photos])


@pytest.mark.browser
@pytest.mark.parametrize("quantized", [False, True])
def test_published_classifiers_decide_in_a_page_as_in_torch(networks_page, crops, quantized):
    (name, weights), *_ = [(n, w) for n, r, w in published_networks("classifier") if r["quantized"] == quantized]
    model = load_classifier(weights)
    page = networks_page([page_network("the classifier", model, id=name, classes="ABCD", bits=8 if quantized else 32)])
    wanted = inference.predict(model, crops, CPU)
    assert len(set(wanted.argmax(1))) == 4
    found = np.array(page.evaluate("(a) => probe.pooled(...a)", [name, packed(crops), CROPS])).reshape(wanted.shape)
    assert np.abs(found - wanted).max() < 1e-3
    assert (found.argmax(1) == wanted.argmax(1)).all()
    for kernels, count in [*((each, 3) for each in KERNELS), (None, 1), (None, 14)]:
        few = page.evaluate("(a) => probe.logits(...a)", [name, packed(crops[:count]), count, kernels])
        assert np.abs(np.array(few) - wanted[:count].ravel()).max() < 1e-3, kernels
    said = page.evaluate("(id) => probe.openNetwork(probe.model, id).then((n) => [n.name, n.kind, n.classes])", name)
    assert said == ["the classifier", "classifier", list("ABCD")]


@pytest.mark.browser
@pytest.mark.parametrize("bits", [32, 16])
def test_a_published_generator_stylises_in_a_page_as_in_torch(networks_page, bits):
    images = scenes(6)
    name, recipe, weights = next(published_networks("generator"))
    generator = Generator.from_recipe(GanRecipe(**recipe), seed=0)
    generator.load_state_dict(weights)
    page = networks_page([page_network("a generator", generator, id=name, bits=bits)])
    wanted = inference.stylise(generator, images, CPU).reshape(len(images), -1).astype(int)
    found = page.evaluate("(a) => probe.stylise(...a)", [name, [packed(each) for each in images], 32])
    assert (np.abs(levels_in(found) - wanted) <= 1).mean() >= 0.99


@pytest.mark.browser
@pytest.mark.parametrize("way", range(3))
def test_a_generator_built_as_a_camera_gives_what_torch_gives_by_the_same_draws(networks_page, way):
    torch.manual_seed(3 + way)
    network = CameraGenerator(8, 1 if way else 0)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            parameter.add_((0.05 if name.startswith("network") else 0.02) * torch.randn_like(parameter))
        network.subsampling.zero_()[way] = 1
        network.scale.fill_(0.1)
    image, side = scenes(1), 32
    draws = network.draws(np.random.default_rng(way), 1, side, CPU)
    network.eval()
    with torch.inference_mode():
        wanted = network(to_network(image, CPU), draws).add(1).mul(127.5).round().permute(0, 2, 3, 1).numpy().ravel()
    page = networks_page([page_network("a camera", network, id="camera")])
    given = [draws.corner[0].tolist(), draws.noise.ravel().tolist(), draws.gain[0].item()]
    script = """async ([image, side, [corner, noise, gain]]) => {
      const net = await probe.openNetwork(probe.model, "camera"), levels = Uint8Array.from(image);
      const own = [net.stylise(levels, side), net.stylise(levels, side)];
      return [[...net.stylise(levels, side, { corner, noise, gain })], ...own.map((each) => [...each])];
    }"""
    found, *own = page.evaluate(script, [image.ravel().tolist(), side, given])
    apart = np.abs(np.array(found) - wanted)
    assert (apart <= 1).mean() >= 0.85, "a value that rounds the other way changes a whole block of JPEG"
    assert apart.mean() < 0.5
    assert own[0] == own[1] != found, "what it draws by itself is the same each time"


@pytest.mark.browser
def test_levels_may_be_fractions_and_probabilities_add_up_to_one(networks_page):
    model = shaken(ResNet20(3))
    page = networks_page([page_network("float", model, id="float")])
    crop = scenes(1).astype(np.float32) + np.float32(0.25)
    wanted = model(torch.from_numpy(crop).permute(0, 3, 1, 2) / 127.5 - 1).detach().numpy()[0]
    script = """async (levels) => {
      const net = await probe.openNetwork(probe.model, "float");
      const logits = net.logits(Float32Array.from(levels));
      return [[...logits], [...probe.probabilities(logits)]];
    }"""
    logits, shares = page.evaluate(script, crop.ravel().tolist())
    assert np.allclose(logits, wanted, atol=1e-3)
    assert np.allclose(shares, torch.softmax(torch.from_numpy(wanted), 0), atol=1e-4)


@pytest.mark.browser
def test_a_network_is_loaded_when_it_is_asked_for_and_once_for_all_widgets(networks_page):
    page = networks_page([page_network("one", ResNet20(2), id="one")], widgets=2)
    asked = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    same = "Promise.all([1, 2].map(() => probe.openNetwork(probe.model, 'one'))).then(([a, b]) => a === b)"
    assert page.evaluate("Object.keys(CAMGAN_NETWORKS)") == asked == []
    assert page.evaluate(same)
    assert asked == ["one.js"]
    assert page.evaluate("Object.keys(CAMGAN_NETWORKS)") == [], "its text is not kept beside its weights"


@pytest.mark.browser
def test_what_cant_be_opened_is_a_sentence(networks_page, tmp_path):
    page = networks_page([page_network("gone", ResNet20(2), id="gone"), page_network("whole", ResNet20(2), id="whole")])
    (tmp_path / "executed" / "networks" / "gone.js").unlink()
    said = "(id) => probe.openNetwork(probe.model, id).catch((error) => error.message)"
    assert page.evaluate(said, "gone") == "the network gone is not there: its file networks/gone.js is missing"
    assert page.evaluate(said, "other") == "this widget has no network other"
    wrong = "probe.logits('whole', 'AAAA', 1).catch((error) => error.message)"
    assert page.evaluate(wrong) == "a classifier takes crops of 32 × 32 × 3 levels, got 3"
    page.said[:] = [each for each in page.said if "ERR_FILE_NOT_FOUND" not in each]


@pytest.mark.browser
def test_workers_fail_with_a_sentence_and_not_for_ever(networks_page):
    page = networks_page([page_network("small", shaken(ResNet20(2)), id="small")])
    script = """async () => {
      const pool = await probe.makePool(probe.model, "small"), said = (error) => error.message;
      const whole = await pool.logits(new Uint8Array(3 * 3072), 3);
      const broken = await pool.logits(new Uint8Array(5), 1).catch(said);
      const waiting = pool.logits(new Uint8Array(96 * 3072), 96).catch(said);
      pool.close();
      return [whole.length, broken, await waiting, await pool.logits(new Uint8Array(3072), 1).catch(said)];
    }"""
    closed = "this pool of workers is closed"
    assert page.evaluate(script) == [6, "a classifier takes crops of 32 × 32 × 3 levels, got 5", closed, closed]


@pytest.mark.browser
def test_a_live_page_asks_the_kernel_for_the_weights(networks_page):
    made = page_network("live", shaken(ResNet20(2)), id="live")
    page = networks_page([made])
    script = """async (text) => {
      const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0)), heard = [], asked = [];
      const model = {
        get: (name) => probe.model.get(name),
        on: (event, hear) => heard.push(hear),
        off: (event, hear) => heard.splice(heard.indexOf(hear), 1),
        send(message) {
          asked.push(message);
          heard.forEach((hear) => hear({ sent: "live" }, [new DataView(bytes.buffer)]));
        },
      };
      const net = await probe.openNetwork(model, "live");
      return [asked, heard.length, net.logits(new Uint8Array(3072)).length];
    }"""
    assert page.evaluate(script, packed(np.frombuffer(made.data, np.uint8))) == [[{"want": "live"}], 0, 2]


def test_the_kernel_sends_what_a_live_page_asks_for(monkeypatch):
    widget = base.Widget(networks=[page_network("one", ResNet20(2), id="one")])
    sent = []
    monkeypatch.setattr(widget, "send", lambda content, buffers: sent.append((content, buffers)))
    for wanted in ("one", "other"):
        widget._handle_custom_msg({"want": wanted}, [])
    assert sent == [({"sent": "one"}, [widget._weights["one"]])]
    assert widget.networks == [
        {"name": "one", "id": "one", "kind": "classifier", "classes": [], "bytes": len(widget._weights["one"])}
    ]


def test_a_built_page_finds_its_networks_in_files(tmp_path, monkeypatch):
    monkeypatch.setenv("CAMGAN_BUILD", str(tmp_path))
    made = page_network("one", ResNet20(2))
    html = base.Widget(networks=[made]).static_html()
    assert f'"id":"{made.id}"' in html
    assert made.id in (text := (Settings.from_environment().build / f"executed/networks/{made.id}.js").read_text())
    assert base64.b64decode(text.split('"')[3]) == made.data


def test_the_book_gets_the_networks_that_its_pages_name(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("pages", paths.ROOT / "book" / "_ext" / "executed_copy.py")
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    monkeypatch.setenv("CAMGAN_BUILD", str(tmp_path))
    shown = base.Widget(networks=[page_network("shown", ResNet20(2), id="shown")]).static_html()
    base.Widget(networks=[page_network("other", ResNet20(2), id="other")]).static_html()
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "page.html").write_text(shown, "utf-8")
    for _ in range(2):
        pages.copy_networks(tmp_path / "html", tmp_path / "html" / "networks")
        assert [path.name for path in (tmp_path / "html" / "networks").iterdir()] == ["shown.js"]


def head_and_block(data):
    length = int.from_bytes(data[:4], "little")
    return json.loads(data[4 : 4 + length]), data[4 + length :]


@pytest.mark.parametrize("through", ["training", "store"])
def test_an_8_bit_classifier_keeps_its_integers_exactly(through):
    model = shaken(ResNet20(3, quantized=True))
    state = to_integers(model)
    made = page_network("8 bits", model if through == "training" else from_integers(state), bits=8)
    program, block = head_and_block(made.data)
    weights = [layer["weight"] for layer in program["layers"] if layer["op"] in ("conv", "linear")]
    integers = [value for name, value in state.items() if name.endswith("_int8")]
    steps = [value for name, value in state.items() if name.endswith("_scale")]
    by_name = {tuple(each.flatten().tolist()) for each in integers}
    for weight in weights:
        q = np.frombuffer(block, np.int8, weight["count"], weight["at"])
        assert tuple(q.tolist()) in by_name
        s = np.frombuffer(block, np.float32, weight["step"]["count"], weight["step"]["at"])
        assert any(len(s) == len(each) and (s == each.numpy().ravel()).all() for each in steps)


def test_a_network_that_a_page_cant_compute_is_one_sentence():
    with pytest.raises(ValueError, match=r"a page computes .*and no ForensicNet"):
        page_network("forensic", ForensicNet(4))
    with pytest.raises(ValueError, match="8 bits keep a classifier whose weights lie on a grid"):
        page_network("float", shaken(ResNet20(2)), bits=8)
    with pytest.raises(ValueError, match="32, 16 or 8 bits"):
        page_network("float", ResNet20(2), bits=4)


def test_the_compiled_kernels_are_those_of_the_source():
    digest = hashlib.sha256((base.HERE / "kernels" / "kernels.c").read_bytes()).hexdigest()[:16]
    compiled = (base.HERE / "_kernels.js").read_text("utf-8")
    assert digest in compiled
    assert len(compiled) < 41_000
