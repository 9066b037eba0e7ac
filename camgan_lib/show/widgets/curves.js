// Training curves: a panel per term, a line per network; a cursor common to all panels reads the values.

const HEIGHT = 190, LEFT = 48, RIGHT = 8, TOP = 24, BOTTOM = 36;

// Round numbers between 0 and `top` for ticks.
const ticksTo = (top) => {
  const raw = top / 4, size = 10 ** Math.floor(Math.log10(raw)), step = [1, 2, 5, 10].find((f) => f * size >= raw) * size;
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(3)));
};

const written = (value, share) =>
  value === null || value === undefined ? "–" : share ? `${(100 * value).toFixed(1)} %` : Number(value.toPrecision(3)).toString();

// Where the index i of x lies in a panel of this width, both in pixels.
const acrossIn = (x, width) => (i) => LEFT + ((width - LEFT - RIGHT) * (x[i] - x[0])) / Math.max(1, x[x.length - 1] - x[0]);

const render = ({ model, el }) => {
  const x = model.get("x"), names = model.get("names"), panels = model.get("panels"), xName = model.get("x_name");
  const last = x.length - 1;
  const at = () => Math.min(last, Math.max(0, model.get("at")));
  const move = (index) => {
    model.set("at", Math.min(last, Math.max(0, index)));
    model.save_changes();
  };
  const reading = h("div", { className: "camgan-scroll", tabIndex: 0, role: "region", "aria-label": "values at the cursor", "aria-live": "polite" });
  const drawn = panels.map((panel) => {
    const label = `${panel.title}; arrow keys move the cursor`;
    return { panel, box: h("div", { className: "camgan-curve", tabIndex: 0, role: "application", "aria-label": label }) };
  });
  for (const { box } of drawn) {
    box.addEventListener("pointermove", (event) => {
      const frame = box.getBoundingClientRect(), across = acrossIn(x, frame.width), place = event.clientX - frame.left;
      move(x.reduce((best, _, i) => (Math.abs(across(i) - place) < Math.abs(across(best) - place) ? i : best), 0));
    });
    box.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -last - 1, End: last + 1 }[event.key];
      if (step === undefined) return;
      move(at() + step);
      event.preventDefault();
    });
  }
  const legend = names.map((name, i) => {
    const box = h("input", { type: "checkbox", checked: !model.get("hidden").includes(name), "aria-label": name });
    box.addEventListener("input", () => {
      const hidden = new Set(model.get("hidden"));
      box.checked ? hidden.delete(name) : hidden.add(name);
      model.set("hidden", [...hidden]);
      model.save_changes();
    });
    const swatch = h("span", { className: "camgan-swatch" });
    swatch.style.background = cameraColour(i);
    return h("label", { className: "camgan-control camgan-tick" }, box, swatch, h("span", {}, name));
  });
  const read = () => {
    const i = at(), hidden = model.get("hidden");
    drawn.forEach(({ cursor, lines, across }) => {
      cursor.setAttribute("d", `M${across(i)} ${TOP}V${HEIGHT - BOTTOM}`);
      lines.forEach((line, n) => line.toggleAttribute("hidden", hidden.includes(names[n])));
    });
    const seen = names.flatMap((name, n) => (hidden.includes(name) ? [] : [n]));
    const head = h("tr", {}, h("th", { scope: "col" }, `${xName} ${x[i]}`), ...seen.map((n) => h("th", { scope: "col" }, names[n])));
    const rows = panels.map(({ title, share, lines }) =>
      h("tr", {}, h("th", { scope: "row" }, title), ...seen.map((n) => h("td", {}, written(lines[n][i], share)))));
    reading.replaceChildren(h("table", { className: "camgan-values" }, h("thead", {}, head), h("tbody", {}, ...rows)));
  };
  // Drawn for the width that there is, so that the lettering keeps its size.
  const draw = () => {
    for (const each of drawn) {
      const width = each.box.clientWidth || 300;
      if (width === each.width) continue;
      Object.assign(each, { width, across: acrossIn(x, width) }, panelOf(each.panel, x, xName, width));
      each.box.replaceChildren(each.svg);
    }
    read();
  };
  el.classList.add("camgan-live");
  el.append(h("div", { className: "camgan-legend-row" }, ...legend), h("div", { className: "camgan-curves" }, ...drawn.map((d) => d.box)), reading);
  model.on("change:at", read);
  model.on("change:hidden", read);
  draw();
  new ResizeObserver(draw).observe(el);
};

const panelOf = ({ title, share, lines }, x, xName, width) => {
  const across = acrossIn(x, width);
  const values = lines.flat().filter((value) => value !== null);
  const top = share ? 1 : Math.max(...values, 1e-9) * 1.05;
  const up = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
  const svg = svgOf("svg", { viewBox: `0 0 ${width} ${HEIGHT}` });
  svg.append(svgOf("text", { x: LEFT, y: 13, class: "is-title" }, title));
  for (const tick of share ? [0, 0.25, 0.5, 0.75, 1] : ticksTo(top)) {
    svg.append(svgOf("path", { d: `M${LEFT} ${up(tick)}H${width - RIGHT}`, class: "is-grid" }));
    svg.append(svgOf("text", { x: LEFT - 5, y: up(tick) + 4, "text-anchor": "end" }, share ? `${100 * tick} %` : String(tick)));
  }
  for (const i of [0, x.length - 1]) svg.append(svgOf("text", { x: across(i), y: HEIGHT - BOTTOM + 14, "text-anchor": i ? "end" : "start" }, String(x[i])));
  svg.append(svgOf("text", { x: (LEFT + width) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, xName));
  const made = lines.map((line, n) => {
    const d = line.flatMap((value, i) => (value === null ? [] : [`${across(i)} ${up(value)}`])).join("L");
    return svgOf("path", { d: `M${d}`, class: "is-curve", style: `stroke: ${cameraColour(n)}` });
  });
  const cursor = svgOf("path", { class: "is-at" });
  svg.append(...made, cursor);
  return { svg, cursor, lines: made };
};

export default { render };
