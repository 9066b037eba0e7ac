// uses: panels bars curve draws
// Attack and undo: a generator's residual, one pattern or noise is added to a crop until the decision turns, then
// frequencies are taken away until it turns back. Bars and both curves are computed while the reader moves the sliders.

const GAIN = 4;
const STRENGTHS = Array.from({ length: 21 }, (_, i) => 10 * i); // %
const CUTS = Array.from({ length: 25 }, (_, i) => Number((0.03 * i).toFixed(2))).filter((cut) => cut <= 0.71);
const BAND = 0.125; // width of the stop band in cycles/pixel
const STATE = ["image", "target", "source", "strength", "draw", "undo", "cut"];

// White noise of `imageSize` values, by Box and Muller.
const noise = (seed) => {
  const next = uniform(seed);
  return Float64Array.from({ length: imageSize }, () => Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next()));
};

const ofNorm = (direction, norm) => {
  const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0)) || 1;
  return Float64Array.from(direction, (value) => (value * norm) / length);
};

const added = (crop, change, strength) => Uint8ClampedArray.from(crop, (x, i) => x + (strength / 100) * change[i]);

// The bins that an undo keeps: all up to the cut, or all but a band from the cut on.
const keptBins = (undo, cut) =>
  Array.from({ length: N * N }, (_, bin) => {
    const r = radius(bin);
    return undo === "low-pass" ? r <= cut + 1e-9 : r < cut - 1e-9 || r > cut + BAND + 1e-9;
  });

// Calls `step(value)` for each value, and lets the page breathe every few milliseconds; false if `stale()` came true.
const unhurried = async (values, stale, step, shown) => {
  let since = performance.now();
  for (const value of values) {
    step(value);
    if (performance.now() - since < 12) continue;
    shown();
    await new Promise((done) => setTimeout(done));
    if (stale()) return false;
    since = performance.now();
  }
  shown();
  return true;
};

// The first value between two at which `turned` is true, to `fine`; `turned(low)` is false, `turned(high)` true.
const between = (low, high, fine, turned) => {
  while (high - low > fine) {
    const middle = (low + high) / 2;
    if (turned(middle)) high = middle;
    else low = middle;
  }
  return high;
};

