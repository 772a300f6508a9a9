/*
 * The gradient by the weights: products of inputs and output gradients, summed over pixels and images. Sums stay in registers over all pixels of the
 * groups; their lanes are added up at the end.
 */
#include "kernels.h"

typedef struct {
  const Correlation *c;
  const Tensor *input;
  const Tensor *gradient;
  int channel; /* first output channel of the correlation */
  int firstGroup;
  int endGroup;
} Operands;

static inline const float *input_row(const Operands *p, int group, int row) {
  return p->input->origin + group * p->input->groupStride + row * p->c->inputRowStride;
}

/* 4 outputs, 2 entries; the two may be the same one. */
static void tile_4x2(const Operands *p, int o, int e0, int e1, float sums[8]) {
  const int step = p->c->inputColumnStride, plane = p->gradient->planeStride, columns = p->c->columns;
  Half a0 = 0, a1 = 0, a2 = 0, a3 = 0, b0 = 0, b1 = 0, b2 = 0, b3 = 0;
  for (int group = p->firstGroup; group < p->endGroup; group++) {
    for (int row = 0; row < p->c->rows; row++) {
      const float *x = input_row(p, group, row);
      const float *x0 = x + p->c->inputOffset[e0], *x1 = x + p->c->inputOffset[e1];
      const float *d0 = row_of(p->gradient, group, p->channel + o, row);
      const float *d1 = d0 + plane, *d2 = d1 + plane, *d3 = d2 + plane;
      for (int column = 0; column < columns; column++) {
        for (int half = 0; half < LANE_COUNT; half += 4) {
          Half u = *(const Half *)(x0 + half), v = *(const Half *)(x1 + half), d;
          d = *(const Half *)(d0 + half);
          a0 += d * u;
          b0 += d * v;
          d = *(const Half *)(d1 + half);
          a1 += d * u;
          b1 += d * v;
          d = *(const Half *)(d2 + half);
          a2 += d * u;
          b2 += d * v;
          d = *(const Half *)(d3 + half);
          a3 += d * u;
          b3 += d * v;
        }
        x0 += step;
        x1 += step;
        d0 += LANE_COUNT;
        d1 += LANE_COUNT;
        d2 += LANE_COUNT;
        d3 += LANE_COUNT;
      }
    }
  }
  const Half all[8] = {a0, a1, a2, a3, b0, b1, b2, b3};
  for (int i = 0; i < 8; i++) sums[i] = sum_half(all[i]);
}

/* 1 output, 3 entries; they may be the same one. */
static void tile_1x3(const Operands *p, int o, int e0, int e1, int e2, float sums[3]) {
  const int step = p->c->inputColumnStride, columns = p->c->columns;
  Lanes a0 = 0, a1 = 0, a2 = 0;
  for (int group = p->firstGroup; group < p->endGroup; group++) {
    for (int row = 0; row < p->c->rows; row++) {
      const float *x = input_row(p, group, row);
      const float *x0 = x + p->c->inputOffset[e0], *x1 = x + p->c->inputOffset[e1], *x2 = x + p->c->inputOffset[e2];
      const float *d = row_of(p->gradient, group, p->channel + o, row);
      for (int column = 0; column < columns; column++) {
        Lanes g = load(d);
        a0 += g * load(x0);
        a1 += g * load(x1);
        a2 += g * load(x2);
        x0 += step;
        x1 += step;
        x2 += step;
        d += LANE_COUNT;
      }
    }
  }
  sums[0] = sum_lanes(a0);
  sums[1] = sum_lanes(a1);
  sums[2] = sum_lanes(a2);
}

static inline int at_most(int index, int last) { return index < last ? index : last; }

static void correlation_gradient(const Operands *p, float *gradients) {
  const Correlation *c = p->c;
  const int last = c->entries - 1;
  int o = 0;
  for (; o + 4 <= c->outputs; o += 4) {
    for (int e = 0; e < c->entries; e += 2) {
      float sums[8];
      tile_4x2(p, o, e, at_most(e + 1, last), sums);
      for (int k = 0; k < 2 && e + k <= last; k++) {
        for (int i = 0; i < 4; i++) gradients[c->weightIndex[e + k] + (o + i) * c->weightStride] += sums[4 * k + i];
      }
    }
  }
  for (; o < c->outputs; o++) {
    for (int e = 0; e < c->entries; e += 3) {
      float sums[3];
      tile_1x3(p, o, e, at_most(e + 1, last), at_most(e + 2, last), sums);
      for (int k = 0; k < 3 && e + k <= last; k++) gradients[c->weightIndex[e + k] + o * c->weightStride] += sums[k];
    }
  }
}

/* Adds the groups' share, by stored weights. */
void weight_gradient(const Layer *layer, int firstGroup, int endGroup) {
  const Weighted *weighted = layer->weighted;
  int channel = 0;
  for (int i = 0; i < weighted->forwardCount; i++) {
    const Correlation *c = &weighted->forward[i];
    const Operands operands = {c, layer->inputs[0], layer->outputGradient, channel, firstGroup, endGroup};
    correlation_gradient(&operands, weighted->gradients);
    channel += c->outputs;
  }
}
