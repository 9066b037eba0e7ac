// The stages of a generator that is built as a camera, as camgan_lib/networks/camera_generator.py defines them.
// Pictures are lists of planes, Float64Array(side²), row by row.

const camganCamera = () => {
  const PERIOD = 16; // pixels after which mosaic and JPEG's blocks have come round
  const CELL = [0, 1, 1, 2]; // the channel that the mosaic measures at each place of its 2×2 cell
  const KERNEL = Array.from({ length: 25 }, (_, i) => {
    const far = [Math.abs(((i / 5) | 0) - 2), Math.abs((i % 5) - 2)].sort();
    return [[0, 1, 3], [1, 2, 4], [3, 4, 5]][far[0]][far[1]];
  });
  const clamp = (value, high = 1) => Math.min(high, Math.max(0, value));
  const mirror = (i, side) => (i < 0 ? -i : i >= side ? 2 * side - 2 - i : i);
  const rounded = (value) => {
    const whole = Math.round(value);
    return whole - value === 0.5 && whole % 2 ? whole - 1 : whole; // half a level to the even one, as PyTorch rounds
  };
  const sideOf = (plane) => Math.round(Math.sqrt(plane.length));
  // Three planes by a 3×3 matrix.
  const colours = (matrix, [a, b, c]) =>
    [0, 3, 6].map((row) => a.map((v, i) => matrix[row] * v + matrix[row + 1] * b[i] + matrix[row + 2] * c[i]));

  // A plane filtered by size×size numbers `at(row in the plane, column, number of the tap)`, mirrored at its borders.
  const windowed = (plane, size, at) => {
    const side = sideOf(plane), reach = size >> 1;
    return plane.map((_, i) => {
      const r = (i / side) | 0, c = i % side;
      let sum = 0;
      for (let tap = 0; tap < size * size; tap++) {
        const y = mirror(r + ((tap / size) | 0) - reach, side), x = mirror(c + (tap % size) - reach, side);
        sum += at(r, c, tap) * plane[y * side + x];
      }
      return sum;
    });
  };
  const filtered = (plane, values) => windowed(plane, 5, (r, c, tap) => values[KERNEL[tap]]);

  // What a camera draws for an image: where it begins in the grid, noise and its gain. The same for each image.
  const draws = (side, drawn) => {
    let state = 97;
    const uniform = () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
    const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    const corner = [0, 0].map(() => (["both", "phase"].includes(drawn) ? Math.floor(PERIOD * uniform()) : 0));
    const noisy = ["both", "noise"].includes(drawn) ? 1 : 0, area = (side + PERIOD) ** 2;
    return { corner, noise: Float64Array.from({ length: 4 * area }, () => noisy * normal()), gain: noisy * normal() };
  };

  // Display values in [−1, 1] of the mosaic's picture (3 planes, larger by PERIOD), the mosaic's places (4) and noise.
  const developed = (image, p, { corner, noise, gain }) => {
    const inner = sideOf(image[0]), side = inner + PERIOD, area = side ** 2;
    const from = Int32Array.from({ length: area }, (_, i) =>
      mirror(((i / side) | 0) - corner[0], inner) * inner + mirror((i % side) - corner[1], inner));
    const shown = image.map((plane) => Float64Array.from(from, (at) => (clamp((plane[at] + 1) / 2) + 1e-4) ** 2.2));
    const [shot, read, spread] = p.noise, strength = Math.exp(spread * gain);
    const deviation = (light) => Math.sqrt(strength * light * shot + (strength * read) ** 2);
    const light = colours(p.inverse, shown).map((plane, k) => {
      const behind = plane.map((v) => clamp(v)), added = filtered(behind, p.lens);
      return behind.map((v, i) => {
        const seen = clamp(v + added[i]);
        return seen + noise[k * area + i] * deviation(seen);
      });
    });
    const place = (i) => 2 * (((i / side) | 0) % 2) + ((i % side) % 2);
    const raw = light[0].map((_, i) => light[CELL[place(i)]][i]);
    const mixed = light.map((plane, k) => {
      const made = windowed(raw, 7, (r, c, tap) => p.filters[((2 * (r % 2) + (c % 2)) * 3 + k) * 49 + tap]);
      return plane.map((v, i) => v + p.mosaic * (made[i] - v));
    });
    const display = colours(p.matrix, mixed).map((plane) => {
      const detail = filtered(plane, p.blur);
      return plane.map((v, i) => {
        const smooth = v + p.denoising * Math.exp(-((detail[i] / (4 * deviation(clamp(v)))) ** 2)) * detail[i];
        return 2 * (clamp(smooth) + 1e-4) ** (1 / 2.2) - 1;
      });
    });
    const places = CELL.map((_, k) => raw.map((__, i) => Number(place(i) === k)));
    return [...display, ...places, noise.slice(3 * area, 4 * area)];
  };

  const wave = Array.from({ length: 64 }, (_, i) => {
    const k = (i / 8) | 0;
    return (Math.cos((Math.PI * (2 * (i % 8) + 1) * k) / 16) / 2) * (k ? 1 : Math.SQRT1_2);
  });

  // A plane of height×width after its blocks' cosine coefficients have been rounded to steps of a table.
  const quantised = (plane, width, table) => {
    const out = new Float64Array(plane.length), block = new Float64Array(64), half = new Float64Array(64);
    const product = (into, a, b) => {
      for (let i = 0; i < 64; i++) {
        into[i] = 0;
        for (let k = 0; k < 8; k++) into[i] += a((i / 8) | 0, k, i % 8) * b((i / 8) | 0, k, i % 8);
      }
    };
    for (let corner = 0; corner < plane.length; corner += 8) {
      if (((corner / width) | 0) % 8) continue;
      for (let i = 0; i < 64; i++) block[i] = plane[corner + ((i / 8) | 0) * width + (i % 8)];
      product(half, (r, k) => wave[8 * r + k], (r, k, c) => block[8 * k + c]);
      product(block, (r, k) => half[8 * r + k], (r, k, c) => wave[8 * c + k]);
      for (let i = 0; i < 64; i++) block[i] = table[i] * rounded(block[i] / table[i]);
      product(half, (r, k) => wave[8 * k + r], (r, k, c) => block[8 * k + c]);
      product(block, (r, k) => half[8 * r + k], (r, k, c) => wave[8 * k + c]);
      for (let i = 0; i < 64; i++) out[corner + ((i / 8) | 0) * width + (i % 8)] = rounded(block[i]);
    }
    return out;
  };

  // A chroma plane by way of a smaller one, `down` and `across` times.
  const subsampled = (plane, down, across, table) => {
    const side = sideOf(plane), width = side / across, height = side / down;
    const small = new Float64Array(width * height), part = 1 / (down * across);
    plane.forEach((v, i) => (small[((i / side / down) | 0) * width + (((i % side) / across) | 0)] += part * v));
    const kept = quantised(small.map(rounded), width, table);
    const between = (i, factor, size) => {
      if (factor === 1) return [i, i];
      return [i >> 1, Math.min(size - 1, Math.max(0, (i >> 1) + (i % 2 ? 1 : -1)))];
    };
    return plane.map((_, i) => {
      const [y, v] = between((i / side) | 0, down, height), [x, u] = between(i % side, across, width);
      const line = (row) => 0.75 * kept[row * width + x] + 0.25 * kept[row * width + u];
      return 0.75 * line(y) + 0.25 * line(v);
    });
  };

  // What JPEG keeps of display values, sharpened: planes smaller by PERIOD, in whole levels as values in [−1, 1].
  const compressed = (display, p, { corner }) => {
    const side = sideOf(display[0]), inner = side - PERIOD;
    const added = filtered(colours(p.grey, display)[0], p.sharpening);
    const levels = display.map((plane) => plane.map((v, i) => rounded(clamp((v + added[i] + 1) * 127.5, 255))));
    const [luma, ...chroma] = colours(p.grey, levels).map((plane) => plane.map(rounded));
    const tables = [p.tables.slice(0, 64), p.tables.slice(64)];
    const kept = quantised(luma.map((v) => v - 128), side, tables[0]).map((v) => v + 128);
    const photo = colours(p.back, [kept, ...chroma.map((plane) => subsampled(plane, ...p.way, tables[1]))]);
    return photo.map((plane) => new Float64Array(inner * inner).map((_, i) => {
      const at = (((i / inner) | 0) + corner[0]) * side + (i % inner) + corner[1];
      return rounded(clamp(plane[at], 255)) / 127.5 - 1;
    }));
  };

  return { PERIOD, draws, developed, compressed };
};
