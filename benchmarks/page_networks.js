// What benchmarks/page_networks.py runs in its page: the library's engine, and other libraries that do the same.

const CROP = 3072;
const levels = (count) => new Uint8Array(count * CROP).map((_, i) => ((i * 2654435761) >>> 9) & 255);

// Milliseconds of `times` calls of `work` after a few to warm up: the median and the least.
const timed = async (work, times) => {
  for (let i = 0; i < Math.min(3, times); i++) await work();
  const found = [];
  for (let i = 0; i < times; i++) {
    const began = performance.now();
    await work();
    found.push(performance.now() - began);
  }
  found.sort((a, b) => a - b);
  return { median: found[times >> 1], least: found[0] };
};

const model = { get: () => ABOUT, networkAt: (id) => new URL(`networks/${id}.js`, document.baseURI).href };

const measure = {
  async opened(id) {
    const began = performance.now();
    await openNetwork(model, id);
    return performance.now() - began;
  },
  async crop(kernels, times) {
    const net = await camganEngine().makeNetwork(await weightsOf(model, "classifier"), wasmModules(), kernels);
    return timed(() => net.logits(levels(1)), times);
  },
  async batch(kernels, times) {
    const net = await camganEngine().makeNetwork(await weightsOf(model, "classifier"), wasmModules(), kernels);
    return timed(() => net.logits(levels(12), 12), times);
  },
  async stylise(kernels, times) {
    const net = await camganEngine().makeNetwork(await weightsOf(model, "generator"), wasmModules(), kernels);
    return timed(() => net.stylise(levels(1)), times);
  },
  // Seconds for a photo of so many tiles, and the longest time for which the page did nothing else, in ms.
  async photo(tiles) {
    const pool = await makePool(model, "classifier"), photo = levels(tiles);
    const first = Math.min(96, tiles);
    await pool.logits(photo.subarray(0, first * CROP), first);
    let last = performance.now(), longest = 0;
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 4);
    const began = performance.now();
    await pool.logits(photo, tiles);
    const seconds = (performance.now() - began) / 1000;
    clearInterval(beat);
    pool.close();
    return { workers: pool.size, seconds, longest_pause_ms: longest };
  },
};

// --- the same network in other libraries

// The layers of the classifier, each convolution with its filters (outputs × inputs × 3 × 3) and bias.
const program = async () => {
  const bytes = await weightsOf(model, "classifier"), length = new DataView(bytes).getUint32(0, true);
  const block = bytes.slice(4 + length), values = ({ at, count }) => new Float32Array(block, at, count);
  const { layers } = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  return layers.map((each) => (each.weight ? { ...each, weight: values(each.weight), bias: values(each.bias) } : each));
};

// Thins out an image and adds channels of zeros, as a 1×1 convolution: filters outputs × inputs.
const thinned = (inputs, outputs) =>
  Float32Array.from({ length: inputs * outputs }, (_, i) => Number(i % inputs === ((i / inputs) | 0)));

const normalised = ({ mean, std }, count) =>
  Float32Array.from(levels(count), (v, i) => (v / 127.5 - 1 - mean[i % 3]) / std[i % 3]);

const others = {
  async tfjs(count, times) {
    const [first, ...layers] = await program();
    for (const each of layers)
      if (each.op === "conv") {
        each.filters = tf.transpose(tf.tensor(each.weight, [each.out, each.in, 3, 3]), [2, 3, 1, 0]);
        each.shift = tf.tensor1d(each.bias);
      } else if (each.op === "linear") each.filters = tf.transpose(tf.tensor(each.weight, [each.out, 64]));
    const filters = (values, shape) => tf.transpose(tf.tensor(values, shape), [2, 3, 1, 0]);
    const shortcuts = Object.fromEntries([16, 32].map((n) => [n, filters(thinned(n, 2 * n), [2 * n, n, 1, 1])]));
    const input = normalised(first, count);
    return timed(async () => {
      const logits = tf.tidy(() => {
        let x = tf.tensor(input, [count, 32, 32, 3]), saved;
        layers.forEach((layer, i) => {
          const activation = layers[i + 1]?.op === "relu" ? "relu" : "linear";
          const { stride: strides, filters: filter, shift: bias } = layer;
          if (layer.op === "save") saved = x;
          else if (layer.op === "conv") x = tf.fused.conv2d({ x, filter, strides, pad: 1, bias, activation });
          else if (layer.op === "add") {
            if (saved.shape[3] !== x.shape[3]) saved = tf.conv2d(saved, shortcuts[saved.shape[3]], 2, "valid");
            x = tf.relu(tf.add(x, saved));
          } else if (layer.op === "linear")
            x = tf.add(tf.matMul(tf.mean(x, [1, 2]), filter), tf.tensor1d(layer.bias));
        });
        return x;
      });
      const found = await logits.data();
      logits.dispose();
      return found;
    }, times);
  },
  async jax(count, times) {
    const { init, defaultDevice, jit, lax, nn, numpy: np } = await import("/jax/index.js");
    await init("wasm");
    defaultDevice("wasm");
    const [first, ...layers] = await program();
    const weights = [];
    const kept = (values, shape) => weights.push(np.array(values).reshape(shape)) - 1;
    for (const each of layers)
      if (each.weight) {
        const conv = each.op === "conv";
        each.at = kept(each.weight, conv ? [each.out, each.in, 3, 3] : [each.out, 64]);
        each.shift = kept(each.bias, conv ? [each.out, 1, 1] : [each.out]);
      }
    const shortcuts = Object.fromEntries([16, 32].map((n) => [n, kept(thinned(n, 2 * n), [2 * n, n, 1, 1])]));
    const network = jit((x, ...w) => {
      let saved;
      for (const layer of layers) {
        const s = layer.stride, pad = [[1, 1], [1, 1]], none = [[0, 0], [0, 0]];
        if (layer.op === "save") saved = x.ref;
        else if (layer.op === "conv")
          x = lax.convGeneralDilated(x, w[layer.at].ref, [s, s], pad).add(w[layer.shift].ref);
        else if (layer.op === "relu") x = nn.relu(x);
        else if (layer.op === "add") {
          const wide = saved.shape[1];
          if (wide !== x.shape[1]) saved = lax.convGeneralDilated(saved, w[shortcuts[wide]].ref, [2, 2], none);
          x = x.add(saved);
        } else if (layer.op === "linear")
          x = np.matmul(np.mean(x, [2, 3]), w[layer.at].ref.transpose()).add(w[layer.shift].ref);
      }
      return x;
    });
    const flat = normalised(first, count);
    const from = (i) => ((i / CROP) | 0) * CROP + (i % 1024) * 3 + (((i % CROP) / 1024) | 0);
    const planes = Float32Array.from(flat, (_, i) => flat[from(i)]);
    const input = () => np.array(planes).reshape([count, 3, 32, 32]);
    return timed(async () => network(input(), ...weights.map((w) => w.ref)).data(), times);
  },
};
