// Spectra of 32×32 planes, as camgan_lib/measure/spectrum.py defines them: same window, normalisation, order and floor.
// Planes are Float64Array(1024), row by row; spectra are shifted: zero frequency at bin (16, 16), ½ cycle/pixel at 0.

const N = 32;
const FLOOR = 1e-6;
const ROUNDING = 1 / 12; // power of the rounding to 8 bits, in squared levels

const twiddles = Array.from({ length: N / 2 }, (_, k) => [Math.cos((2 * Math.PI * k) / N), Math.sin((2 * Math.PI * k) / N)]);
const reversed = Array.from({ length: N }, (_, i) => parseInt(i.toString(2).padStart(5, "0").split("").reverse().join(""), 2));

// In-place transform of 32 values at `start`, `stride` apart; sign −1 forward, +1 back (unnormalised).
const fftLine = (re, im, start, stride, sign) => {
  for (let i = 0; i < N; i++) {
    const j = reversed[i];
    if (j <= i) continue;
    const a = start + i * stride, b = start + j * stride;
    [re[a], re[b]] = [re[b], re[a]];
    [im[a], im[b]] = [im[b], im[a]];
  }
  for (let half = 1; half < N; half *= 2) {
    const step = N / (2 * half);
    for (let block = 0; block < N; block += 2 * half) {
      for (let k = 0; k < half; k++) {
        const [c, s] = twiddles[k * step];
        const a = start + (block + k) * stride, b = a + half * stride;
        const tr = re[b] * c - sign * im[b] * s, ti = im[b] * c + sign * re[b] * s;
        re[b] = re[a] - tr;
        im[b] = im[a] - ti;
        re[a] += tr;
        im[a] += ti;
      }
    }
  }
};

const fft2 = (re, im, sign) => {
  for (let row = 0; row < N; row++) fftLine(re, im, row * N, 1, sign);
  for (let column = 0; column < N; column++) fftLine(re, im, column, N, sign);
};

// Index in an unshifted transform of a bin of a shifted one.
const unshifted = (bin) => ((((bin / N) | 0) + N / 2) % N) * N + (((bin % N) + N / 2) % N);

const hannLine = Float64Array.from({ length: N }, (_, x) => 0.5 - 0.5 * Math.cos((2 * Math.PI * x) / N));
const WINDOWS = {
  none: new Float64Array(N * N).fill(1),
  Hann: Float64Array.from({ length: N * N }, (_, i) => hannLine[(i / N) | 0] * hannLine[i % N]),
};
const sumOf = (values) => values.reduce((a, b) => a + b, 0);
const WEIGHTS = Object.fromEntries(
  Object.entries(WINDOWS).map(([name, w]) => [name, { w, sum: sumOf(w), squares: sumOf(w.map((x) => x * x)) }])
);

// What the four neighbours do not predict of a pixel, borders mirrored.
const highPass = (plane) => {
  const at = (i) => (i < 0 ? 1 : i >= N ? N - 2 : i);
  const out = new Float64Array(N * N);
  for (let y = 0; y < N; y++)
    for (let x = 0; x < N; x++)
      out[y * N + x] =
        (plane[at(y - 1) * N + x] + plane[at(y + 1) * N + x] + plane[y * N + at(x - 1)] + plane[y * N + at(x + 1)]) / 4 -
        plane[y * N + x];
  return out;
};

const logVariance = (plane) => highPass(plane).map((e) => Math.log1p(Math.abs(e)));

// The level of a plane: its shifted |F|² above `floor`, in dB. The floor of 8-bit levels is ROUNDING, of the log-variance 0.
const levelOf = (plane, window, floor) => {
  const { w, sum, squares } = WEIGHTS[window], level = new Float64Array(N * N);
  let mean = 0;
  for (let i = 0; i < N * N; i++) mean += w[i] * plane[i];
  mean /= sum;
  const re = new Float64Array(N * N), im = new Float64Array(N * N);
  for (let i = 0; i < N * N; i++) re[i] = w[i] * (plane[i] - mean);
  fft2(re, im, -1);
  for (let bin = 0; bin < N * N; bin++) {
    const i = unshifted(bin);
    level[bin] = 10 * Math.log10(Math.max((re[i] * re[i] + im[i] * im[i]) / squares + floor, FLOOR));
  }
  return level;
};

// The plane with only the bins of a shifted mask `keep` (1024 booleans); its mean always stays.
const filtered = (plane, keep) => {
  const re = Float64Array.from(plane), im = new Float64Array(N * N);
  fft2(re, im, -1);
  for (let bin = 0; bin < N * N; bin++) {
    const i = unshifted(bin);
    if (i !== 0 && !keep[bin]) re[i] = im[i] = 0;
  }
  fft2(re, im, 1);
  return re.map((value) => value / (N * N));
};

// Frequencies of a bin in cycles/pixel, [down, across], and the bin of the opposite frequency.
const frequency = (bin) => [((bin / N) | 0) / N - 0.5, (bin % N) / N - 0.5];
const radius = (bin) => Math.hypot(...frequency(bin));
const opposite = (bin) => ((N - ((bin / N) | 0)) % N) * N + ((N - (bin % N)) % N);
