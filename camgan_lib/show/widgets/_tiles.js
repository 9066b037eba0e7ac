// uses: panels bars photo
// A photo as tiles of 32×32 pixels: what a classifier says of each, asked in workers; their vote; the map that shows them.

const BATCH = 36; // tiles that a worker gets at once: a multiple of what the engine takes together
const UNKNOWN = 255;
const FLAT = 2, DARK = 5, BRIGHT = 250; // levels of green: standard deviation, and what counts as dark or blown out

// The numbers of tiles in rows × columns, spread evenly: every eighth of each row and column first, then every fourth …
// Each with the side of the square that it stands for until finer ones are known.
const spreadTiles = (rows, columns) => {
  const order = [];
  for (const step of [8, 4, 2, 1])
    for (let row = 0; row < rows; row += step)
      for (let column = 0; column < columns; column += step)
        if (step === 8 || row % (2 * step) || column % (2 * step)) order.push([row * columns + column, step]);
  return order;
};

// Whether a tile (RGB bytes from `start`) carries little of any camera: flat, or mostly dark or blown out.
const carriesLittle = (rgb, start) => {
  let sum = 0, squares = 0, clipped = 0;
  for (let i = start + 1; i < start + imageSize; i += 3) {
    sum += rgb[i];
    squares += rgb[i] * rgb[i];
    clipped += rgb[i] < DARK || rgb[i] > BRIGHT;
  }
  const n = N * N, mean = sum / n;
  return squares / n - mean * mean < FLAT * FLAT || clipped > n / 2;
};

// A photo cut into whole tiles, and what is known of each.
const tiled = (bitmap, name, classes) => {
  const rows = Math.floor(bitmap.height / N), columns = Math.floor(bitmap.width / N), count = rows * columns;
  const odds = new Float32Array(count * classes), decided = new Uint8Array(count).fill(UNKNOWN), little = new Uint8Array(count);
  const cut = cutter(bitmap, N), corner = (tile) => [(tile % columns) * N, Math.floor(tile / columns) * N];
  return { bitmap, name, rows, columns, count, classes, odds, decided, little, corner, cut: (tiles) => cut(tiles.map(corner)) };
};

// Asks a pool about all tiles; `took(part)` hears which ones are known. It ends early when `run.stopped` is set.
const mapTiles = async (photo, pool, run, took) => {
  const order = spreadTiles(photo.rows, photo.columns), classes = photo.classes;
  let next = 0;
  const one = async () => {
    while (next < order.length && !run.stopped) {
      const part = order.slice(next, (next += BATCH)), tiles = part.map(([tile]) => tile);
      const rgb = photo.cut(tiles);
      tiles.forEach((tile, i) => (photo.little[tile] = carriesLittle(rgb, i * imageSize)));
      const logits = await pool.logits(rgb, tiles.length);
      if (run.stopped) return;
      tiles.forEach((tile, i) => {
        const odds = probabilities(logits.subarray(i * classes, (i + 1) * classes));
        photo.odds.set(odds, tile * classes);
        photo.decided[tile] = highest(Array.from(odds));
      });
      took(part);
    }
  };
  await Promise.all(Array.from({ length: 2 * pool.size }, one));
};

// Tiles known, tiles that carry little, tiles per class among the others, and the class that these vote for.
const votes = ({ count, classes, odds, decided, little }) => {
  const tiles = new Array(classes).fill(0), sums = new Array(classes).fill(0);
  let known = 0, faint = 0;
  for (let tile = 0; tile < count; tile++) {
    if (decided[tile] === UNKNOWN) continue;
    known += 1;
    if (little[tile]) faint += 1;
    else {
      tiles[decided[tile]] += 1;
      for (let k = 0; k < classes; k++) sums[k] += Math.log(Math.max(odds[tile * classes + k], 1e-30));
    }
  }
  return { known, faint, tiles, counted: known - faint, vote: known > faint ? highest(sums) : -1 };
};

// --- the map

