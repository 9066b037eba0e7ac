// uses: fft
// The first page's live figure: a picture redrawn by a generator at any strength, and how the mean spectrum of all the
// pictures changes. The page computes every spectrum; a table tells how many pictures are then taken for the camera.

const SIZE = N * N * 3;
const RANGE = 12; // dB at which the colours are full
const MORE = [222, 110, 0], LESS = [118, 88, 204];

// x + s·(g − x), rounded and clipped to 8 bits.
const redrawn = (input, made, strength) => Uint8ClampedArray.from(input, (x, i) => x + strength * (made[i] - x));

const luminance = (rgb) =>
  Float64Array.from({ length: N * N }, (_, i) => 0.299 * rgb[3 * i] + 0.587 * rgb[3 * i + 1] + 0.114 * rgb[3 * i + 2]);

const meanLevel = (pictures) => {
  const levels = pictures.map((rgb) => levelOf(luminance(rgb), "Hann", ROUNDING));
  return levels[0].map((_, bin) => sumOf(levels.map((level) => level[bin])) / levels.length);
};

// Changes of level (dB) as colours over the page's background: the larger, the more opaque.
const drawChange = (canvas, change) => {
  const image = new ImageData(N, N);
  change.forEach((value, bin) => {
    image.data.set(value > 0 ? MORE : LESS, 4 * bin);
    image.data[4 * bin + 3] = 255 * Math.min(1, Math.abs(value) / RANGE);
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
};

// The share of pictures taken for a camera at the nearest strength (1 is the generator's own) that was computed.
const shareAt = ({ strengths, shares }, camera, strength) => {
  const distance = strengths.map((each) => Math.abs(each - strength));
  const nearest = distance.indexOf(Math.min(...distance));
  return { share: shares[camera][nearest], at: strengths[nearest] };
};

const percent = (share) => `${(100 * share).toFixed(0)} %`;

const panel = (canvas, ...words) =>
  h("figure", { className: "camgan-hero-panel" }, h("div", { className: "camgan-hero-square" }, canvas), h("figcaption", {}, ...words));

// A row of buttons of which one is pressed, as a trait tells.
const buttons = (model, name, words, values, fill) => {
  const row = values.map((value) => {
    const each = h("button", { type: "button" }, ...fill(value));
    each.addEventListener("click", () => {
      model.set(name, value);
      model.save_changes();
    });
    return each;
  });
  const show = () => row.forEach((each, i) => each.setAttribute("aria-pressed", String(model.get(name) === values[i])));
  model.on(`change:${name}`, show);
  show();
  return h("div", { className: `camgan-hero-${name}`, role: "group", "aria-label": words }, ...row);
};

const scale = () =>
  h("span", { className: "camgan-hero-scale" }, `−${RANGE} dB`, h("span", { className: "camgan-hero-colours", role: "img", "aria-label": "colours from weaker to stronger" }), `+${RANGE} dB`);

const render = ({ model, el }) => {
  const pixels = bytesOf(model.get("pixels")), count = model.get("count"), cameras = model.get("names");
  const table = model.get("strengths");
  const of = (set, image) => pixels.subarray((set * count + image) * SIZE, (set * count + image + 1) * SIZE);
  const all = Array.from({ length: count }, (_, image) => image);
  const before = meanLevel(all.map((image) => of(0, image)));
  const large = picture(N, N, "the picture, redrawn"), change = picture(N, N, "change of the mean spectrum");
  const small = all.map(() => h("canvas", { width: N, height: N, className: "camgan-picture", "aria-hidden": "true" }));
  const bar = h("div", { className: "camgan-hero-bar", "aria-hidden": "true" }, h("i"), h("b"));
  const reading = h("output", { className: "camgan-reading", "aria-live": "polite" });

  const say = (index, strength) => {
    const camera = cameras[index];
    bar.hidden = camera === undefined;
    if (camera === undefined) {
      reading.textContent = "This generator was never trained and has seen no camera. It leaves a pattern all the same.";
      return;
    }
    const { share, at } = shareAt(table, camera, strength), untouched = table.shares[camera][0];
    bar.firstChild.style.left = `${100 * untouched}%`;
    bar.lastChild.style.width = `${100 * share}%`;
    reading.textContent = `At ${percent(at)} the second network takes ${percent(share)} of ${table.n} such pictures for ${camera}; untouched, ${percent(untouched)}.`;
  };
  const draw = () => {
    const began = performance.now();
    const index = Math.min(Math.max(model.get("generator"), 0), cameras.length), strength = model.get("strength") / 100;
    const made = all.map((image) => redrawn(of(0, image), of(index + 1, image), strength));
    small.forEach((canvas, image) => drawRgb(canvas, made[image]));
    drawRgb(large, made[Math.min(Math.max(model.get("picture"), 1), count) - 1]);
    drawChange(change, meanLevel(made).map((level, bin) => level - before[bin]));
    say(index, strength);
    el.dataset.drawMs = (performance.now() - began).toFixed(2);
  };

  el.classList.add("camgan-live", "camgan-hero");
  el.append(
    h("p", { className: "camgan-hero-title" }, "Choose a camera’s generator, then move the slider."),
    buttons(model, "generator", "generator", [...cameras.keys(), cameras.length], (i) => [cameras[i] ?? "never trained"]),
    h("div", { className: "camgan-hero-panels" },
      panel(large, "a picture that no camera took, redrawn"),
      panel(change, `what changes in the spectrum of ${count} pictures (middle: coarse, edge: fine)`, scale())),
    slider(model, "strength", "strength", 0, 100, 5, (value) => `${value} %`),
    bar, reading,
    buttons(model, "picture", "picture", all.map((image) => image + 1), (n) => [small[n - 1], h("span", { className: "camgan-hero-hidden" }, `picture ${n}`)])
  );
  for (const name of ["generator", "strength", "picture"]) model.on(`change:${name}`, draw);
  draw();
};

export default { render };
