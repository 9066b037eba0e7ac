// Input left of a divider, stylised image right of it, its residual at 0 to 200 % of its strength.

const SIZE = 32 * 32 * 3;

// x + s·(g − x), rounded and clipped to 8 bits.
const recombined = (input, styled, strength) =>
  Uint8ClampedArray.from(input, (x, i) => x + strength * (styled[i] - x));

const meanChange = (a, b) => a.reduce((sum, value, i) => sum + Math.abs(value - b[i]), 0) / a.length;

const render = ({ model, el }) => {
  const pixels = bytesOf(model.get("pixels")), count = model.get("count"), names = model.get("names");
  const table = model.get("strengths");
  const of = (set, image) => pixels.subarray((set * count + image) * SIZE, (set * count + image + 1) * SIZE);
  const before = picture(32, 32, "input"), after = picture(32, 32, "stylised");
  const handle = h("div", { className: "camgan-divider", tabIndex: 0, role: "slider", "aria-label": "divider", "aria-valuemin": "0", "aria-valuemax": "100" });
  const stage = h("div", { className: "camgan-stage" }, before, after, handle);
  const reading = h("output", { className: "camgan-reading", "aria-live": "polite" });
  const put = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };

  const divide = () => {
    const at = model.get("divider");
    after.style.clipPath = `inset(0 0 0 ${at}%)`;
    handle.style.left = `${at}%`;
    handle.setAttribute("aria-valuenow", at);
    handle.setAttribute("aria-valuetext", `${at} % from the left`);
  };
  const draw = () => {
    const camera = Math.min(model.get("camera"), names.length - 1), image = Math.min(model.get("image"), count) - 1;
    const input = of(0, image), made = recombined(input, of(camera + 1, image), model.get("strength") / 100);
    drawRgb(before, input);
    drawRgb(after, made);
    reading.textContent = `Left of the divider the input, right of it the residual at ${model.get("strength")} %: mean change ${meanChange(made, input).toFixed(1)} of 255 grey levels.${taken(table, names[camera], model.get("strength"))}`;
  };
  const drag = (event) => {
    const frame = stage.getBoundingClientRect();
    put("divider", Math.round(Math.min(100, Math.max(0, (100 * (event.clientX - frame.left)) / frame.width))));
  };
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    drag(event);
  });
  stage.addEventListener("pointermove", (event) => event.buttons && drag(event));
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, Home: -100, End: 100 }[event.key];
    if (step === undefined) return;
    put("divider", Math.min(100, Math.max(0, model.get("divider") + step)));
    event.preventDefault();
  });

  el.classList.add("camgan-live");
  el.append(
    group("Picture",
      choice(model, "camera", "camera", names.map((name, i) => [i, name])),
      slider(model, "image", "image", 1, count, 1),
      slider(model, "strength", "residual", 0, 200, 5, (value) => `${value} %`)),
    stage, reading
  );
  for (const name of ["camera", "image", "strength"]) model.on(`change:${name}`, draw);
  model.on("change:divider", divide);
  draw();
  divide();
};

// What the classifier says at the nearest strength that was computed.
const taken = (table, camera, strength) => {
  const shares = table.shares?.[camera];
  if (!shares) return "";
  const near = table.strengths.reduce((best, s, i) => (Math.abs(100 * s - strength) < Math.abs(100 * table.strengths[best] - strength) ? i : best), 0);
  return ` At ${Math.round(100 * table.strengths[near])} % the 8-bit classifier takes ${(100 * shares[near]).toFixed(1)} % of ${table.n} such images for ${camera}.`;
};

export default { render };