const hatching = () => {
  const canvas = new OffscreenCanvas(6, 6), context = canvas.getContext("2d");
  context.strokeStyle = "#888";
  context.lineWidth = 1.4;
  for (const at of [-6, 0, 6]) context.stroke(new Path2D(`M${at} 6L${at + 6} 0`));
  return context.createPattern(canvas, "repeat");
};

// A colour as a canvas takes it.
const plainColour = (k) => {
  const label = k % CAMERA_COLOURS.length;
  return getComputedStyle(document.documentElement).getPropertyValue(`--camgan-camera-${label + 1}`) || CAMERA_COLOURS[label];
};

const makeMap = () => {
  const under = h("canvas", { "aria-hidden": "true" }), over = h("canvas", { "aria-hidden": "true" });
  const marks = ["is-halo", "is-chosen"].map((name) => svgOf("path", { class: name }));
  const cursor = svgOf("svg", { class: "camgan-overlay", "aria-hidden": "true" }, ...marks);
  const words = "Map of tiles; arrow keys choose a tile";
  const box = h("div", { className: "camgan-map", tabIndex: 0, role: "application", "aria-label": words }, under, over, cursor);
  let photo = null, cell = 1, only = -1, colours = [];
  const hatch = hatching();
  const paint = (tile, side) => {
    const context = over.getContext("2d"), k = photo.decided[tile];
    const area = [(tile % photo.columns) * cell, Math.floor(tile / photo.columns) * cell, side * cell, side * cell];
    context.clearRect(...area);
    if (k === UNKNOWN || (only >= 0 && (k !== only || photo.little[tile]))) return;
    context.fillStyle = photo.little[tile] ? hatch : (colours[k] ??= plainColour(k));
    context.fillRect(...area);
  };
  return {
    box,
    paint: (part) => part.forEach(([tile, side]) => paint(tile, side)),
    redraw() {
      colours = [];
      photo?.decided.forEach((_, tile) => paint(tile, 1));
    },
    only: (k) => (only = k),
    fade: (share) => (over.style.opacity = share),
    mark: (row, column) => marks.forEach((each) => each.setAttribute("d", `M${column} ${row}h1v1h-1z`)),
    open(opened) {
      photo = opened;
      cell = Math.max(2, Math.floor(900 / photo.columns));
      for (const each of [under, over]) {
        each.width = photo.columns * cell;
        each.height = photo.rows * cell;
      }
      box.style.aspectRatio = `${photo.columns} / ${photo.rows}`;
      cursor.setAttribute("viewBox", `0 0 ${photo.columns} ${photo.rows}`);
      under.getContext("2d").drawImage(photo.bitmap, 0, 0, photo.columns * N, photo.rows * N, 0, 0, under.width, under.height);
    },
  };
};

// Buttons, one per class: its share of the tiles; a pressed one shows its tiles alone.
const makeLegend = (classes, chosen) => {
  let only = -1;
  const items = classes.map((name, k) => {
    const swatch = h("span", { className: "camgan-dot" }), share = h("span", {});
    swatch.style.background = cameraColour(k);
    const button = h("button", { type: "button", "aria-pressed": "false" }, swatch, h("span", {}, name), share);
    button.addEventListener("click", () => {
      only = only === k ? -1 : k;
      items.forEach(({ button }, i) => button.setAttribute("aria-pressed", String(i === only)));
      chosen(only);
    });
    return { button, share };
  });
  const faint = h("span", { className: "camgan-faint" });
  const box = h("div", { className: "camgan-legend-row camgan-shares", role: "group", "aria-label": "Shares of the tiles; press one to see its tiles alone" }, ...items.map(({ button }) => button), faint);
  const update = ({ tiles, counted, faint: few }) => {
    items.forEach(({ share }, k) => (share.textContent = counted ? percent(tiles[k] / counted) : "–"));
    faint.textContent = few ? `▨ ${few.toLocaleString("en")} tile${few > 1 ? "s" : ""} flat, dark or blown out: they carry little and have no vote` : "";
  };
  return { box, update };
};
