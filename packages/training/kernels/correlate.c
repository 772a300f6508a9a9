/*
 * The sum of products under all convolutions and dense layers, forward and by the input. A tile keeps 8 registers of sums: 4 outputs of one
 * pixel, or 2 of 2, or 1 of 4 (x86 has 16 registers and needs the rest for operands); each weight is loaded once for its tile.
 */
#include "kernels.h"

static int tile_outputs(int left) { return left < 4 ? left : 4; }

/* Tiles one after the other, in each the entries, in each the tile's outputs. */
void pack_weights(const Correlation *c, const float *weights) {
  float *to = c->packed;
  for (int o = 0; o < c->outputs; o += 4) {
    int width = tile_outputs(c->outputs - o);
    for (int e = 0; e < c->entries; e++) {
      const float *from = weights + c->weightIndex[e] + o * c->weightStride;
      for (int i = 0; i < width; i++) *to++ = from[i * c->weightStride];
    }
  }
}

static inline void put(float *to, Lanes value, int accumulate) { store(to, accumulate ? load(to) + value : value); }

static void row_of_4(const Correlation *c, const float *input, float *output, const float *packed, int o, int accumulate) {
  const int32_t *offset = c->inputOffset, *plane = c->outputOffset + o;
  for (int column = 0; column < c->columns; column++) {
    Lanes s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    const float *w = packed;
    for (int e = 0; e < c->entries; e++, w += 4) {
      Lanes x = load(input + offset[e]);
      s0 += w[0] * x;
      s1 += w[1] * x;
      s2 += w[2] * x;
      s3 += w[3] * x;
    }
    put(output + plane[0], s0, accumulate);
    put(output + plane[1], s1, accumulate);
    put(output + plane[2], s2, accumulate);
    put(output + plane[3], s3, accumulate);
    input += c->inputColumnStride;
    output += c->outputColumnStride;
  }
}

static void row_of_3(const Correlation *c, const float *input, float *output, const float *packed, int o, int accumulate) {
  const int32_t *offset = c->inputOffset, *plane = c->outputOffset + o;
  for (int column = 0; column < c->columns; column++) {
    Lanes s0 = 0, s1 = 0, s2 = 0;
    const float *w = packed;
    for (int e = 0; e < c->entries; e++, w += 3) {
      Lanes x = load(input + offset[e]);
      s0 += w[0] * x;
      s1 += w[1] * x;
      s2 += w[2] * x;
    }
    put(output + plane[0], s0, accumulate);
    put(output + plane[1], s1, accumulate);
    put(output + plane[2], s2, accumulate);
    input += c->inputColumnStride;
    output += c->outputColumnStride;
  }
}

static void row_of_2(const Correlation *c, const float *input, float *output, const float *packed, int o, int accumulate) {
  const int32_t *offset = c->inputOffset, *plane = c->outputOffset + o;
  const int inputStep = c->inputColumnStride, outputStep = c->outputColumnStride;
  int column = 0;
  for (; column + 2 <= c->columns; column += 2) {
    Lanes s00 = 0, s01 = 0, s10 = 0, s11 = 0;
    const float *w = packed;
    for (int e = 0; e < c->entries; e++, w += 2) {
      const float *x = input + offset[e];
      Lanes x0 = load(x), x1 = load(x + inputStep);
      s00 += w[0] * x0;
      s01 += w[0] * x1;
      s10 += w[1] * x0;
      s11 += w[1] * x1;
    }
    put(output + plane[0], s00, accumulate);
    put(output + plane[1], s10, accumulate);
    put(output + outputStep + plane[0], s01, accumulate);
    put(output + outputStep + plane[1], s11, accumulate);
    input += 2 * inputStep;
    output += 2 * outputStep;
  }
  if (column == c->columns) return;
  Lanes s0 = 0, s1 = 0;
  for (int e = 0; e < c->entries; e++) {
    Lanes x = load(input + offset[e]);
    s0 += packed[2 * e] * x;
    s1 += packed[2 * e + 1] * x;
  }
  put(output + plane[0], s0, accumulate);
  put(output + plane[1], s1, accumulate);
}

static void row_of_1(const Correlation *c, const float *input, float *output, const float *packed, int o, int accumulate) {
  const int32_t *offset = c->inputOffset;
  const int inputStep = c->inputColumnStride, outputStep = c->outputColumnStride;
  output += c->outputOffset[o];
  int column = 0;
  for (; column + 4 <= c->columns; column += 4) {
    Lanes s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    for (int e = 0; e < c->entries; e++) {
      const float *x = input + offset[e];
      float w = packed[e];
      s0 += w * load(x);
      s1 += w * load(x + inputStep);
      s2 += w * load(x + 2 * inputStep);
      s3 += w * load(x + 3 * inputStep);
    }
    put(output, s0, accumulate);
    put(output + outputStep, s1, accumulate);
    put(output + 2 * outputStep, s2, accumulate);
    put(output + 3 * outputStep, s3, accumulate);
    input += 4 * inputStep;
    output += 4 * outputStep;
  }
  for (; column < c->columns; column++) {
    Lanes s = 0;
    for (int e = 0; e < c->entries; e++) s += packed[e] * load(input + offset[e]);
    put(output, s, accumulate);
    input += inputStep;
    output += outputStep;
  }
}

/* Rows outside, so that the input rows of a kernel stay in the first cache while all outputs are made from them. */
void correlate(const Correlation *c, const float *input, float *output, int accumulate) {
  for (int row = 0; row < c->rows; row++) {
    const float *x = input + row * c->inputRowStride;
    float *y = output + c->outputBase + row * c->outputRowStride;
    const float *packed = c->packed;
    for (int o = 0; o < c->outputs; o += 4) {
      int width = tile_outputs(c->outputs - o);
      if (width == 4) row_of_4(c, x, y, packed, o, accumulate);
      else if (width == 3) row_of_3(c, x, y, packed, o, accumulate);
      else if (width == 2) row_of_2(c, x, y, packed, o, accumulate);
      else row_of_1(c, x, y, packed, o, accumulate);
      packed += c->entries * width;
    }
  }
}
