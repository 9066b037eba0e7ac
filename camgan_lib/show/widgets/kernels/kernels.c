// The convolutions of the networks in a page: float32, channels last, four channels to a vector.
//
// An activation is count × side × side pixels of `channels` floats (a multiple of 4), each image with a margin around
// it; convolutions read the margin and write only what is inside. Addresses and strides are in bytes.

#include <wasm_simd128.h>

typedef v128_t V;

typedef struct {
  int x, xRow, xImage, xPixel;  // the first window's corner; steps to the next row, image and pixel of the output
  int y, yRow, yImage;
  int add, addRow, addImage, addPixel, addChannels;  // what is added to the first channels of the output; add 0: nothing
  int weights, bias, inputs, outputs, size, side, count, relu;  // side: of the output
  int scratch, chunk;  // of `winograd`: room for 36 × chunk × (inputs + outputs) floats
} Convolution;

typedef struct {
  int x, row, image, pixel, side, before, after, reflect, count;  // x: the first pixel inside the margin
} Border;

#ifdef RELAXED
#define MADD(a, b, c) __builtin_wasm_relaxed_madd_f32x4(a, b, c)
#else
#define MADD(a, b, c) wasm_f32x4_add(c, wasm_f32x4_mul(a, b))
#endif
#define EXPORT(name) __attribute__((export_name(name)))
#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")
#define AT(address) ((const char *)(address))

INLINE V load(const char *at) { return wasm_v128_load(at); }
INLINE V times(V a, float b) { return wasm_f32x4_mul(a, wasm_f32x4_splat(b)); }
INLINE V add(V a, V b) { return wasm_f32x4_add(a, b); }
INLINE V sub(V a, V b) { return wasm_f32x4_sub(a, b); }
INLINE V madd(V a, float b, V c) { return MADD(a, wasm_f32x4_splat(b), c); }

// sums[pixel][2] += `inputs` values of each pixel times weights inputs × 8; pixels lie `step` bytes apart.
INLINE void multiply(V sums[][2], const int pixels, const char *x, int step, const char *weights, int inputs) {
  for (int c = 0; c < inputs; c += 4, x += 16, weights += 128)
    UNROLLED for (int i = 0; i < 4; i++) {
      V first = load(weights + 32 * i), second = load(weights + 32 * i + 16);
      UNROLLED for (int p = 0; p < pixels; p++) {
        V value = wasm_v128_load32_splat(x + p * step + 4 * i);
        sums[p][0] = MADD(value, first, sums[p][0]);
        sums[p][1] = MADD(value, second, sums[p][1]);
      }
    }
}

INLINE void finish(const Convolution *of, V sum, char *y, const char *added, int channel) {
  if (channel >= of->outputs) return;
  sum = wasm_f32x4_add(sum, load(AT(of->bias) + 4 * channel));
  if (of->add && channel < of->addChannels) sum = wasm_f32x4_add(sum, load(added + 4 * channel));
  if (of->relu) sum = wasm_f32x4_pmax(wasm_f32x4_splat(0), sum);
  wasm_v128_store(y + 4 * channel, sum);
}

// --- any size and stride

INLINE void windows(const Convolution *of, const int pixels, const char *x, char *y, const char *added) {
  for (int channel = 0; channel < of->outputs; channel += 8) {
    const char *weights = AT(of->weights) + 4 * channel * of->size * of->size * of->inputs;
    V sums[6][2];
    UNROLLED for (int p = 0; p < pixels; p++) sums[p][0] = sums[p][1] = wasm_f32x4_splat(0);
    int row = of->size * of->inputs, xRow = of->xRow;
    for (int i = 0; i < of->size; i++) multiply(sums, pixels, x + i * xRow, of->xPixel, weights + 32 * i * row, row);
    UNROLLED for (int p = 0; p < pixels; p++)
      UNROLLED for (int i = 0; i < 2; i++)
        finish(of, sums[p][i], y + 4 * p * of->outputs, added + p * of->addPixel, channel + 4 * i);
  }
}

