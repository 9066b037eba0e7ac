// uses: plain, camera, layers
// Runs a network in the page or in a worker: a program of layers and their weights, as networks.py writes them.

// A worker is made of the text of this function and of those that it uses.
const camganEngine = () => {
  const BATCH = 12; // crops that go through the layers together

  // --- memory and kernels

  const heapOf = (memory, start) => {
    const heap = {
      end: start,
      // The address of `bytes` bytes that are free from now on, a multiple of 16.
      take(bytes) {
        const at = (heap.end + 15) & ~15;
        heap.end = at + bytes;
        const lacking = heap.end - memory.buffer.byteLength;
        if (lacking > 0) memory.grow(Math.ceil(lacking / 65536));
        if (heap.f32?.buffer !== memory.buffer) {
          heap.f32 = new Float32Array(memory.buffer);
          heap.i32 = new Int32Array(memory.buffer);
        }
        return at;
      },
      put(values) {
        const at = heap.take(4 * values.length);
        heap.f32.set(values, at >> 2);
        return at;
      },
    };
    heap.slot = heap.take(128); // what a kernel is told
    return heap;
  };

  const plainMemory = () => ({
    buffer: new ArrayBuffer(1 << 20),
    grow(pages) {
      const larger = new Uint8Array(this.buffer.byteLength + 65536 * pages);
      larger.set(new Uint8Array(this.buffer));
      this.buffer = larger.buffer;
    },
  });

  // A memory, and the fastest kernels that the browser can run. `only` names one kind: "relaxed", "simd" or "plain".
  const makeMachine = async (modules, only) => {
    const valid = (kind) => typeof WebAssembly === "object" && WebAssembly.validate(modules[kind]);
    const kind = only ?? Object.keys(modules).find(valid) ?? "plain";
    if (kind === "plain") {
      const heap = heapOf(plainMemory(), 0);
      return { kind, heap, kernels: camganPlain(heap) };
    }
    const memory = new WebAssembly.Memory({ initial: 16 });
    const { instance } = await WebAssembly.instantiate(modules[kind], { env: { memory } });
    return { kind, heap: heapOf(memory, instance.exports.__heap_base.value), kernels: instance.exports };
  };

  // --- the program and its weights

  const float16 = (u) => {
    const exponent = (u >> 10) & 31, rest = (u & 1023) / 1024;
    return (u & 0x8000 ? -1 : 1) * (exponent ? 2 ** (exponent - 15) * (1 + rest) : 2 ** -14 * rest);
  };

  const reader = (block) => ({ at, count, type, step }) => {
    if (type === "f4") return new Float32Array(block, at, count);
    if (type === "f2") return Float32Array.from(new Uint16Array(block, at, count), float16);
    const steps = new Float32Array(block, step.at, step.count), each = count / step.count;
    return Float32Array.from(new Int8Array(block, at, count), (q, i) => q * steps[(i / each) | 0]);
  };

  // The layers with fewer steps: a convolution takes in the reflection before it, and after it a scale and shift, a sum
  // with what was saved, and ReLU, in this order.
  const fused = (layers) => {
    const out = [];
    for (const layer of layers) {
      const last = out.at(-1), open = last?.op === "conv" && !last.relu;
      if (layer.op === "conv" && last?.op === "reflect")
        out.splice(-1, 1, { ...layer, pad: [last.margin, last.margin], reflect: true });
      else if (open && !last.add && !last.affine && layer.op === "affine") last.affine = layer;
      else if (open && !last.add && layer.op === "add") last.add = true;
      else if (open && layer.op === "relu") last.relu = true;
      else out.push({ ...layer });
    }
    return out;
  };

  const G = [[1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6], [0, 0, 1]];

  // For `winograd`: 36 × blocks of 8 outputs × inputs × 8 of 3×3 filters `at(output, input, tap)`.
  const transformed = (at, inputs, outputs) => {
    const into = new Float32Array(36 * inputs * outputs), lines = new Float64Array(18);
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < inputs; i++) {
        for (let u = 0; u < 18; u++) {
          const row = G[(u / 3) | 0], x = u % 3;
          lines[u] = row[0] * at(o, i, x) + row[1] * at(o, i, 3 + x) + row[2] * at(o, i, 6 + x);
        }
        for (let f = 0; f < 36; f++) {
          const line = 3 * ((f / 6) | 0), row = G[f % 6];
          into[((f * (outputs >> 3) + (o >> 3)) * inputs + i) * 8 + (o & 7)] =
            lines[line] * row[0] + lines[line + 1] * row[1] + lines[line + 2] * row[2];
        }
      }
    return into;
  };

  // For `direct`: blocks of 8 outputs × taps × inputs (to a multiple of 4) × 8.
  const arranged = (at, inputs, outputs, taps) => {
    const wide = (inputs + 3) & ~3, into = new Float32Array(taps * wide * ((outputs + 7) & ~7));
    for (let o = 0; o < outputs; o++)
      for (let tap = 0; tap < taps; tap++)
        for (let i = 0; i < inputs; i++) into[(((o >> 3) * taps + tap) * wide + i) * 8 + (o & 7)] = at(o, i, tap);
    return into;
  };

  // Puts a convolution's weights into memory, times the scale after it.
  const prepare = (layer, read, { heap, kernels }) => {
    const taps = layer.size ** 2, weights = read(layer.weight), bias = new Float32Array((layer.out + 7) & ~7);
    if (layer.bias) bias.set(read(layer.bias));
    const scale = layer.affine ? read(layer.affine.scale) : new Float32Array(layer.out).fill(1);
    if (layer.affine) read(layer.affine.shift).forEach((shift, o) => (bias[o] = bias[o] * scale[o] + shift));
    const at = (o, i, tap) => weights[(o * layer.in + i) * taps + tap] * scale[o];
    const eights = layer.in % 8 === 0 && layer.out % 8 === 0;
    if (kernels.winograd && layer.size === 3 && layer.stride === 1 && eights)
      layer.transformed = heap.put(transformed(at, layer.in, layer.out));
    layer.weights = heap.put(arranged(at, layer.in, layer.out, taps));
    layer.bias = heap.put(bias);
  };

  // --- networks

  const classifier = (plan) => ({
    // Logits of crops, count × 32 × 32 × 3 levels from 0 to 255.
    logits(levels, count = 1) {
      if (levels.length !== count * 3072)
        throw new Error(`a classifier takes crops of 32 × 32 × 3 levels, got ${levels.length}`);
      const parts = [];
      for (let first = 0; first < count; first += BATCH) {
        const { run, logits } = plan(32, Math.min(BATCH, count - first));
        run(levels.subarray(3072 * first, 3072 * (first + BATCH)));
        parts.push(...logits());
      }
      return Float32Array.from(parts);
    },
  });

  const generator = (plan, { multiple = 4 }) => ({
    // The stylised image in whole levels, of an image of side × side × 3 levels. The side is a multiple of 4, for a
    // generator that is built as a camera one of 16.
    stylise(levels, side = 32, draws) {
      if (side % multiple || levels.length !== side * side * 3)
        throw new Error(`a generator takes side² × 3 levels, the side a multiple of ${multiple}, got ${levels.length}`);
      const { run, picture } = plan(side, 1);
      run(levels, draws);
      return picture();
    },
  });

  // A network from its bytes (an ArrayBuffer) and the kernels' modules by kind.
  const makeNetwork = async (bytes, modules, only) => {
    const length = bytes.byteLength > 4 ? new DataView(bytes).getUint32(0, true) : 0;
    if (!length || 4 + length > bytes.byteLength) throw new Error("these bytes are no network");
    const program = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
    const machine = await makeMachine(modules, only), { heap } = machine;
    const layers = fused(program.layers), read = reader(bytes.slice(4 + length));
    for (const layer of layers) if (layer.op === "conv") prepare(layer, read, machine);
    const start = heap.end, plans = new Map();
    const plan = (side, count) => {
      const key = `${side} ${count}`;
      if (!plans.has(key)) {
        heap.end = start; // all plans use the memory behind the weights: one runs at a time
        plans.set(key, camganLayers(layers, machine, read, side, count));
      }
      return plans.get(key);
    };
    return { kind: program.kind, kernels: machine.kind, ...{ classifier, generator }[program.kind](plan, program) };
  };

  return { makeNetwork };
};
