// uses: fft
// Square panels of 32×32 pixels or bins, with a cursor that pointer and arrow keys move; spectra in colours; ticks.

const CHANNELS = { red: [1, 0, 0], green: [0, 1, 0], blue: [0, 0, 1], luminance: [0.299, 0.587, 0.114] };
const MARKS = [[16, 2.2], [8, 1.6], [4, 1], [12, 1]]; // distance from the centre in bins, length of the tick
const imageSize = N * N * 3;

// One plane of an RGB image: the weighted sum of its channels.
const planeOf = (rgb, weights) => {
  const plane = new Float64Array(N * N);
  for (let i = 0; i < N * N; i++)
    plane[i] = weights[0] * rgb[3 * i] + weights[1] * rgb[3 * i + 1] + weights[2] * rgb[3 * i + 2];
  return plane;
};

// x + s·(g − x) for every level, rounded and clipped to 8 bits.
const withResidual = (input, styled, strength) =>
  Uint8ClampedArray.from(input, (x, i) => x + strength * (styled[i] - x));

// An RGB image with only the bins of the shifted mask `keep`, each channel on its own.
const maskedRgb = (rgb, keep) => {
  const out = new Uint8ClampedArray(imageSize);
  for (let c = 0; c < 3; c++) {
    const plane = Float64Array.from({ length: N * N }, (_, i) => rgb[3 * i + c]);
    filtered(plane, keep).forEach((value, i) => (out[3 * i + c] = value));
  }
  return out;
};

// A square panel: canvas, an overlay for cursor and marks, a title.
const panel = (title, words, className) => {
  const canvas = h("canvas", { width: N, height: N, className: "camgan-picture", "aria-hidden": "true" });
  const overlay = svgOf("svg", { viewBox: `0 0 ${N} ${N}`, class: "camgan-overlay", "aria-hidden": "true" });
  const box = h("div", { className: "camgan-square", tabIndex: 0, role: "application", "aria-label": words }, canvas, overlay);
  const caption = h("figcaption", {}, title);
  return { canvas, overlay, box, caption, figure: h("div", { className: `camgan-panel ${className}` }, caption, box) };
};

// The same without a cursor: a picture.
const stillPanel = (title, words, className) => {
  const made = panel(title, words, className);
  made.box.removeAttribute("tabindex");
  made.box.setAttribute("role", "img");
  return made;
};

// Shows RGB bytes in a panel, or an empty one.
const show = ({ canvas, figure }, rgb) => {
  figure.classList.toggle("is-empty", !rgb);
  if (rgb) drawRgb(canvas, rgb);
  else canvas.getContext("2d").clearRect(0, 0, N, N);
};

// Calls `move(row, column)` for pointer and arrow keys on a grid, `act` for a press or the space bar.
// `size()` gives the grid's rows and columns, `place()` where the cursor is. With `hover` a mouse moves it unpressed.
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -1e9], End: [0, 1e9] };
const steer = (box, size, place, move, { act = null, hover = false } = {}) => {
  const clamp = (value, count) => Math.min(count - 1, Math.max(0, value));
  const pointed = (event) => {
    const frame = box.getBoundingClientRect(), [rows, columns] = size();
    const at = (value, length, count) => clamp(Math.floor((value / length) * count), count);
    move(at(event.clientY - frame.top, frame.height, rows), at(event.clientX - frame.left, frame.width, columns));
  };
  box.addEventListener("pointerdown", (event) => {
    box.setPointerCapture?.(event.pointerId);
    pointed(event);
    act?.(true);
  });
  box.addEventListener("pointermove", (event) => {
    if (!event.buttons && !(hover && event.pointerType === "mouse")) return;
    pointed(event);
    if (event.buttons) act?.(false);
  });
  box.addEventListener("keydown", (event) => {
    const [row, column] = place(), [rows, columns] = size();
    if (STEPS[event.key]) {
      const [down, across] = STEPS[event.key];
      move(clamp(row + down, rows), clamp(column + across, columns));
    } else if (event.key === " " && act) act(true);
    else return;
    event.preventDefault();
  });
};

const drawCursor = (overlay, row, column) => {
  let mark = overlay.querySelector(".is-cursor");
  if (!mark) overlay.append((mark = svgOf("path", { class: "is-cursor" })));
  mark.setAttribute("d", `M${column - 0.3} ${row - 0.3}h1.6v1.6h-1.6z`);
  overlay.append(mark);
};

// Draws a spectrum (dB, shifted) into a canvas of N×N, from `low` to `high` in 256 colours.
const drawLevels = (canvas, levels, low, high, colours) => {
  const rgb = new Uint8ClampedArray(imageSize), span = Math.max(1, high - low);
  for (let bin = 0; bin < N * N; bin++) {
    const shade = Math.min(255, Math.max(0, Math.round((255 * (levels[bin] - low)) / span)));
    rgb.set(colours.subarray(3 * shade, 3 * shade + 3), 3 * bin);
  }
  drawRgb(canvas, rgb);
};

const axisLabels = () =>
  h("div", { className: "camgan-axis", "aria-hidden": "true" }, ...["−½", "0", "½"].map((text) => h("span", {}, text)));

// Ticks at the border where lines of period 2, 4 and 8 pixels lie.
const markLines = () =>
  MARKS.flatMap(([distance, length]) =>
    [16 - distance + 0.5, 16 + distance + 0.5].filter((at) => at < N).map((at) =>
      svgOf("path", { d: `M${at} 0v${length}M${at} ${N}v-${length}M0 ${at}h${length}M${N} ${at}h-${length}`, class: "is-mark" })));

// A bar of the colour map with ticks in dB.
const colourBar = (colours, words) => {
  const canvas = h("canvas", { width: 256, height: 1, className: "camgan-bar", "aria-hidden": "true" });
  drawRgb(canvas, colours);
  const ticks = h("div", { className: "camgan-ticks" });
  const scale = (low, high) => {
    const top = Math.max(high, low + 1);
    ticks.replaceChildren(...[0, 0.25, 0.5, 0.75, 1].map((f) => h("span", {}, signed(low + f * (top - low), 0))));
  };
  return { box: h("div", { className: "camgan-bar-box" }, canvas, ticks, h("div", { className: "camgan-bar-title" }, words)), scale };
};

// --- numbers in words

const signed = (value, digits) => value.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
const db = (value) => `${signed(value, 1)} dB`;
const fraction = (f) => signed(f, 3).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
