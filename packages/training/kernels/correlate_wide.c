/*
 * `correlate` for sums of integers that may pass 2^24, where floats are no longer exact: large dense layers. The sums are left
 * in the accumulator as 32-bit integers.
 */
#include "kernels.h"

void correlate_wide(const Correlation *c, const float *input, float *output) {
  const float *packed = c->packed;
  for (int o = 0; o < c->outputs; o++) {
    int tile = o & ~3;
    int width = c->outputs - tile < 4 ? c->outputs - tile : 4;
    const float *w = packed + tile * c->entries + (o - tile);
    for (int row = 0; row < c->rows; row++) {
      for (int column = 0; column < c->columns; column++) {
        const float *x = input + row * c->inputRowStride + column * c->inputColumnStride;
        LanesInt sum = 0;
        for (int e = 0; e < c->entries; e++) {
          /* Products are below 2^15: exact as floats. */
          Lanes product = w[e * width] * load(x + c->inputOffset[e]);
          sum += __builtin_convertvector(product, LanesInt);
        }
        float *y = output + c->outputBase + c->outputOffset[o] + row * c->outputRowStride + column * c->outputColumnStride;
        *(LanesInt *)y = sum;
      }
    }
  }
}
