// uses: panels bars photo
// The spectrum explorer: pictures above, their spectra below, all transformed here; a mask on the spectrum, the pictures
// without its frequencies and what a classifier says of each; a picture of the reader's own.

const PANELS = ["input", "stylised", "residual"];
const GAIN = 4;

// RGB levels (0 to 255) of image `index` of set `set`.
const rgbOf = (pixels, count, set, index) => {
  const start = (set * count + index) * imageSize;
  return pixels.subarray(start, start + imageSize);
};

// What the state's choices make of a plane before its spectrum is taken.
const statisticOf = (plane, state) =>
  state.statistic === "log-variance" ? logVariance(plane) : state.high_pass ? highPass(plane) : plane;

// --- masks

const paintedBins = (text) => new Set(text ? text.split(".").map((bin) => parseInt(bin, 36)) : []);
const paintedText = (bins) => [...bins].sort((a, b) => a - b).map((bin) => bin.toString(36)).join(".");

// Bins that the mask names: a ring, and what is painted.
const selected = (state) => {
  const painted = paintedBins(state.painted);
  return Array.from({ length: N * N }, (_, bin) => {
    const r = radius(bin);
    return (r >= state.inner - 1e-9 && r <= state.outer + 1e-9) || painted.has(bin);
  });
};

const STATE = ["camera", "image", "channel", "average", "strength", "statistic", "high_pass", "window", "low", "high", "marks"];
STATE.push("mask", "inner", "outer", "painted", "cursor");

// Panels for pictures, their spectra, and pictures after the mask beside what the classifier says of them.
const makePanels = (classes) => {
  const words = { input: "the input", stylised: "the stylised image", residual: "the residual" };
  const pictures = PANELS.map((name) =>
    panel(name === "residual" ? `residual ×${GAIN}` : name, `Picture of ${words[name]}; arrow keys move the pixel cursor`, "is-picture"));
  const spectra = PANELS.map((name) =>
    panel("spectrum (cycles/pixel)", `Spectrum of ${words[name]}; arrow keys move the cursor, space paints`, "is-spectrum"));
  spectra.forEach(({ figure }) => figure.append(axisLabels()));
  const kept = ["input", "stylised"].map((name) => stillPanel("after the mask", `Picture of ${words[name]} after the mask`, "is-masked"));
  const odds = ["input", "stylised"].map((name) => oddsBars(name, classes));
  const answers = kept.map(({ figure }, i) => h("div", { className: "camgan-answer" }, figure, odds[i].box));
  return { pictures, spectra, kept, odds, answers };
};

// The pictures that the state shows, as RGB, and a key that is the same for the same pictures.
const picturesOf = (sets, count, own, s) => {
  if (own) return { key: `own ${own.key}`, input: own.rgb, styled: null };
  const input = rgbOf(sets, count, 0, s.image - 1);
  if (!s.camera) return { key: `${s.image}`, input, styled: null };
  const styled = withResidual(input, rgbOf(sets, count, s.camera, s.image - 1), s.strength / 100);
  return { key: `${s.image}`, styledKey: `${s.image} ${s.camera} ${s.strength}`, input, styled };
};

// The levels of each spectrum: of the input, the stylised image and the residual; null where there is none.
const levelsOf = (sets, count, own, s) => {
  const { input, styled } = picturesOf(sets, count, own, s), weights = CHANNELS[s.channel];
  const floor = s.statistic === "log-variance" ? 0 : ROUNDING;
  const level = (plane) => levelOf(statisticOf(plane, s), s.window, floor);
  const before = planeOf(input, weights), after = styled && planeOf(styled, weights);
  return [level(before), ...(after ? [after, after.map((value, at) => value - before[at])].map(level) : [null, null])];
};

// Their means over the first images. `sums`: the sums so far, one for each number of images.
const meanLevels = (sums, sets, count, s) => {
  while (sums.length < s.average) {
    const last = sums.at(-1), levels = levelsOf(sets, count, null, { ...s, image: sums.length + 1 });
    sums.push(levels.map((level, i) => level && level.map((value, bin) => value + (last ? last[i][bin] : 0))));
  }
  return sums[s.average - 1].map((sum) => sum && sum.map((value) => value / s.average));
};

