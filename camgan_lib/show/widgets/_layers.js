// What a network does to images of one size, step by step, and where in memory: each layer of its program is laid out
// once. Convolutions and margins are the kernels' work, all else is cheap and done here.

// `layers`: as `_engine.js` has prepared them. Activations lie channels last, each pixel's channels filled up with
// zeros to a multiple of four, with a margin around each image that convolutions read.
const camganLayers = (layers, { heap, kernels }, read, side, count) => {
  const CONVOLUTION = ["x", "xRow", "xImage", "xPixel", "y", "yRow", "yImage", "add", "addRow", "addImage", "addPixel",
    "addChannels", "weights", "bias", "inputs", "outputs", "size", "side", "count", "relu", "scratch", "chunk"];
  const BORDER = ["x", "row", "image", "pixel", "side", "before", "after", "reflect", "count"];
  const SCRATCH = 1 << 17; // bytes that a Winograd kernel may use, so that they stay in the processor's second cache

  const margin = Math.max(0, ...layers.filter((l) => l.op === "conv").map((l) => Math.max(...l.pad)));
  const free = new Map(), steps = [], saved = [], winograd = [];
  let x, logits, camera, drawn;

  const take = (side, channels) => {
    const pixel = 4 * ((channels + 3) & ~3), row = (side + 2 * margin) * pixel, image = (side + 2 * margin) * row;
    const at = free.get(count * image)?.pop() ?? heap.take(count * image);
    return { at, bytes: count * image, inside: at + margin * (row + pixel), side, channels, pixel, row, image };
  };
  const release = (a) => {
    if (!saved.includes(a)) free.set(a.bytes, [...(free.get(a.bytes) ?? []), a.at]);
  };
  const become = (y) => {
    release(x);
    x = y;
  };
  const call = (kernel, names, values) => {
    const numbers = Int32Array.from(names, (name) => Number(values[name] ?? 0));
    steps.push(() => {
      heap.i32.set(numbers, heap.slot >> 2);
      kernels[kernel](heap.slot);
    });
    return numbers;
  };

  // Where a pixel's first channel lies, as an index of floats.
  const place = ({ inside, row, image, pixel }, n, r, c) => (inside + n * image + r * row + c * pixel) >> 2;
  const pixels = (of, touch) => {
    for (let n = 0; n < count; n++)
      for (let r = 0; r < of.side; r++)
        for (let c = 0, at = place(of, n, r, 0); c < of.side; c++, at += of.pixel >> 2) touch(at, n, r, c);
  };
  // A step that changes each value of x by itself: `change(value, channel, image)`.
  const each = (change) => {
    const y = x;
    steps.push(() => pixels(y, (at, n) => {
      for (let k = 0; k < y.channels; k++) heap.f32[at + k] = change(heap.f32[at + k], k, n);
    }));
  };
  // A step that makes a new activation: `make(index to fill, image, row, column)` for each pixel.
  const make = (side, channels, write) => {
    const from = x, y = take(side, channels);
    steps.push(() => pixels(y, (at, n, r, c) => write(at, from, n, r, c)));
    become(y);
  };
  // A step of a camera, which works on an image's planes.
  const staged = (side, channels, layer, stage) => {
    const from = x, y = take(side, channels);
    const numbers = Object.fromEntries(Object.entries(layer).map(([k, v]) => [k, v.type ? read(v) : v]));
    steps.push(() => {
      const planes = [0, 1, 2].map(() => new Float64Array(from.side ** 2));
      pixels(from, (at, n, r, c) => planes.forEach((plane, k) => (plane[r * from.side + c] = heap.f32[at + k])));
      const made = stage(planes, numbers, drawn);
      pixels(y, (at, n, r, c) => made.forEach((plane, k) => (heap.f32[at + k] = plane[r * side + c])));
    });
    become(y);
  };
  const copied = (to, from, wide) => heap.f32.copyWithin(to, from, from + wide);

  const kinds = {
    conv(layer) {
      const [before, after] = layer.pad, { reflect, relu } = layer, from = x;
      const y = take(Math.floor((from.side + before + after - layer.size) / layer.stride) + 1, layer.out);
      if (before + after) call("border", BORDER, { ...from, x: from.inside, before, after, reflect, count });
      const corner = from.inside - before * (from.row + from.pixel);
      const values = {
        x: corner, xRow: from.row, xImage: from.image, xPixel: layer.stride * from.pixel,
        y: y.inside, yRow: y.row, yImage: y.image, weights: layer.weights, bias: layer.bias,
        inputs: from.pixel >> 2, outputs: y.pixel >> 2, size: layer.size, side: y.side, count, relu,
      };
      if (layer.add) {
        const s = saved.pop(), step = s.side / y.side; // a larger one is thinned out, a narrower one gets zeros
        const added = { add: s.inside, addRow: step * s.row, addImage: s.image, addPixel: step * s.pixel };
        Object.assign(values, { ...added, addChannels: s.pixel >> 2 });
        release(s);
      }
      if (layer.transformed && y.side % 4 === 0) {
        const tile = 36 * (from.pixel + y.pixel), tiles = count * (y.side / 4) ** 2;
        const chunk = Math.min(tiles, 12 * Math.max(1, Math.floor(SCRATCH / (12 * tile))));
        const numbers = call("winograd", CONVOLUTION, { ...values, weights: layer.transformed, chunk });
        winograd.push({ numbers, bytes: chunk * tile });
      } else call("direct", CONVOLUTION, values);
      become(y);
    },
    save: () => saved.push(x),
    add() {
      const s = saved.pop(), y = x;
      steps.push(() => pixels(y, (at, n, r, c) => {
        for (let k = 0, from = place(s, n, r, c); k < y.channels; k++) heap.f32[at + k] += heap.f32[from + k];
      }));
      release(s);
    },
    relu: () => each((value) => Math.max(0, value)),
    tanh: () => each(Math.tanh),
    affine(layer) {
      const scale = read(layer.scale), shift = read(layer.shift);
      each((value, k) => value * scale[k] + shift[k]);
    },
    instance(layer) {
      const { channels } = x, area = x.side ** 2, scale = read(layer.scale), shift = read(layer.shift);
      const means = new Float64Array(count * channels), variances = new Float64Array(count * channels);
      const at = (n, k) => n * channels + k;
      steps.push(() => (means.fill(0), variances.fill(0)));
      each((value, k, n) => ((means[at(n, k)] += value / area), value));
      each((value, k, n) => ((variances[at(n, k)] += (value - means[at(n, k)]) ** 2 / area), value));
      const normal = (value, i) => (value - means[i]) / Math.sqrt(variances[i] + layer.eps);
      each((value, k, n) => normal(value, at(n, k)) * scale[k] + shift[k]);
    },
    // Twice the size: zeros between the pixels, as a transposed convolution takes them; or interpolated.
    zeros: () => make(2 * x.side, x.channels, (at, from, n, r, c) => {
      if (r % 2 || c % 2) heap.f32.fill(0, at, at + (from.pixel >> 2));
      else copied(at, place(from, n, r >> 1, c >> 1), from.pixel >> 2);
    }),
    nearest: () => make(2 * x.side, x.channels, (at, from, n, r, c) =>
      copied(at, place(from, n, r >> 1, c >> 1), from.pixel >> 2)),
    bilinear() {
      const last = x.side - 1, f = () => heap.f32;
      const far = (i) => Math.min(last, Math.max(0, (i >> 1) + (i % 2 ? 1 : -1)));
      make(2 * x.side, x.channels, (at, from, n, r, c) => {
        const near = place(from, n, r >> 1, c >> 1), corner = place(from, n, far(r), far(c));
        const beside = place(from, n, r >> 1, far(c)), above = place(from, n, far(r), c >> 1);
        for (let k = 0; k < from.pixel >> 2; k++)
          f()[at + k] = (9 * f()[near + k] + 3 * (f()[beside + k] + f()[above + k]) + f()[corner + k]) / 16;
      });
    },
    // Four channels to a square of 2×2 pixels.
    shuffle() {
      const channels = x.channels / 4;
      make(2 * x.side, channels, (at, from, n, r, c) => {
        const there = place(from, n, r >> 1, c >> 1) + 2 * (r % 2) + (c % 2);
        heap.f32.fill(0, at, at + ((channels + 3) & ~3));
        for (let k = 0; k < channels; k++) heap.f32[at + k] = heap.f32[there + 4 * k];
      });
    },
    // A generator that is built as a camera: its first stages, its network's gains by place, its last stages.
    develop(layer) {
      camera = camganCamera();
      drawn = camera.draws(x.side, layer.drawn);
      staged(x.side + camera.PERIOD, 8, layer, camera.developed);
    },
    placed(layer) {
      const y = x, gains = read(layer.gains);
      steps.push(() => pixels(y, (at, n, r, c) => {
        const first = (2 * (r % 2) + (c % 2)) * y.channels;
        for (let k = 0; k < y.channels; k++) heap.f32[at + k] *= gains[first + k];
      }));
    },
    compress: (layer) => staged(x.side - camera.PERIOD, 3, layer, camera.compressed),
    // The mean over an image's pixels, and a linear layer: logits.
    linear(layer) {
      const { channels } = x, area = x.side ** 2, weights = read(layer.weight), bias = read(layer.bias);
      const means = new Float64Array(count * channels), found = new Float32Array(count * layer.out);
      steps.push(() => means.fill(0));
      each((value, k, n) => ((means[n * channels + k] += value / area), value));
      steps.push(() => {
        for (let i = 0; i < found.length; i++) {
          const first = ((i / layer.out) | 0) * channels, row = (i % layer.out) * channels;
          found[i] = bias[i % layer.out];
          for (let k = 0; k < channels; k++) found[i] += means[first + k] * weights[row + k];
        }
      });
      logits = found;
    },
  };

  let mean = [0, 0, 0], std = [1, 1, 1];
  const input = (x = take(side, 3));
  for (const layer of layers) {
    if (layer.op === "normalise") ({ mean, std } = layer);
    else if (Object.hasOwn(kinds, layer.op)) kinds[layer.op](layer);
    else throw new Error(`this page can't compute a layer of kind ${layer.op}`);
  }
  const output = x, scratch = heap.take(Math.max(0, ...winograd.map(({ bytes }) => bytes)));
  for (const { numbers } of winograd) numbers[CONVOLUTION.indexOf("scratch")] = scratch;

  return {
    // Takes images as levels, count × side × side × 3. `draws`: what a camera draws for the image, if not its own.
    run(levels, draws) {
      let next = 0;
      drawn = draws ?? drawn;
      pixels(input, (at) => {
        for (let k = 0; k < 3; k++) heap.f32[at + k] = (levels[next++] / 127.5 - 1 - mean[k]) / std[k];
        heap.f32[at + 3] = 0;
      });
      for (const step of steps) step();
    },
    logits: () => logits.slice(),
    // Levels of the stylised images: rounded, and half a level to the even one, as PyTorch rounds.
    picture() {
      const levels = new Uint8ClampedArray(count * side * side * 3);
      let next = 0;
      pixels(output, (at) => {
        for (let k = 0; k < 3; k++) levels[next++] = (heap.f32[at + k] + 1) * 127.5;
      });
      return levels;
    },
  };
};
