// What several widgets need: elements, labelled controls, colours, pixels. Put in front of each widget's module.

// An element with properties, dataset, style and children: h("label", { className: "x" }, "text", child).
const h = (tag, properties = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("aria-") || name.startsWith("data-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
};

// A native control under its label; `connect(model, name)` keeps it and a trait of the model equal.
const labelled = (text, control) => {
  control.setAttribute("aria-label", text);
  return h("label", { className: "camgan-control" }, h("span", {}, text), control);
};

const bind = (model, name, control, read, write) => {
  const show = () => write(control, model.get(name));
  control.addEventListener("input", () => {
    model.set(name, read(control));
    model.save_changes();
  });
  model.on(`change:${name}`, show);
  show();
  return control;
};

const choice = (model, name, text, options) => {
  const select = h("select", {}, ...options.map(([value, label]) => h("option", { value: String(value) }, label)));
  const values = new Map(options.map(([value]) => [String(value), value]));
  bind(model, name, select, (s) => values.get(s.value), (s, value) => (s.value = String(value)));
  return labelled(text, select);
};

const slider = (model, name, text, low, high, step, format = String) => {
  const input = h("input", { type: "range", min: low, max: high, step });
  const output = h("output", {});
  bind(model, name, input, (i) => Number(i.value), (i, value) => {
    i.value = value;
    output.textContent = format(value);
    i.setAttribute("aria-valuetext", format(value));
  });
  const label = labelled(text, input);
  label.append(output);
  return label;
};

const tick = (model, name, text) => {
  const box = h("input", { type: "checkbox", "aria-label": text });
  bind(model, name, box, (b) => b.checked, (b, value) => (b.checked = value));
  return h("label", { className: "camgan-control camgan-tick" }, box, h("span", {}, text));
};

// A canvas of n×n pixels shown large and unblurred; the picture's words go to screen readers.
const picture = (width, height, words) =>
  h("canvas", { width, height, className: "camgan-picture", role: "img", "aria-label": words });

// Draws bytes (RGB, width×height×3) into a canvas of that size.
const drawRgb = (canvas, rgb) => {
  const image = new ImageData(canvas.width, canvas.height);
  for (let i = 0, j = 0; i < rgb.length; i += 3, j += 4) {
    image.data[j] = rgb[i];
    image.data[j + 1] = rgb[i + 1];
    image.data[j + 2] = rgb[i + 2];
    image.data[j + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
};

// The bytes of a trait, wherever they lie: a DataView in both hosts.
const bytesOf = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

// An SVG element with attributes and children.
const svgOf = (tag, attributes = {}, ...children) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

const group = (title, ...controls) =>
  h("fieldset", { className: "camgan-group" }, h("legend", {}, title), ...controls);

// Saves lines of text as a file.
const saveText = (name, lines) => {
  const url = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" }));
  h("a", { download: name, href: url }).click();
  URL.revokeObjectURL(url);
};

// Colours of cameras by label: the page's, as figures have them in its mode; elsewhere those of a light page.
const CAMERA_COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8A2BE2", "#6D2E0A", "#000000", "#6E7F3A"];
const cameraColour = (k) => {
  const label = k % CAMERA_COLOURS.length;
  return `var(--camgan-camera-${label + 1}, ${CAMERA_COLOURS[label]})`;
};