const render = ({ model, el }) => {
  const sets = bytesOf(model.get("pixels")), colours = bytesOf(model.get("colours"));
  const count = model.get("count"), names = model.get("names");
  const state = () => Object.fromEntries(STATE.map((name) => [name, model.get(name)]));
  const put = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  let own = null; // the reader's picture: {rgb, key}
  let pixel = [16, 16];
  let shown = { spectra: [], rgb: [] };
  const judge = asked(model, el, "classifier", () => draw());
  const { pictures, spectra, kept, odds, answers } = makePanels(judge.classes);
  const reading = h("output", { className: "camgan-reading", "aria-live": "polite" });
  const pixelReading = h("output", { className: "camgan-reading is-pixel" });
  const decision = h("output", { className: "camgan-decision", "aria-live": "polite" });
  const bar = colourBar(colours, "power (dB of one squared 8-bit level; of the log-variance: of its own unit)");
  const drop = ownPicture((made) => {
    own = made;
    draw();
  });

  // --- drawing
  const spectraOf = remembered(8), sumsOf = remembered(4), filteredOf = remembered(), oddsOf = remembered(256);

  const draw = () => {
    const began = performance.now(), s = state();
    const seen = picturesOf(sets, count, own, s), both = [seen.input, seen.styled];
    const residual = seen.styled && Uint8ClampedArray.from(seen.styled, (value, i) => 128 + GAIN * (value - seen.input[i]));
    [...both, residual].forEach((rgb, i) => show(pictures[i], rgb));
    pictures[1].caption.textContent = s.strength === 100 ? "stylised" : `input + ${s.strength} % of the residual`;
    const kind = [s.camera, s.strength, s.channel, s.statistic, s.high_pass, s.window].join(), several = !own && s.average > 1;
    shown.spectra = spectraOf([kind, several ? `first ${s.average}` : seen.key].join(), () =>
      several ? meanLevels(sumsOf(kind, () => []), sets, count, s) : levelsOf(sets, count, own, s));
    shown.rgb = both;
    const mask = s.mask === "off" ? null : selected(s);
    spectra.forEach((each, i) => drawSpectrum(each, shown.spectra[i], s, colours, mask));
    decide(both, [seen.key, seen.styledKey], mask && mask.map((inside) => inside === (s.mask === "pass")), s);
    read();
    el.dataset.drawMs = (performance.now() - began).toFixed(2);
  };

  // The bars: of each picture as it is or after the mask; behind them what they were without the mask, or the input's.
  const decide = (both, keys, keep, s) => {
    const name = keep && [s.mask, s.inner, s.outer, s.painted].join();
    const ask = (key, rgb) => (judge.answering() ? oddsOf(`${judge.answering()} ${key}`, () => judge.of(rgb)) : null);
    const left = both.map((rgb, i) => rgb && keep && filteredOf(`${keys[i]} ${name}`, () => maskedRgb(rgb, keep)));
    const whole = both.map((rgb, i) => rgb && ask(keys[i], rgb));
    const now = left.map((rgb, i) => (rgb ? ask(`${keys[i]} ${name}`, rgb) : whole[i]));
    const before = keep ? whole : [null, whole[0]];
    kept.forEach((each, i) => {
      each.figure.hidden = !keep;
      show(each, left[i]);
    });
    answers.forEach((each, i) => (each.hidden = !both[i]));
    odds.forEach((each, i) => both[i] && each.show(now[i], before[i]));
    odds[0].name(own ? "your picture" : "input");
    odds[1].name(keep ? "stylised" : "stylised; outline: the input");
    el.classList.toggle("is-masked", Boolean(keep));
    decision.textContent = now[0] ? decisionWords(judge, now, before, own, Boolean(keep)) : "";
  };

  const read = () => {
    const bin = model.get("cursor"), [down, across] = frequency(bin);
    const levels = PANELS.flatMap((name, i) => (shown.spectra[i] ? [`${name} ${db(shown.spectra[i][bin])}`] : []));
    const place = `${fraction(across)} across, ${fraction(down)} down (cycles/pixel; bin ${bin % N}, ${(bin / N) | 0})`;
    reading.textContent = `${place}: ${levels.join(" · ")}`;
    spectra.forEach(({ overlay }) => drawCursor(overlay, (bin / N) | 0, bin % N));
    const [y, x] = pixel, at = 3 * (y * N + x);
    const values = shown.rgb.map((rgb, i) => rgb && `${PANELS[i]} ${[rgb[at], rgb[at + 1], rgb[at + 2]].join(", ")}`).filter(Boolean);
    pixelReading.textContent = `pixel ${x}, ${y} (red, green, blue): ${values.join(" · ")}`;
    pictures.forEach(({ overlay }) => drawCursor(overlay, y, x));
  };

  // --- what the reader does
  const paintBox = h("input", { type: "checkbox" });
  let painting = true;
  const paint = (first) => {
    if (!paintBox.checked) return;
    const bins = paintedBins(model.get("painted")), bin = model.get("cursor");
    if (first) painting = !bins.has(bin);
    const already = bins.has(bin) === painting && !first;
    if (already) return;
    for (const each of [bin, opposite(bin)]) painting ? bins.add(each) : bins.delete(each);
    if (model.get("mask") === "off") put("mask", "stop");
    put("painted", paintedText(bins));
  };
  const size = () => [N, N], place = () => [(model.get("cursor") / N) | 0, model.get("cursor") % N];
  for (const { box } of spectra)
    steer(box, size, place, (row, column) => put("cursor", row * N + column), { act: paint, hover: true });
  for (const { box } of pictures)
    steer(box, size, () => pixel, (row, column) => {
      pixel = [row, column];
      read();
    }, { hover: true });

  // --- layout
  const options = (list) => list.map((name) => [name, name]), decimal = (value) => value.toFixed(3);
  const clear = h("button", { type: "button", onclick: () => put("painted", "") }, "clear paint");
  const save = h("button", { type: "button", onclick: () => saveCsv(shown.spectra) }, "save as CSV");
  el.classList.add("camgan-live", "camgan-explorer");
  el.append(
    group("Picture",
      choice(model, "camera", "camera", names.map((name, i) => [i, name])),
      slider(model, "image", "image", 1, count, 1),
      slider(model, "strength", "strength of the residual", 0, 200, 5, (value) => `${value} %`),
      choice(model, "channel", "channel", options(["luminance", "red", "green", "blue"])),
      slider(model, "average", "spectra averaged", 1, count, 1, (n) => (n > 1 ? `first ${n} images` : "this image"))),
    group("Spectrum",
      choice(model, "statistic", "of", [["plain", "the picture"], ["log-variance", "its log-variance"]]),
      tick(model, "high_pass", "high-pass"),
      choice(model, "window", "window", options(["Hann", "none"])),
      slider(model, "low", "from", -60, 40, 1, (v) => db(v)),
      slider(model, "high", "to", -20, 90, 1, (v) => db(v)),
      tick(model, "marks", "marks: ½ mosaic, ¼ generator, ⅛ JPEG"), save),
    h("div", { className: "camgan-panels" }, ...pictures.map((p) => p.figure), ...spectra.map((p) => p.figure)),
    bar.box,
    reading, pixelReading,
    group("Mask",
      choice(model, "mask", "mask", [["off", "off"], ["stop", "stop what is marked"], ["pass", "pass only what is marked"]]),
      slider(model, "inner", "ring from", 0, 0.71, 0.01, decimal),
      slider(model, "outer", "to (cycles/pixel)", 0, 0.71, 0.01, decimal),
      h("label", { className: "camgan-control camgan-tick" }, paintBox, h("span", {}, "paint on the spectra")), clear),
    ...(judge.classes.length ? [group("Decision", judge.control, judge.status, decision)] : []),
    h("div", { className: "camgan-answers" }, ...answers),
    drop.box
  );
  const redraw = () => {
    bar.scale(model.get("low"), model.get("high"));
    draw();
  };
  for (const name of STATE) model.on(`change:${name}`, name === "cursor" ? read : redraw);
  redraw();
};

