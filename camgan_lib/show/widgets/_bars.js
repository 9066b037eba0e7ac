// uses: networks
// A classifier's decision as bars, one per camera, and how it changed; the classifier that a widget asks.

const highest = (values) => values.indexOf(Math.max(...values));
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const points = (difference) => {
  const whole = Math.round(100 * difference);
  return whole ? `${whole > 0 ? "+" : "−"}${Math.abs(whole)} point${Math.abs(whole) === 1 ? "" : "s"}` : "";
};

// A bar per class with its probability. `show(now, before)` draws; `before` (null for none) stands behind as an outline.
const oddsBars = (title, classes) => {
  const rows = classes.map((name, k) => {
    const fill = h("span", { className: "camgan-odds-fill" }), ghost = h("span", { className: "camgan-odds-ghost" });
    const value = h("span", { className: "camgan-odds-value" }), change = h("span", { className: "camgan-odds-change" });
    fill.style.background = cameraColour(k);
    const track = h("span", { className: "camgan-odds-track", "aria-hidden": "true" }, fill, ghost);
    const row = h("li", {}, h("span", { className: "camgan-odds-name" }, name), value, track, change);
    return { row, fill, ghost, value, change };
  });
  const caption = h("p", { className: "camgan-odds-title" }, title), list = h("ol", {}, ...rows.map(({ row }) => row));
  const box = h("div", { className: "camgan-odds is-waiting", role: "group", "aria-label": `Decision: ${title}` }, caption, list);
  const show = (now, before) => {
    box.classList.toggle("is-waiting", !now);
    if (!now) return;
    const decided = highest(now);
    rows.forEach(({ row, fill, ghost, value, change }, k) => {
      row.dataset.p = now[k].toFixed(6);
      row.classList.toggle("is-decided", k === decided);
      fill.style.width = `${100 * now[k]}%`;
      ghost.style.width = before ? `${100 * before[k]}%` : "0";
      ghost.hidden = !before || before[k] < 0.005;
      value.textContent = percent(now[k]);
      change.textContent = before ? points(now[k] - before[k]) : "";
    });
  };
  const name = (text) => {
    if (caption.textContent === text) return;
    caption.textContent = text;
    box.setAttribute("aria-label", `Decision: ${text}`);
  };
  return { box, show, name };
};

// Calls `act` once, when an element comes near the view.
const whenNear = (el, act) => {
  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    act();
  }, { rootMargin: "600px" });
  watcher.observe(el);
};

const kilobytes = (bytes) => (bytes > 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1000)} kB`);
const networksOf = (model, kind) => model.get("networks").filter((each) => each.kind === kind);

// Opens a network and says so in `status` (an output); null where it can't be had.
const opening = async (model, about, status) => {
  const said = `Loading ${about.name} (${kilobytes(about.bytes)}) …`;
  status.textContent = said;
  try {
    return await openNetwork(model, about.id);
  } catch (error) {
    status.textContent = `${about.name} can't be loaded: ${error.message || error}`;
    return null;
  } finally {
    if (status.textContent === said) status.textContent = "";
  }
};

// The classifier named by the trait `name`: the first one opens when `el` nears the view, others when they are chosen.
// `changed()` is called when another one answers. `of(rgb)` gives the probabilities of an RGB image, null until then.
const asked = (model, el, name, changed) => {
  const known = networksOf(model, "classifier"), status = h("output", { className: "camgan-status", "aria-live": "polite" });
  const about = () => known.find((each) => each.name === model.get(name)) ?? known[0];
  let net = null, answers = null, near = false;
  const open = async () => {
    const wanted = about(), opened = near && wanted ? await opening(model, wanted, status) : null;
    if (wanted !== about() || !opened) return;
    net = opened;
    answers = wanted;
    changed();
  };
  whenNear(el, () => {
    near = true;
    open();
  });
  model.on(`change:${name}`, open);
  const control = choice(model, name, "classifier", known.map((each) => [each.name, each.name]));
  return {
    status, control, about, classes: known[0]?.classes ?? [],
    answering: () => answers?.id,
    of: (rgb) => (net ? Array.from(probabilities(net.logits(rgb))) : null),
  };
};

// The last results of `make()`, by key.
const remembered = (most = 64) => {
  const kept = new Map();
  return (key, make) => {
    const value = kept.has(key) ? kept.get(key) : make();
    kept.delete(key);
    kept.set(key, value);
    if (kept.size > most) kept.delete(kept.keys().next().value);
    return value;
  };
};
