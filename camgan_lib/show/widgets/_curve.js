// uses: bars
// A plot of probabilities over a quantity that the reader chooses, drawn while it is computed.

const PLOT = { width: 340, height: 200, left: 44, right: 18, top: 10, bottom: 36 };

// `spec`: title, name of the quantity, its largest value `most`, `ticks` ([value, text]), `picked(value)`.
// `draw({xs, lines, at, turns})`: lines of {name, colour, dashed, ys} with null where nothing is known yet; `at` is the
// present value, `turns` a value at which the decision turns, or null.
const oddsCurve = ({ title, quantity, most, ticks, picked }) => {
  const { width, height, left, right, top, bottom } = PLOT;
  const x = (value) => left + ((width - left - right) * value) / most, y = (p) => top + (height - top - bottom) * (1 - p);
  const svg = svgOf("svg", { viewBox: `0 0 ${width} ${height}`, class: "camgan-oddsplot", role: "img", "aria-label": title });
  for (const p of [0, 0.5, 1]) {
    svg.append(svgOf("path", { d: `M${left} ${y(p)}H${width - right}`, class: "is-grid" }));
    svg.append(svgOf("text", { x: left - 4, y: y(p) + 4, "text-anchor": "end" }, `${100 * p} %`));
  }
  for (const [value, text] of ticks) svg.append(svgOf("text", { x: x(value), y: height - bottom + 15, "text-anchor": "middle" }, text));
  svg.append(svgOf("text", { x: (left + width - right) / 2, y: height - 4, "text-anchor": "middle" }, quantity));
  const moving = svgOf("g", {});
  svg.append(moving);
  const pick = (event) => {
    const frame = svg.getBoundingClientRect(), value = ((event.clientX - frame.left) / frame.width) * width;
    picked(Math.min(most, Math.max(0, ((value - left) * most) / (width - left - right))));
  };
  svg.addEventListener("pointerdown", (event) => (svg.setPointerCapture(event.pointerId), pick(event)));
  svg.addEventListener("pointermove", (event) => event.buttons && pick(event));

  const draw = ({ xs, lines, at, turns }) => {
    moving.replaceChildren();
    if (turns !== null) {
      moving.append(svgOf("path", { d: `M${x(turns)} ${top}V${height - bottom}`, class: "is-turn" }));
      moving.append(svgOf("path", { d: `M${x(turns)} ${top + 1}l-5 -8h10z`, class: "is-turn-mark" }));
    }
    moving.append(svgOf("path", { d: `M${x(at)} ${top}V${height - bottom}`, class: "is-at" }));
    for (const { colour, dashed, ys } of lines) {
      const d = ys.flatMap((p, i) => (p === null ? [] : [`${x(xs[i]).toFixed(1)} ${y(p).toFixed(1)}`])).join("L");
      if (d) moving.append(svgOf("path", { d: `M${d}`, class: "is-odds", stroke: colour, "stroke-dasharray": dashed ? "5 4" : "none" }));
    }
    moving.append(...endLabels(lines, y, width - right));
  };
  return { box: h("figure", { className: "camgan-oddscurve" }, h("figcaption", {}, title), svg), draw };
};

// Names at the right ends of one or two lines: the upper one's above its line, the lower one's below, where there is room.
const endLabels = (lines, y, at) => {
  const ends = lines.map(({ name, ys }) => ({ name, p: ys.findLast((p) => p !== null) })).filter(({ p }) => p !== undefined);
  ends.sort((a, b) => b.p - a.p);
  const places = ends.map(({ p }, i) => ((i ? p > 0.1 : p > 0.9) ? y(p) + 14 : y(p) - 6));
  if (ends.length > 1 && places[1] - places[0] < 15) {
    if (ends[0].p > 0.9) places[1] = places[0] + 15;
    else places[0] = places[1] - 15;
  }
  return ends.map(({ name }, i) => svgOf("text", { x: at, y: places[i], "text-anchor": "end", class: "is-name" }, name));
};
