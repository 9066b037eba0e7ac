// uses: fft
// The spectrum explorer: pictures above, their spectra below, all transformed here; a mask on the spectrum and the
// pictures without its frequencies; a picture of the reader's own.

const CHANNELS = { red: [1, 0, 0], green: [0, 1, 0], blue: [0, 0, 1], luminance: [0.299, 0.587, 0.114] };
const PANELS = ["input", "stylised", "residual"];
const GAIN = 4;
const MARKS = [[16, 2.2], [8, 1.6], [4, 1], [12, 1]]; // distance from the centre in bins, length of the tick

// --- data

const imageSize = N * N * 3;

// RGB planes (0 to 255) of image `index` of set `set`; the reader's own picture where there is one.
const rgbOf = (pixels, count, set, index) => {
  const start = (set * count + index) * imageSize;
  return pixels.subarray(start, start + imageSize);
};

const planeOf = (rgb, weights) => {
  const plane = new Float64Array(N * N);
  for (let i = 0; i < N * N; i++)
    plane[i] = weights[0] * rgb[3 * i] + weights[1] * rgb[3 * i + 1] + weights[2] * rgb[3 * i + 2];
  return plane;
};

const difference = (a, b) => a.map((value, i) => value - b[i]);

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

// --- words

const fraction = (f) => (f < 0 ? "−" : "") + Math.abs(f).toFixed(3).replace(/0+$/, "").replace(/\.$/, "") || "0";
const db = (value) => `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(1)} dB`;
const percent = (share) => `${(100 * share).toFixed(1)} %`;

// --- pieces of the page

// A square panel: canvas, an overlay for cursor and marks, a title.
const panel = (title, words, className) => {
  const canvas = picture(N, N, words);
  const overlay = svgOf("svg", { viewBox: `0 0 ${N} ${N}`, class: "camgan-overlay", "aria-hidden": "true" });
  const box = h("div", { className: "camgan-square", tabIndex: 0, role: "application", "aria-label": words }, canvas, overlay);
  canvas.setAttribute("aria-hidden", "true");
  canvas.removeAttribute("role");
  canvas.removeAttribute("aria-label");
  const caption = h("figcaption", {}, title);
  return { canvas, overlay, box, caption, figure: h("div", { className: `camgan-panel ${className}` }, caption, box) };
};

// Position in a panel of 32×32 where a pointer is.
const placeOf = (event, box) => {
  const frame = box.getBoundingClientRect();
  const at = (value, size) => Math.min(N - 1, Math.max(0, Math.floor((value / size) * N)));
  return [at(event.clientY - frame.top, frame.height), at(event.clientX - frame.left, frame.width)];
};

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// Calls `move(row, column)` for pointer and arrow keys, `act` for a press or the space bar.
const steer = (box, place, move, act) => {
  box.addEventListener("pointerdown", (event) => {
    box.setPointerCapture?.(event.pointerId);
    move(...placeOf(event, box));
    act?.(true);
  });
  box.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "mouse" && !event.buttons) return;
    move(...placeOf(event, box));
    if (event.buttons) act?.(false);
  });
  box.addEventListener("keydown", (event) => {
    const [row, column] = place();
    if (STEPS[event.key]) {
      const [down, across] = STEPS[event.key];
      const clamp = (value) => Math.min(N - 1, Math.max(0, value));
      move(clamp(row + down), clamp(column + across));
    } else if (event.key === " " && act) act(true);
    else return;
    event.preventDefault();
  });
};

const STATE = ["camera", "image", "channel", "average", "statistic", "high_pass", "window", "low", "high", "marks"];
STATE.push("mask", "inner", "outer", "painted", "cursor");