// What the classifier takes the pictures for, and what they were taken for before, in a sentence.
const decisionWords = (judge, now, before, own, masked) => {
  const say = (odds) => `${judge.classes[highest(odds)]} (${percent(Math.max(...odds))})`;
  const one = (what, odds, was) => {
    const turned = was && highest(was) !== highest(odds);
    const reason = masked ? "before the mask" : "without the residual";
    return `${what} is taken for ${say(odds)}${turned ? `, ${reason} for ${say(was)}` : ""}`;
  };
  const input = one(own ? "Your picture" : "The input", now[0], masked ? before[0] : null);
  return `${input}${now[1] ? `; ${one("the stylised image", now[1], before[1])}` : ""}.`;
};

const drawSpectrum = ({ canvas, overlay, figure }, levels, s, colours, mask) => {
  figure.classList.toggle("is-empty", !levels);
  overlay.querySelectorAll(".is-mark, .is-mask").forEach((each) => each.remove());
  if (!levels) return;
  drawLevels(canvas, levels, s.low, s.high, colours);
  if (mask) overlay.prepend(maskPath(mask));
  if (s.marks) overlay.append(...markLines());
};

// Where the mask lies, as one path of squares.
const maskPath = (mask) => {
  const squares = mask.map((inside, bin) => (inside ? `M${bin % N} ${(bin / N) | 0}h1v1h-1z` : "")).join("");
  return svgOf("path", { d: squares, class: "is-mask" });
};

