// The kernels of kernels.c in plain JavaScript, for browsers that have no vectors in WASM.

// `heap.slot` is the address of the numbers that say what to do, `Convolution` or `Border` in kernels.c.
const camganPlain = (heap) => {
  const floats = (addresses) => addresses.map((bytes) => bytes >> 2);
  return {
    direct() {
      const of = heap.i32.subarray(heap.slot >> 2), f = heap.f32;
      const [x, xRow, xImage, xPixel, y, yRow, yImage, add, addRow, addImage, addPixel] = floats(of.subarray(0, 11));
      const [addChannels, , , inputs, outputs, size, side, count, relu] = of.subarray(11);
      const weights = of[12] >> 2, bias = of[13] >> 2, line = size * inputs, down = xRow * (xPixel / inputs);
      const sums = new Float64Array(8);
      for (let image = 0; image < count; image++)
        for (let row = 0; row < side; row++)
          for (let column = 0; column < side; column++) {
            const window = x + image * xImage + row * down + column * xPixel;
            const to = y + image * yImage + row * yRow + column * outputs;
            const added = add + image * addImage + row * addRow + column * addPixel;
            for (let first = 0; first < outputs; first += 8) {
              let w = weights + first * size * line;
              let a = 0, b = 0, c = 0, d = 0, e = 0, g = 0, h = 0, i = 0;
              for (let tap = 0; tap < size; tap++)
                for (let at = window + tap * xRow, end = at + line; at < end; at++, w += 8) {
                  const v = f[at];
                  a += v * f[w]; b += v * f[w + 1]; c += v * f[w + 2]; d += v * f[w + 3];
                  e += v * f[w + 4]; g += v * f[w + 5]; h += v * f[w + 6]; i += v * f[w + 7];
                }
              sums[0] = a; sums[1] = b; sums[2] = c; sums[3] = d; sums[4] = e; sums[5] = g; sums[6] = h; sums[7] = i;
              for (let o = first; o < first + 8 && o < outputs; o++) {
                const sum = sums[o - first] + f[bias + o] + (add && o < addChannels ? f[added + o] : 0);
                f[to + o] = relu && sum < 0 ? 0 : sum;
              }
            }
          }
    },
    border() {
      const of = heap.i32.subarray(heap.slot >> 2), f = heap.f32;
      const [x, row, image, pixel] = floats(of.subarray(0, 4));
      const [side, before, after, reflect, count] = of.subarray(4);
      const fill = (to, from, length) => (reflect ? f.copyWithin(to, from, from + length) : f.fill(0, to, to + length));
      for (let number = 0; number < count; number++) {
        const corner = x + number * image, last = side - 1;
        for (let r = 0, at = corner; r < side; r++, at += row) {
          for (let i = 1; i <= before; i++) fill(at - i * pixel, at + i * pixel, pixel);
          for (let i = 1; i <= after; i++) fill(at + (last + i) * pixel, at + (last - i) * pixel, pixel);
        }
        const left = corner - before * pixel, length = (side + before + after) * pixel;
        for (let i = 1; i <= before; i++) fill(left - i * row, left + i * row, length);
        for (let i = 1; i <= after; i++) fill(left + (last + i) * row, left + (last - i) * row, length);
      }
    },
  };
};