EXPORT("direct") void direct(const Convolution *of) {
  for (int image = 0; image < of->count; image++)
    for (int row = 0; row < of->side; row++) {
      const char *x = AT(of->x) + image * of->xImage + row * of->xRow * (of->xPixel / (4 * of->inputs));
      const char *added = AT(of->add) + image * of->addImage + row * of->addRow;
      char *y = (char *)AT(of->y) + image * of->yImage + row * of->yRow;
      int p = 0;
      for (; p + 4 <= of->side; p += 4)
        windows(of, 4, x + p * of->xPixel, y + 4 * p * of->outputs, added + p * of->addPixel);
      for (; p < of->side; p++)
        windows(of, 1, x + p * of->xPixel, y + 4 * p * of->outputs, added + p * of->addPixel);
    }
}

// --- 3×3 and stride 1, by Winograd's F(4×4, 3×3) (Lavin and Gray 2016): tiles of 4×4 pixels from windows of 6×6

// Bᵀ of a line of six.
INLINE void forward(const V d[6], V out[6]) {
  V a = madd(d[2], -4, d[4]), b = madd(d[1], -4, d[3]), c = sub(d[4], d[2]), e = times(sub(d[3], d[1]), 2);
  out[0] = madd(d[2], -5, madd(d[0], 4, d[4]));
  out[1] = add(a, b);
  out[2] = sub(a, b);
  out[3] = add(c, e);
  out[4] = sub(c, e);
  out[5] = madd(d[3], -5, madd(d[1], 4, d[5]));
}

// Aᵀ of a line of six.
INLINE void backward(const V m[6], V out[4]) {
  V a = add(m[1], m[2]), b = sub(m[1], m[2]), c = add(m[3], m[4]), d = sub(m[3], m[4]);
  out[0] = add(m[0], add(a, c));
  out[1] = madd(d, 2, b);
  out[2] = madd(c, 4, a);
  out[3] = add(madd(d, 8, b), m[5]);
}

typedef struct { int image, row, column; } Tile;

INLINE Tile tile(const Convolution *of, int number) {
  int across = of->side / 4, rest = number % (across * across);
  return (Tile){number / (across * across), 4 * (rest / across), 4 * (rest % across)};
}

INLINE void toFrequencies(const Convolution *of, int number, char *out) {
  Tile at = tile(of, number);
  const char *x = AT(of->x) + at.image * of->xImage + at.row * of->xRow + at.column * of->xPixel;
  int next = 4 * of->chunk * of->inputs;
  for (int c = 0; c < 4 * of->inputs; c += 16) {
    V lines[6][6], line[6];
    UNROLLED for (int j = 0; j < 6; j++) {
      UNROLLED for (int i = 0; i < 6; i++) line[i] = load(x + i * of->xRow + j * of->xPixel + c);
      forward(line, lines[j]);
    }
    UNROLLED for (int i = 0; i < 6; i++) {
      V across[6];
      UNROLLED for (int j = 0; j < 6; j++) across[j] = lines[j][i];
      forward(across, line);
      UNROLLED for (int j = 0; j < 6; j++) wasm_v128_store(out + (6 * i + j) * next + c, line[j]);
    }
  }
}

INLINE void fromFrequencies(const Convolution *of, int number, const char *in) {
  Tile at = tile(of, number);
  char *y = (char *)AT(of->y) + at.image * of->yImage + at.row * of->yRow + at.column * 4 * of->outputs;
  const char *added = AT(of->add) + at.image * of->addImage + at.row * of->addRow + at.column * of->addPixel;
  int next = 4 * of->chunk * of->outputs;
  for (int channel = 0; channel < of->outputs; channel += 4) {
    V lines[6][4], line[6];
    UNROLLED for (int j = 0; j < 6; j++) {
      UNROLLED for (int i = 0; i < 6; i++) line[i] = load(in + (6 * i + j) * next + 4 * channel);
      backward(line, lines[j]);
    }
    UNROLLED for (int i = 0; i < 4; i++) {
      V across[6], out[4];
      UNROLLED for (int j = 0; j < 6; j++) across[j] = lines[j][i];
      backward(across, out);
      UNROLLED for (int j = 0; j < 4; j++)
        finish(of, out[j], y + i * of->yRow + 4 * j * of->outputs, added + i * of->addRow + j * of->addPixel, channel);
    }
  }
}