// A picture of the reader's, cut to 32×32 where its sliders say. `changed` gets {rgb, key}, or null for the book's images.
const ownPicture = (changed) => {
  const sliders = ["x", "y"].map((name) => h("input", { type: "range", min: 0, max: 0, value: 0, "aria-label": `${name} of the crop` }));
  const back = h("button", { type: "button" }, "back to the book's images");
  const more = h("span", { hidden: true }, ...sliders.map((each, i) => h("label", { className: "camgan-control" }, ["left", "top"][i], each)), back);
  let whole = null, number = 0;
  const cut = () => {
    const corner = sliders.map((each) => Number(each.value));
    field.said.textContent = `${whole.name}: 32×32 of ${whole.bitmap.width}×${whole.bitmap.height} pixels, from ${corner.join(", ")}`;
    changed({ rgb: whole.cut([corner]), key: `${number} ${corner.join()}` });
  };
  const field = photoField("Your own picture", "Choose a file or drop it here; it is analysed in this page and sent nowhere.", N, (bitmap, name) => {
    whole = { bitmap, name, cut: cutter(bitmap, N) };
    number += 1;
    sliders.forEach((each, i) => {
      each.max = (i ? bitmap.height : bitmap.width) - N;
      each.value = Math.floor(each.max / 2);
    });
    more.hidden = false;
    cut();
  });
  sliders.forEach((each) => each.addEventListener("input", cut));
  back.addEventListener("click", () => {
    more.hidden = true;
    field.clear();
    changed(null);
  });
  field.box.append(more, field.said);
  return field;
};

// A file with a row per bin: frequencies and the level of each spectrum shown.
const saveCsv = (spectra) => {
  const there = PANELS.map((name, i) => [name, spectra[i]]).filter(([, levels]) => levels);
  const rows = [["across (cycles/pixel)", "down (cycles/pixel)", ...there.map(([name]) => `${name} (dB)`)]];
  for (let bin = 0; bin < N * N; bin++) {
    const [down, across] = frequency(bin);
    rows.push([across, down, ...there.map(([, levels]) => levels[bin].toFixed(4))]);
  }
  saveText("spectrum.csv", rows.map((row) => row.join(",")));
};

export default { render };
