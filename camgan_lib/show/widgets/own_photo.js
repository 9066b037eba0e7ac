// uses: tiles
// A photo of the reader's own: which camera the classifier sees in each tile of 32×32 pixels, computed in workers; the
// vote; one tile with its spectrum, its probabilities, and what each generator makes of it. Nothing leaves the page.

const LOW = -10, HIGH = 50; // dB of the tile's spectrum
const REDRAW = 150; // ms between two states of the map, while it is made

// What an answer means, in plain words.
const meaning = (classes, simulated) => {
  const known = `The network knows ${classes.length} cameras: ${classes.join(", ")}.`;
  const yours = simulated
    ? " They are simulated; none of them took your photo."
    : " A photo of any other camera still gets one of these names.";
  const read = " It has no way to say “none of these”, so a colour names the camera whose crops are most like this tile to the network. What can be read off the map is where the answer changes: at smooth areas, sharp edges, blur, or traces of compression. It doesn't tell which camera took the photo.";
  return h("p", { className: "camgan-note" }, h("strong", {}, "What an answer means. "), known + yours + read);
};

// One tile: its picture, its spectrum, its probabilities, and what each generator makes of it.
const makeTile = (model, judge, colours, status) => {
  const tile = stillPanel("tile", "The chosen tile", "is-picture"), spectrum = stillPanel("its spectrum", "Spectrum of the chosen tile, luminance", "is-spectrum");
  spectrum.figure.append(axisLabels());
  const bar = colourBar(colours, "power (dB of one squared 8-bit level), Hann's window");
  bar.scale(LOW, HIGH);
  const odds = oddsBars("this tile", judge.classes);
  const generators = networksOf(model, "generator").map((about) => ({ about, net: null, ...stillPanel(about.name, `The tile stylised by the generator of ${about.name}`, "is-picture") }));
  generators.forEach((each) => each.figure.append((each.said = h("p", { className: "camgan-taken" }))));
  const size = kilobytes(generators.reduce((sum, { about }) => sum + about.bytes, 0));
  const wanted = h("input", { type: "checkbox" });
  const row = h("div", { className: "camgan-panels camgan-stylised", hidden: true }, ...generators.map(({ figure }) => figure));
  let rgb = null, turn = 0;
  const stylise = async () => {
    const mine = ++turn;
    row.hidden = !(wanted.checked && rgb);
    if (row.hidden) return;
    for (const each of generators) {
      each.net ??= await opening(model, each.about, status);
      await new Promise((done) => setTimeout(done)); // the page stays alive between two generators
      if (mine !== turn) return;
      if (!each.net) continue;
      const made = each.net.stylise(rgb), of = judge.of(made);
      show(each, made);
      each.said.textContent = of ? `taken for ${judge.classes[highest(of)]} (${percent(Math.max(...of))})` : "";
    }
  };
  wanted.addEventListener("change", stylise);
  const label = h("label", { className: "camgan-control camgan-tick" }, wanted, h("span", {}, `stylise it by each generator (${size}, loaded once)`));
  const box = h("div", { className: "camgan-tile", hidden: true },
    h("div", { className: "camgan-panels" }, tile.figure, spectrum.figure, odds.box), bar.box, ...(generators.length ? [label, row] : []));
  return {
    box,
    draw(chosen, words) {
      rgb = chosen;
      box.hidden = false;
      show(tile, rgb);
      tile.caption.textContent = words;
      drawLevels(spectrum.canvas, levelOf(planeOf(rgb, CHANNELS.luminance), "Hann", ROUNDING), LOW, HIGH, colours);
      odds.show(judge.of(rgb), null);
      stylise();
    },
  };
};

// A file with a row per tile: where it lies, whether it carries little, and its probabilities.
const saveTiles = (photo, names) => {
  const rows = [["left", "top", "carries little", ...names].join(",")];
  for (let tile = 0; tile < photo.count; tile++)
    if (photo.decided[tile] !== UNKNOWN)
      rows.push([...photo.corner(tile), photo.little[tile], ...Array.from(photo.odds.subarray(tile * names.length, (tile + 1) * names.length), (p) => p.toFixed(5))].join(","));
  saveText("tiles.csv", rows);
};

const verdictWords = (said, photo, classes, stopped) => {
  const whole = said.known === photo.count ? `All ${photo.count.toLocaleString("en")} tiles` : `${said.known.toLocaleString("en")} of ${photo.count.toLocaleString("en")} tiles${stopped ? " (stopped)" : ""}`;
  if (said.vote < 0) return `${whole} of ${photo.name} are known. None carries enough to vote.`;
  return `${whole} of ${photo.name} are known. Their vote (highest mean log-probability): ${classes[said.vote]}, seen in ${percent(said.tiles[said.vote] / said.counted)} of the tiles that vote.`;
};