INLINE void products(const Convolution *of, const int pixels, const char *x, char *y, const char *weights) {
  V sums[6][2];
  UNROLLED for (int p = 0; p < pixels; p++) sums[p][0] = sums[p][1] = wasm_f32x4_splat(0);
  multiply(sums, pixels, x, 4 * of->inputs, weights, of->inputs);
  UNROLLED for (int p = 0; p < pixels; p++)
    UNROLLED for (int i = 0; i < 2; i++) wasm_v128_store(y + 4 * p * of->outputs + 16 * i, sums[p][i]);
}

static void product(const Convolution *of, int tiles, const char *x, char *y, const char *weights) {
  int in = 4 * of->inputs, out = 4 * of->outputs;
  for (int channel = 0; channel < of->outputs; channel += 8, y += 32, weights += 8 * in) {
    int p = 0;
    for (; p + 6 <= tiles; p += 6) products(of, 6, x + p * in, y + p * out, weights);
    for (; p + 4 <= tiles; p += 4) products(of, 4, x + p * in, y + p * out, weights);
    for (; p < tiles; p++) products(of, 1, x + p * in, y + p * out, weights);
  }
}

EXPORT("winograd") void winograd(const Convolution *of) {
  int all = of->count * (of->side / 4) * (of->side / 4);
  int in = 4 * of->inputs, out = 4 * of->outputs;
  char *x = (char *)AT(of->scratch), *y = x + 36 * of->chunk * in;
  for (int first = 0; first < all; first += of->chunk) {
    int tiles = all - first < of->chunk ? all - first : of->chunk;
    for (int t = 0; t < tiles; t++) toFrequencies(of, first + t, x + t * in);
    for (int f = 0; f < 36; f++)
      product(of, tiles, x + f * of->chunk * in, y + f * of->chunk * out, AT(of->weights) + f * in * of->outputs);
    for (int t = 0; t < tiles; t++) fromFrequencies(of, first + t, y + t * out);
  }
}

// --- the margin

INLINE void copy(char *to, const char *from, int bytes) {
  for (int i = 0; i < bytes; i += 16) wasm_v128_store(to + i, from ? load(from + i) : wasm_f32x4_splat(0));
}

// Fills `before` pixels left of and above each image and `after` right of and below it: zeros, or the image mirrored.
EXPORT("border") void border(const Border *of) {
  int last = of->side - 1;
  for (int image = 0; image < of->count; image++) {
    char *x = (char *)AT(of->x) + image * of->image;
    for (int row = 0; row < of->side; row++) {
      char *line = x + row * of->row;
      for (int i = 1; i <= of->before; i++)
        copy(line - i * of->pixel, of->reflect ? line + i * of->pixel : 0, of->pixel);
      for (int i = 1; i <= of->after; i++)
        copy(line + (last + i) * of->pixel, of->reflect ? line + (last - i) * of->pixel : 0, of->pixel);
    }
    char *left = x - of->before * of->pixel;
    int bytes = (of->side + of->before + of->after) * of->pixel;
    for (int i = 1; i <= of->before; i++) copy(left - i * of->row, of->reflect ? left + i * of->row : 0, bytes);
    for (int i = 1; i <= of->after; i++)
      copy(left + (last + i) * of->row, of->reflect ? left + (last - i) * of->row : 0, bytes);
  }
}