const render = ({ model, el }) => {
  const crops = bytesOf(model.get("pixels")), count = model.get("count"), norms = model.get("norms");
  const patterns = new Int8Array(bytesOf(model.get("patterns")).slice().buffer);
  const judge = asked(model, el, "classifier", () => draw()), { classes } = judge;
  const generators = networksOf(model, "generator"), opened = new Map(), residuals = remembered(32);
  const state = () => Object.fromEntries(STATE.map((name) => [name, model.get(name)]));
  const put = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const pictures = [["crop", "The crop"], [`what is added ×${GAIN}`, "What is added"], ["attacked", "The attacked crop"], ["after the undo", "The attacked crop without some frequencies"]]
    .map(([title, words]) => stillPanel(title, words, "is-picture"));
  const odds = ["crop", "attacked; outline: the crop", "after the undo; outline: attacked"].map((title) => oddsBars(title, classes));
  const words = h("output", { className: "camgan-reading", "aria-live": "polite" }), undone = h("output", { className: "camgan-reading", "aria-live": "polite" });
  const strengths = oddsCurve({
    title: "Probability over the strength", quantity: "strength (%)", most: 200, ticks: [0, 50, 100, 150, 200].map((s) => [s, String(s)]),
    picked: (value) => put("strength", 5 * Math.round(value / 5)),
  });
  const cuts = oddsCurve({
    title: "Probability over the cut", quantity: "cut (cycles/pixel)", most: 0.71, ticks: [[0, "0"], [0.25, "¼"], [0.5, "½"]],
    picked: (value) => put("cut", Number(value.toFixed(2))),
  });

  // --- what is added
  const changeOf = (s, crop) => {
    const key = `${s.source} ${s.image} ${s.target}`, norm = norms[s.target][s.image - 1];
    if (s.source === "noise") return residuals(`${key} ${s.draw}`, () => ofNorm(noise(s.draw), norm));
    if (s.source === "pattern") return residuals(key, () => ofNorm(patterns.subarray(s.target * imageSize, (s.target + 1) * imageSize), norm));
    const net = opened.get(s.target);
    return net ? residuals(key, () => Float64Array.from(net.stylise(crop), (value, i) => value - crop[i])) : null;
  };
  const fetchGenerator = async (target) => {
    if (!judge.answering() || opened.has(target)) return;
    opened.set(target, null);
    opened.set(target, await opening(model, generators[target], judge.status));
    draw();
  };

  // --- drawing
  const known = remembered(512);
  let turn = 0;
  const draw = () => {
    const began = performance.now(), s = state(), mine = ++turn;
    const crop = crops.subarray((s.image - 1) * imageSize, s.image * imageSize);
    const change = changeOf(s, crop), attacked = change && added(crop, change, s.strength);
    const after = attacked && s.undo !== "off" ? maskedRgb(attacked, keptBins(s.undo, s.cut)) : null;
    const base = [judge.answering(), s.image, s.target, s.source, s.source === "noise" ? s.draw : 0].join();
    const ask = (key, rgb) => known(`${base} ${key}`, () => judge.of(rgb()));
    const of = {
      strength: (strength) => ask(strength, () => added(crop, change, strength)),
      cut: (cut) => ask(`${s.strength} ${s.undo} ${cut}`, () => maskedRgb(attacked, keptBins(s.undo, cut))),
    };
    show(pictures[0], crop);
    show(pictures[1], change && Uint8ClampedArray.from(attacked, (value, i) => 128 + GAIN * (value - crop[i])));
    show(pictures[2], attacked);
    show(pictures[3], after);
    otherNoise.hidden = s.source !== "noise";
    for (const each of [pictures[3].figure, odds[2].box, cuts.box, undone]) each.hidden = s.undo === "off";
    if (s.source === "generator" && !change) fetchGenerator(s.target);
    if (!judge.answering()) return;
    const plain = known(`${judge.answering()} ${s.image}`, () => judge.of(crop));
    const now = attacked && of.strength(s.strength), last = after && of.cut(s.cut);
    odds[0].show(plain, null);
    odds[1].show(now, plain);
    odds[2].show(last, now);
    el.dataset.drawMs = (performance.now() - began).toFixed(2);
    if (attacked) curves(s, of, plain, () => mine !== turn);
  };

  // Both curves, point by point, and what they show in words.
  const curves = async (s, of, plain, stale) => {
    const from = highest(plain), ends = [...new Set([s.target, from])];
    const plot = async (curve, xs, ask, at) => {
      const seen = xs.map(() => null);
      const lines = () => ends.map((k, i) => ({ name: `${classes[k]}${k === s.target ? " (target)" : ""}`, colour: cameraColour(k), dashed: i > 0, ys: seen.map((each) => each && each[k]) }));
      const shown = (turns = null) => curve.draw({ xs, lines: lines(), at, turns });
      const whole = await unhurried(xs.map((_, i) => i), stale, (i) => (seen[i] = ask(xs[i])), shown);
      return whole && { decided: seen.map(highest), shown };
    };
    const found = await plot(strengths, STRENGTHS, of.strength, s.strength);
    if (!found) return;
    const turned = turningPoint(found.decided, from, s.target, of.strength);
    found.shown(turned.at);
    words.textContent = turningWords(turned, classes, from, s.target);
    if (s.undo === "off") return;
    const back = await plot(cuts, CUTS, of.cut, s.cut);
    if (!back) return;
    const now = highest(of.strength(s.strength)), at = backAt(back.decided, from, s.undo);
    back.shown(now === from ? null : at);
    undone.textContent = undoWords(at, now, from, s, classes);
  };

  const controls = group("Attack",
    choice(model, "image", "crop", model.get("names").map((name, i) => [i + 1, name])),
    choice(model, "target", "target camera", classes.map((name, k) => [k, name])),
    choice(model, "source", "what is added", [["generator", "the target's generator's residual"], ["pattern", "one pattern"], ["noise", "noise"]]),
    slider(model, "strength", "strength", 0, 200, 5, (value) => `${value} %`),
    judge.control, judge.status);
  const otherNoise = h("button", { type: "button", onclick: () => put("draw", model.get("draw") + 1) }, "other noise");
  controls.insertBefore(otherNoise, controls.lastChild);
  const undoing = group("Undo",
    choice(model, "undo", "take away", [["off", "nothing"], ["low-pass", "all frequencies beyond the cut"], ["stop band", "a band of ⅛ from the cut on"]]),
    slider(model, "cut", "cut (cycles/pixel)", 0, 0.71, 0.01, (value) => value.toFixed(2)));
  el.classList.add("camgan-live", "camgan-attack");
  const panels = pictures.map(({ figure }) => figure), bars = odds.map(({ box }) => box);
  el.append(controls,
    h("div", { className: "camgan-panels is-three" }, ...panels.slice(0, 3)),
    h("div", { className: "camgan-answers" }, ...bars.slice(0, 2)),
    strengths.box, words, undoing,
    h("div", { className: "camgan-answers" }, h("div", { className: "camgan-answer" }, panels[3], bars[2]), h("div", {}, cuts.box, undone)));
  for (const name of STATE) model.on(`change:${name}`, draw);
  draw();
};

// Where the decision first leaves `from`: {at: strength or null, to: class}.
const turningPoint = (decided, from, target, odds) => {
  const first = decided.findIndex((k) => k !== from);
  if (from === target || first < 0) return { at: null, to: from };
  const at = between(STRENGTHS[first - 1], STRENGTHS[first], 1, (strength) => highest(odds(strength)) !== from);
  return { at, to: highest(odds(at)) };
};

const turningWords = ({ at, to }, classes, from, target) => {
  if (from === target) return `The untouched crop is taken for ${classes[target]} already; choose another target.`;
  if (at === null) return `The decision stays with ${classes[from]} up to 200 % of the strength.`;
  const where = `The decision turns from ${classes[from]} to ${classes[to]} at ${Math.ceil(at)} % of the strength`;
  return to === target ? `${where}.` : `${where}, which is not the target.`;
};

// The cut nearest to keeping all at which the decision is `from` again, or null.
const backAt = (decided, from, undo) => {
  const order = undo === "low-pass" ? CUTS.map((_, i) => CUTS.length - 1 - i) : CUTS.map((_, i) => i);
  const index = order.find((i) => decided[i] === from);
  return index === undefined ? null : CUTS[index];
};

const undoWords = (at, now, from, s, classes) => {
  if (now === from) return "At this strength the decision has not turned, so there is nothing to undo.";
  if (at === null) return `No ${s.undo === "low-pass" ? "cut" : "band"} turns the decision back to ${classes[from]}.`;
  const what = s.undo === "low-pass" ? `all beyond ${fraction(at)}` : `the band from ${fraction(at)} to ${fraction(at + BAND)}`;
  return `The decision turns back to ${classes[from]} once ${what} cycles/pixel is taken away.`;
};

export default { render };