const render = ({ model, el }) => {
  const colours = bytesOf(model.get("colours"));
  const judge = asked(model, el, "classifier", () => restart()), { classes } = judge;
  const progress = h("progress", { max: 1, value: 0, "aria-label": "tiles known" }), counter = h("span", { className: "camgan-reading" });
  const cancel = h("button", { type: "button" }, "stop"), save = h("button", { type: "button" }, "save as CSV");
  const working = h("div", { className: "camgan-progress", hidden: true }, progress, counter, cancel);
  const verdict = h("output", { className: "camgan-reading", "aria-live": "polite" });
  const map = makeMap(), tile = makeTile(model, judge, colours, judge.status);
  const legend = makeLegend(classes, (only) => {
    map.only(only);
    map.redraw();
  });
  let photo = null, at = [0, 0], run = { stopped: true }, pool = null, poolOf = null;

  const poolNow = async () => {
    if (poolOf !== judge.answering()) {
      pool?.close();
      pool = null;
      poolOf = judge.answering();
      pool = await makePool(model, poolOf);
    }
    return pool;
  };
  const restart = async () => {
    run.stopped = true;
    if (!photo || !judge.answering()) return;
    const mine = (run = { stopped: false }), began = performance.now();
    photo = tiled(photo.bitmap, photo.name, classes.length);
    map.open(photo);
    choose(...at);
    working.hidden = false;
    verdict.textContent = "";
    let known = 0, drawn = 0, waiting = [];
    const took = (part) => {
      known += part.length;
      waiting.push(...part);
      if (part[0][1] > 1) el.dataset.coarseMs = (performance.now() - began).toFixed(0);
      if (performance.now() - drawn < REDRAW) return;
      drawn = performance.now();
      map.paint(waiting);
      waiting = [];
      progress.value = known / photo.count;
      counter.textContent = `${known.toLocaleString("en")} of ${photo.count.toLocaleString("en")} tiles`;
      legend.update(votes(photo));
    };
    try {
      await mapTiles(photo, await poolNow(), mine, took);
    } catch (error) {
      if (!mine.stopped) judge.status.textContent = `The map can't be finished: ${error.message}.`;
      mine.stopped = true;
    }
    if (mine !== run) return;
    working.hidden = true;
    map.redraw();
    const said = votes(photo);
    legend.update(said);
    verdict.textContent = verdictWords(said, photo, classes, mine.stopped);
    el.dataset.mapMs = (performance.now() - began).toFixed(0);
  };
  const choose = (row, column) => {
    at = [Math.min(row, photo.rows - 1), Math.min(column, photo.columns - 1)];
    const [left, top] = photo.corner(at[0] * photo.columns + at[1]);
    map.mark(...at);
    tile.draw(photo.cut([at[0] * photo.columns + at[1]]), `tile at ${left}, ${top}`);
  };
  const open = (bitmap, name) => {
    photo = tiled(bitmap, name, classes.length);
    at = [photo.rows >> 1, photo.columns >> 1];
    field.said.textContent = `${name}: ${bitmap.width}×${bitmap.height} pixels, ${photo.columns}×${photo.rows} tiles`;
    shown.hidden = false;
    map.open(photo);
    restart();
  };
  const field = photoField("Photo", "Choose a photo or drop it here, at full size. It is read in this page and sent nowhere.", N, open);
  const demo = h("button", { type: "button", onclick: async () => open(await demoOf(model), "the book's demonstration picture") }, "no photo at hand: use a picture of the book's");
  field.box.append(demo, field.said);
  cancel.addEventListener("click", () => (run.stopped = true));
  save.addEventListener("click", () => saveTiles(photo, classes));
  steer(map.box, () => [photo.rows, photo.columns], () => at, choose);

  const opacity = slider(model, "opacity", "map over the photo", 0, 100, 5, (value) => `${value} %`);
  const fade = () => map.fade(model.get("opacity") / 100);
  model.on("change:opacity", fade);
  new MutationObserver(() => map.redraw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  fade();
  const shown = h("div", { hidden: true }, working, h("div", { className: "camgan-map-frame" }, map.box), legend.box, verdict, group("Map", opacity, save), tile.box);
  el.classList.add("camgan-live", "camgan-own-photo");
  el.append(field.box, group("Network", judge.control, judge.status), shown, meaning(classes, model.get("simulated")));
};

// The picture that comes with the page, as a bitmap.
const demoOf = (model) => {
  const [height, width] = model.get("demo_size"), canvas = h("canvas", { width, height });
  drawRgb(canvas, bytesOf(model.get("demo")));
  return createImageBitmap(canvas);
};

export default { render };
