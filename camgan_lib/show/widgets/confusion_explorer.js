// A confusion matrix; the crops behind the chosen cell stand below it.

// viridis at eleven steps, and whether white is read on it.
const SHADES = ["#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884", "#44bf70", "#7ad151", "#bddf26", "#fde725"];

const render = ({ model, el }) => {
  const cameras = model.get("cameras"), names = model.get("names"), crops = model.get("crops");
  const pixels = bytesOf(model.get("pixels"));
  const table = h("table", { className: "camgan-matrix" });
  const about = h("output", { className: "camgan-reading", "aria-live": "polite" });
  const sheet = h("div", { className: "camgan-sheet" });

  const choose = (row, column) => {
    model.set("row", row);
    model.set("column", column);
    model.save_changes();
  };
  const step = (event, row, column) => {
    const [down, across] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [0, 0];
    const to = table.querySelector(`[data-cell="${row + down},${column + across}"]`);
    if ((!down && !across) || !to) return;
    to.focus();
    to.click();
    event.preventDefault();
  };

  const cell = (row, column, count, total) => {
    const share = count / Math.max(1, total), shade = Math.round(10 * share);
    const chosen = model.get("row") === row && model.get("column") === column;
    const words = `${cameras[row]} taken for ${cameras[column]}: ${count} of ${total} crops, ${(100 * share).toFixed(1)} %`;
    const button = h("button", { type: "button", "data-cell": `${row},${column}`, "aria-label": words, "aria-pressed": String(chosen),
      onclick: () => choose(row, column), onkeydown: (event) => step(event, row, column) }, String(count));
    button.style.background = SHADES[shade];
    button.style.color = shade > 5 ? "#000" : "#fff";
    return h("td", {}, button);
  };

  const draw = () => {
    const focused = document.activeElement?.dataset?.cell;
    const k = model.get("classifier"), counts = model.get("counts")[k];
    const row = Math.min(model.get("row"), cameras.length - 1), column = Math.min(model.get("column"), cameras.length - 1);
    const head = h("tr", {}, h("th", { scope: "col" }, "true \\ decided"), ...cameras.map((name) => h("th", { scope: "col" }, name)));
    const rows = counts.map((line, r) => {
      const total = line.reduce((a, b) => a + b, 0);
      return h("tr", {}, h("th", { scope: "row" }, cameras[r]), ...line.map((count, c) => cell(r, c, count, total)));
    });
    table.replaceChildren(h("thead", {}, head), h("tbody", {}, ...rows));
    if (focused) table.querySelector(`[data-cell="${focused}"]`)?.focus();
    const inside = crops.flatMap(([truth, decided, chances], i) => (truth === row && decided[k] === column ? [[i, chances[k]]] : []));
    inside.sort((a, b) => b[1] - a[1]);
    const count = counts[row][column];
    const shown = !count ? "" : !crops.length ? " Their pictures are not shown here (licences)." : inside.length < count ? ` ${inside.length} of them are shown.` : "";
    about.textContent = `${count} crops by ${cameras[row]} were taken for ${cameras[column]} by the ${names[k]} classifier.${shown}`;
    sheet.replaceChildren(...inside.map(([i, chance]) => thumbnail(pixels, i, chance)));
  };

  el.classList.add("camgan-live");
  el.append(choice(model, "classifier", "classifier", names.map((name, i) => [i, name])), h("div", { className: "camgan-scroll" }, table), about, sheet);
  for (const name of ["classifier", "row", "column"]) model.on(`change:${name}`, draw);
  draw();
};

const thumbnail = (pixels, index, chance) => {
  const canvas = picture(32, 32, `crop ${index}, probability ${chance.toFixed(2)}`);
  drawRgb(canvas, pixels.subarray(index * 3072, (index + 1) * 3072));
  return h("div", { className: "camgan-thumb" }, canvas, h("span", { "aria-hidden": "true" }, chance.toFixed(2)));
};

export default { render };
