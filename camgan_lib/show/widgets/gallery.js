// Pictures of one item side by side, and a layer laid over the first of them.

const render = ({ model, el }) => {
  const titles = model.get("titles"), layers = model.get("layers"), side = model.get("side"), base = model.get("base");
  const pixels = bytesOf(model.get("pixels")), size = side * side * 3;
  const of = (layer, item) => pixels.subarray((layer * titles.length + item) * size, (layer * titles.length + item + 1) * size);
  const panel = (title) => {
    const canvas = picture(side, side, title), caption = h("figcaption", {}, title);
    return { canvas, caption, figure: h("div", { className: "camgan-panel" }, caption, canvas) };
  };
  const panels = layers.map(panel), blend = base && layers.length > 1 ? panel("laid over") : null;
  const name = h("output", { className: "camgan-reading", "aria-live": "polite" });

  const draw = () => {
    const item = Math.min(model.get("item"), titles.length - 1), layer = Math.min(model.get("layer"), layers.length - 1);
    panels.forEach(({ canvas }, i) => {
      drawRgb(canvas, of(i, item));
      canvas.setAttribute("aria-label", `${layers[i]} of ${titles[item]}`);
    });
    if (blend) {
      const share = model.get("over") / 100, under = of(0, item), above = of(layer, item);
      drawRgb(blend.canvas, Uint8ClampedArray.from(under, (value, i) => (1 - share) * value + share * above[i]));
      blend.canvas.setAttribute("aria-label", `${layers[layer]} over ${layers[0]} of ${titles[item]}`);
      blend.caption.textContent = `${layers[layer]} over ${layers[0]}`;
    }
    name.textContent = titles[item];
  };

  const what = model.get("what");
  const controls = [choice(model, "item", what, titles.map((title, i) => [i, title]))];
  const more = (by) => () => {
    model.set("item", (model.get("item") + by + titles.length) % titles.length);
    model.save_changes();
  };
  controls.push(h("button", { type: "button", onclick: more(-1), "aria-label": `previous ${what}` }, "‹"));
  controls.push(h("button", { type: "button", onclick: more(1), "aria-label": `next ${what}` }, "›"));
  if (blend) {
    if (layers.length > 2) controls.push(choice(model, "layer", "laid over", layers.map((each, i) => [i, each]).slice(1)));
    controls.push(slider(model, "over", "opacity", 0, 100, 5, (value) => `${value} %`));
  }
  el.classList.add("camgan-live");
  el.append(
    group(`Choose a ${what}`, ...controls), name,
    h("div", { className: "camgan-panels camgan-gallery" }, ...panels.map((p) => p.figure), ...(blend ? [blend.figure] : [])),
    h("div", { className: "camgan-bar-title" }, model.get("legend"))
  );
  for (const each of ["item", "layer", "over"]) model.on(`change:${each}`, draw);
  draw();
};

export default { render };