const render = ({ model, el }) => {
  const pixels = bytesOf(model.get("pixels"));
  const colours = bytesOf(model.get("colours"));
  const count = model.get("count");
  const names = model.get("names");
  const decisions = model.get("decisions");
  const state = () => Object.fromEntries(STATE.map((name) => [name, model.get(name)]));
  const put = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  let own = null; // the reader's picture: {rgba, width, height, x, y, rgb, name}
  let pixel = [16, 16];
  let shown = { spectra: [], planes: [] };

  // --- elements
  const words = { input: "the input", stylised: "the stylised image", residual: "the residual" };
  const pictures = PANELS.map((name) => panel(name === "residual" ? `residual ×${GAIN}` : name, `Picture of ${words[name]}; arrow keys move the pixel cursor`, "is-picture"));
  const spectra = PANELS.map((name) =>
    panel("spectrum (cycles/pixel)", `Spectrum of ${words[name]}; arrow keys move the cursor, space paints`, "is-spectrum"));
  spectra.forEach(({ figure }) => figure.append(axisLabels()));
  const kept = ["input", "stylised"].map((name) => panel(`${name}, masked`, `Picture of ${words[name]} after the mask`, "is-masked"));
  kept.forEach(({ box }) => {
    box.removeAttribute("tabindex");
    box.setAttribute("role", "img");
  });
  const reading = h("output", { className: "camgan-reading", "aria-live": "polite" });
  const pixelReading = h("output", { className: "camgan-reading is-pixel" });
  const verdict = h("div", { className: "camgan-verdict" });
  const bar = colourBar(colours);
  const drop = ownPicture((made) => {
    own = made;
    draw();
  });

  // --- drawing
  const planes = () => {
    const s = state(), weights = CHANNELS[s.channel];
    if (own) return [[planeOf(own.rgb, weights)], [], []];
    const indices = s.average > 1 ? Array.from({ length: s.average }, (_, i) => i) : [s.image - 1];
    const input = indices.map((i) => planeOf(rgbOf(pixels, count, 0, i), weights));
    if (!s.camera) return [input, [], []];
    const styled = indices.map((i) => planeOf(rgbOf(pixels, count, s.camera, i), weights));
    return [input, styled, styled.map((plane, i) => difference(plane, input[i]))];
  };

  const drawPictures = (s) => {
    const input = own ? own.rgb : rgbOf(pixels, count, 0, s.image - 1);
    const styled = own || !s.camera ? null : rgbOf(pixels, count, s.camera, s.image - 1);
    const residual = styled && Uint8ClampedArray.from(styled, (value, i) => 128 + GAIN * (value - input[i]));
    [input, styled, residual].forEach((rgb, i) => show(pictures[i], rgb));
    const keep = maskOf(s);
    [input, styled].forEach((rgb, i) => show(kept[i], rgb && keep ? maskedRgb(rgb, keep) : null));
    el.querySelector(".camgan-masked-row").hidden = !keep;
    shown.rgb = [input, styled];
  };

  const maskOf = (s) => (s.mask === "off" ? null : selected(s).map((inside) => inside === (s.mask === "pass")));

  const draw = () => {
    const began = performance.now();
    const s = state();
    drawPictures(s);
    const floor = s.statistic === "log-variance" ? 0 : ROUNDING;
    const levels = (set) => (set.length ? meanLevel(set.map((plane) => statisticOf(plane, s)), s.window, floor) : null);
    shown.spectra = planes().map(levels);
    const mask = s.mask === "off" ? null : selected(s);
    spectra.forEach((each, i) => drawSpectrum(each, shown.spectra[i], s, colours, mask));
    el.dataset.drawMs = (performance.now() - began).toFixed(2);
    read();
  };

  const read = () => {
    const s = state(), bin = s.cursor;
    const [down, across] = frequency(bin);
    const levels = PANELS.flatMap((name, i) => (shown.spectra[i] ? [`${name} ${db(shown.spectra[i][bin])}`] : []));
    const place = `${fraction(across)} across, ${fraction(down)} down (cycles/pixel; bin ${bin % N}, ${(bin / N) | 0})`;
    reading.textContent = `${place}: ${levels.join(" · ")}`;
    spectra.forEach(({ overlay }) => drawCursor(overlay, (bin / N) | 0, bin % N));
    const [y, x] = pixel, at = 3 * (y * N + x);
    const values = shown.rgb.map((rgb, i) => rgb && `${PANELS[i]} ${[rgb[at], rgb[at + 1], rgb[at + 2]].join(", ")}`).filter(Boolean);
    pixelReading.textContent = `pixel ${x}, ${y} (red, green, blue): ${values.join(" · ")}`;
    pictures.forEach(({ overlay }) => drawCursor(overlay, y, x));
    verdict.replaceChildren(...decisionPlot(decisions, names[s.camera], s));
  };

  // --- what the reader does
  let painting = true;
  const act = (first) => {
    if (!paintBox.checked) return;
    const bins = paintedBins(model.get("painted")), bin = model.get("cursor");
    if (first) painting = !bins.has(bin);
    for (const each of [bin, opposite(bin)]) painting ? bins.add(each) : bins.delete(each);
    if (model.get("mask") === "off") put("mask", "stop");
    put("painted", paintedText(bins));
  };
  const place = () => [(model.get("cursor") / N) | 0, model.get("cursor") % N];
  spectra.forEach(({ box }) => steer(box, place, (row, column) => put("cursor", row * N + column), act));
  pictures.forEach(({ box }) => steer(box, () => pixel, (row, column) => {
    pixel = [row, column];
    read();
  }));
  const paintBox = h("input", { type: "checkbox" });
  const clear = h("button", { type: "button", onclick: () => put("painted", "") }, "clear paint");
  const save = h("button", { type: "button", onclick: () => saveCsv(shown.spectra) }, "save as CSV");

  // --- layout
  const options = (list) => list.map((name) => [name, name]);
  const decimal = (value) => value.toFixed(3);
  el.classList.add("camgan-live", "camgan-explorer");
  el.append(
    group("Picture",
      choice(model, "camera", "camera", names.map((name, i) => [i, name])),
      slider(model, "image", "image", 1, count, 1),
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
    h("div", { className: "camgan-masked-row" }, h("div", { className: "camgan-panels" }, ...kept.map((p) => p.figure), verdict)),
    drop.box
  );
  const redraw = () => {
    bar.scale(model.get("low"), model.get("high"));
    draw();
  };
  for (const name of STATE) model.on(`change:${name}`, name === "cursor" ? read : redraw);
  redraw();
};

const axisLabels = () =>
  h("div", { className: "camgan-axis" }, ...["−½", "0", "½"].map((text) => h("span", {}, text)));

// Shows RGB bytes in a panel, or an empty one.
const show = ({ canvas, figure }, rgb) => {
  figure.classList.toggle("is-empty", !rgb);
  if (rgb) drawRgb(canvas, rgb);
  else canvas.getContext("2d").clearRect(0, 0, N, N);
};

const maskedRgb = (rgb, keep) => {
  const out = new Uint8ClampedArray(imageSize);
  for (let c = 0; c < 3; c++) {
    const plane = Float64Array.from({ length: N * N }, (_, i) => rgb[3 * i + c]);
    filtered(plane, keep).forEach((value, i) => (out[3 * i + c] = value));
  }
  return out;
};

const drawSpectrum = ({ canvas, overlay, figure }, levels, s, colours, mask) => {
  figure.classList.toggle("is-empty", !levels);
  overlay.querySelectorAll(".is-mark, .is-mask").forEach((each) => each.remove());
  if (!levels) {
    canvas.getContext("2d").clearRect(0, 0, N, N);
    return;
  }
  const rgb = new Uint8ClampedArray(imageSize), span = Math.max(1, s.high - s.low);
  for (let bin = 0; bin < N * N; bin++) {
    const shade = Math.min(255, Math.max(0, Math.round((255 * (levels[bin] - s.low)) / span)));
    rgb.set(colours.subarray(3 * shade, 3 * shade + 3), 3 * bin);
  }
  drawRgb(canvas, rgb);
  if (mask) overlay.prepend(maskPath(mask));
  if (s.marks) overlay.append(...markLines());
};

// Where the mask lies, as one path of squares.
const maskPath = (mask) => {
  const squares = mask.map((inside, bin) => (inside ? `M${bin % N} ${(bin / N) | 0}h1v1h-1z` : "")).join("");
  return svgOf("path", { d: squares, class: "is-mask" });
};

// Ticks at the border where lines of period 2, 4 and 8 pixels lie.
const markLines = () =>
  MARKS.flatMap(([distance, length]) =>
    [16 - distance + 0.5, 16 + distance + 0.5].filter((at) => at < N).map((at) =>
      svgOf("path", { d: `M${at} 0v${length}M${at} ${N}v-${length}M0 ${at}h${length}M${N} ${at}h-${length}`, class: "is-mark" })));

const drawCursor = (overlay, row, column) => {
  let mark = overlay.querySelector(".is-cursor");
  if (!mark) overlay.append((mark = svgOf("path", { class: "is-cursor" })));
  mark.setAttribute("d", `M${column - 0.3} ${row - 0.3}h1.6v1.6h-1.6z`);
  overlay.append(mark);
};

// A bar of the colour map with ticks in dB.
const colourBar = (colours) => {
  const canvas = h("canvas", { width: 256, height: 1, className: "camgan-bar" });
  const rgb = colours.slice();
  drawRgb(canvas, rgb);
  const ticks = h("div", { className: "camgan-ticks" });
  const title = h("div", { className: "camgan-bar-title" }, "power (dB of one squared 8-bit level; of the log-variance: of its own unit)");
  const scale = (low, high) => {
    const top = Math.max(high, low + 1);
    ticks.replaceChildren(...[0, 0.25, 0.5, 0.75, 1].map((f) => h("span", {}, String(Math.round(low + f * (top - low))).replace("-", "−"))));
  };
  return { box: h("div", { className: "camgan-bar-box" }, canvas, ticks, title), scale };
};

// The share of images that the classifier still takes for the camera when frequencies are stopped, at the mask's radius.
const decisionPlot = (decisions, camera, s) => {
  const family = familyOf(s);
  const sets = ["stylised", "crops"].map((kind) => [kind, decisions.sets?.[`${kind}: ${camera}`]]).filter(([, set]) => set);
  if (s.mask === "off" || !sets.length) return [];
  if (!family) return [h("p", {}, "How the classifier decides was computed for rings that begin at 0 or end at the corner.")];
  const { radii } = decisions, near = radii.reduce((best, r, i) => (Math.abs(r - family.radius) < Math.abs(radii[best] - family.radius) ? i : best), 0);
  const said = sets.map(([kind, set]) => `${percent(set[family.name][near])} of ${set.n} ${kind === "crops" ? "test crops by this camera" : "stylised images"}`);
  const what = family.name === "stop_below" ? `all up to ${fraction(radii[near])}` : `all beyond ${fraction(radii[near])}`;
  return [
    h("p", { className: "camgan-decision" }, `With ${what} cycles/pixel stopped the 8-bit classifier still takes ${said.join(" and ")} for ${camera}.`),
    plot(radii, sets.map(([kind, set]) => [kind, set[family.name]]), family.radius),
  ];
};

// Which of the two computed families the ring belongs to: frequencies stopped from 0 up, or from the corner down.
const familyOf = (s) => {
  const low = s.inner === 0, top = s.outer >= 0.7;
  if (low && s.mask === "stop") return { name: "stop_below", radius: s.outer };
  if (top && s.mask === "pass") return { name: "stop_below", radius: s.inner };
  if (top && s.mask === "stop") return { name: "stop_above", radius: s.inner };
  if (low && s.mask === "pass") return { name: "stop_above", radius: s.outer };
  return null;
};

const plot = (radii, lines, at) => {
  const x = (r) => 26 + (r / 0.71) * 150, y = (share) => 8 + (1 - share) * 72;
  const texts = [[x(0), 94, "0"], [x(0.25), 94, "¼"], [x(0.5), 94, "½"], [101, 106, "radius (cycles/pixel)"]];
  const made = svgOf("svg", { viewBox: "0 0 182 110", class: "camgan-plot", role: "img", "aria-label": "Share taken for the camera over the radius" });
  made.append(svgOf("path", { d: `M${x(0)} ${y(1)}V${y(0)}H${x(0.71)}`, class: "is-axis" }));
  for (const [tx, ty, text] of texts) made.append(svgOf("text", { x: tx, y: ty, "text-anchor": "middle" }, text));
  for (const share of [0, 0.5, 1]) made.append(svgOf("text", { x: 22, y: y(share) + 3, "text-anchor": "end" }, `${100 * share}`));
  lines.forEach(([kind, shares]) => {
    const d = shares.map((share, i) => `${i ? "L" : "M"}${x(radii[i])} ${y(share)}`).join("");
    made.append(svgOf("path", { d, class: `is-line is-${kind}` }));
  });
  made.append(svgOf("path", { d: `M${x(at)} ${y(1)}V${y(0)}`, class: "is-at" }));
  const legend = h("div", { className: "camgan-legend" }, ...lines.map(([kind]) => h("span", { className: `is-${kind}` }, kind)), h("span", {}, "(% taken)"));
  return h("div", {}, made, legend);
};

// A picture of the reader's: chosen or dropped, cut to 32×32 where its sliders say; it never leaves the page.
const ownPicture = (changed) => {
  const said = h("output", { "aria-live": "polite" });
  const file = h("input", { type: "file", accept: "image/*", "aria-label": "a picture of your own" });
  const sliders = ["x", "y"].map((name) => h("input", { type: "range", min: 0, max: 0, value: 0, "aria-label": `${name} of the crop` }));
  const back = h("button", { type: "button" }, "back to the book's images");
  const more = h("span", { hidden: true }, ...sliders.map((each, i) => h("label", { className: "camgan-control" }, ["left", "top"][i], each)), back);
  const box = h("fieldset", { className: "camgan-group camgan-drop" }, h("legend", {}, "Your own picture"),
    h("span", {}, "Choose a file or drop it here; it is analysed in this page and sent nowhere."), file, more, said);
  let whole = null;
  const cut = () => {
    const [x, y] = sliders.map((each) => Number(each.value));
    const rgb = new Uint8Array(imageSize);
    for (let row = 0; row < N; row++)
      for (let column = 0; column < N; column++) {
        const from = 4 * ((y + row) * whole.width + x + column);
        for (let c = 0; c < 3; c++) rgb[3 * (row * N + column) + c] = whole.data[from + c];
      }
    said.textContent = `${whole.name}: 32×32 of ${whole.width}×${whole.height} pixels, from ${x}, ${y}`;
    changed({ rgb });
  };
  const open = async (chosen) => {
    if (!chosen) return;
    try {
      const bitmap = await createImageBitmap(chosen, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
      if (Math.min(bitmap.width, bitmap.height) < N) throw new Error(`at least 32×32 pixels were expected, it has ${bitmap.width}×${bitmap.height}`);
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
      whole = { data, width: bitmap.width, height: bitmap.height, name: chosen.name };
      sliders.forEach((each, i) => {
        each.max = (i ? whole.height : whole.width) - N;
        each.value = Math.floor(each.max / 2);
      });
      more.hidden = false;
      cut();
    } catch (error) {
      said.textContent = `${chosen.name} can't be shown: ${error.message || "it is no picture that this browser reads"}.`;
    }
  };
  file.addEventListener("change", () => open(file.files[0]));
  sliders.forEach((each) => each.addEventListener("input", cut));
  back.addEventListener("click", () => {
    more.hidden = true;
    file.value = said.textContent = "";
    changed(null);
  });
  box.addEventListener("dragover", (event) => event.preventDefault());
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    open(event.dataTransfer.files[0]);
  });
  return { box };
};

// A file with a row per bin: frequencies and the level of each spectrum shown.
const saveCsv = (spectra) => {
  const there = PANELS.map((name, i) => [name, spectra[i]]).filter(([, levels]) => levels);
  const rows = [["across (cycles/pixel)", "down (cycles/pixel)", ...there.map(([name]) => `${name} (dB)`)]];
  for (let bin = 0; bin < N * N; bin++) {
    const [down, across] = frequency(bin);
    rows.push([across, down, ...there.map(([, levels]) => levels[bin].toFixed(4))]);
  }
  const link = h("a", { download: "spectrum.csv", href: URL.createObjectURL(new Blob([rows.map((row) => row.join(",")).join("\n") + "\n"], { type: "text/csv" })) });
  link.click();
  URL.revokeObjectURL(link.href);
};

export default { render };
