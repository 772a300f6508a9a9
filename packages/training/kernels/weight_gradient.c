/*
 * The gradient by the weights: products of inputs and output gradients, summed over pixels and images. A tile of 4 outputs and 2 entries
 * keeps 8 registers of sums while it goes over a block of rows small enough for the first cache; between blocks the sums of each weight are
 * in memory, 4 lanes apiece, until `finish_weight_gradient` adds them up.
 */
#include <math.h>

#include "kernels.h"

#define INLINE static inline __attribute__((always_inline))

/* Of the inputs and gradients that the tiles of a block share. */
#define BLOCK_BYTES 24576

/* A block below this many pixels does not pay for fetching and storing its sums. */
#define BLOCK_PIXELS 32

#define SUM_LANES 4

typedef struct {
  const Correlation *c;
  const Tensor *input;
  const Tensor *gradient;
  float *sums;
  int channel; /* of the correlation's first output */
  int firstGroup;
  int endGroup;
  int firstRow;
  int endRow;
} Block;

static inline const float *input_row(const Block *b, int entry, int group, int row) {
  return b->input->origin + group * b->input->groupStride + row * b->c->inputRowStride + b->c->inputOffset[entry];
}

static inline Half *sum_at(const Block *b, int output, int entry) {
  return (Half *)(b->sums + SUM_LANES * (b->c->weightIndex[entry] + output * b->c->weightStride));
}

/* 4 outputs and 1 or 2 entries; `width` and the distance `step` of two input columns are constants once inlined. */
INLINE void tile_of_4(const Block *b, int o, int e, const int width, const int step) {
  const int second = e + width - 1, plane = b->gradient->planeStride, columns = b->c->columns;
  Half a0 = *sum_at(b, o, e), a1 = *sum_at(b, o + 1, e), a2 = *sum_at(b, o + 2, e), a3 = *sum_at(b, o + 3, e);
  Half b0 = *sum_at(b, o, second), b1 = *sum_at(b, o + 1, second), b2 = *sum_at(b, o + 2, second), b3 = *sum_at(b, o + 3, second);
  for (int group = b->firstGroup; group < b->endGroup; group++) {
    for (int row = b->firstRow; row < b->endRow; row++) {
      const float *x0 = input_row(b, e, group, row), *x1 = input_row(b, second, group, row);
      const float *d0 = row_of(b->gradient, group, b->channel + o, row);
      const float *d1 = d0 + plane, *d2 = d1 + plane, *d3 = d2 + plane;
      for (int column = 0; column < columns; column++) {
        for (int half = 0; half < LANE_COUNT; half += 4) {
          const Half u = *(const Half *)(x0 + half), v = *(const Half *)(x1 + half);
          Half d = *(const Half *)(d0 + half);
          a0 += d * u;
          if (width == 2) b0 += d * v;
          d = *(const Half *)(d1 + half);
          a1 += d * u;
          if (width == 2) b1 += d * v;
          d = *(const Half *)(d2 + half);
          a2 += d * u;
          if (width == 2) b2 += d * v;
          d = *(const Half *)(d3 + half);
          a3 += d * u;
          if (width == 2) b3 += d * v;
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
  *sum_at(b, o, e) = a0;
  *sum_at(b, o + 1, e) = a1;
  *sum_at(b, o + 2, e) = a2;
  *sum_at(b, o + 3, e) = a3;
  if (width == 1) return;
  *sum_at(b, o, second) = b0;
  *sum_at(b, o + 1, second) = b1;
  *sum_at(b, o + 2, second) = b2;
  *sum_at(b, o + 3, second) = b3;
}

/* 1 output and 1 or 3 entries. */
INLINE void tile_of_1(const Block *b, int o, int e, const int width) {
  const int second = e + (width > 1), third = e + width - 1, step = b->c->inputColumnStride, columns = b->c->columns;
  Lanes a0 = 0, a1 = 0, a2 = 0;
  for (int group = b->firstGroup; group < b->endGroup; group++) {
    for (int row = b->firstRow; row < b->endRow; row++) {
      const float *x0 = input_row(b, e, group, row), *x1 = input_row(b, second, group, row), *x2 = input_row(b, third, group, row);
      const float *d = row_of(b->gradient, group, b->channel + o, row);
      for (int column = 0; column < columns; column++) {
        const Lanes gradient = load(d);
        a0 += gradient * load(x0);
        if (width == 3) a1 += gradient * load(x1);
        if (width == 3) a2 += gradient * load(x2);
        x0 += step;
        x1 += step;
        x2 += step;
        d += LANE_COUNT;
      }
    }
  }
  *sum_at(b, o, e) += a0.lo + a0.hi;
  if (width == 1) return;
  *sum_at(b, o, second) += a1.lo + a1.hi;
  *sum_at(b, o, third) += a2.lo + a2.hi;
}

INLINE void outputs_of_4(const Block *b, int o, const int step) {
  int e = 0;
  for (; e + 2 <= b->c->entries; e += 2) tile_of_4(b, o, e, 2, step);
  if (e < b->c->entries) tile_of_4(b, o, e, 1, step);
}

static void block_gradient(const Block *b) {
  const int entries = b->c->entries;
  int o = 0;
  for (; o + 4 <= b->c->outputs; o += 4) {
    if (b->c->inputColumnStride == LANE_COUNT) outputs_of_4(b, o, LANE_COUNT);
    else outputs_of_4(b, o, b->c->inputColumnStride);
  }
  for (; o < b->c->outputs; o++) {
    int e = 0;
    for (; e + 3 <= entries; e += 3) tile_of_1(b, o, e, 3);
    for (; e < entries; e++) tile_of_1(b, o, e, 1);
  }
}

static int rows_of_block(const Correlation *c, const Tensor *input, const Tensor *gradient) {
  const int planes = c->outputs == 1 ? 1 : input->channels;
  const int rowBytes = 4 * (planes * c->inputRowStride + (c->outputs < 4 ? 1 : 4) * gradient->rowStride);
  const int fitting = BLOCK_BYTES / (rowBytes + 1), least = (BLOCK_PIXELS + c->columns - 1) / c->columns;
  return fitting > least ? fitting : least;
}

/* Adds the groups' share, by stored weights. */
void weight_gradient(const Layer *layer, int firstGroup, int endGroup) {
  const Weighted *weighted = layer->weighted;
  const Tensor *input = layer->inputs[0], *gradient = layer->outputGradient;
  int channel = 0;
  for (int i = 0; i < weighted->forwardCount; i++) {
    const Correlation *c = &weighted->forward[i];
    const int rows = rows_of_block(c, input, gradient);
    for (int row = 0; row < c->rows; row += rows) {
      const int endRow = row + rows < c->rows ? row + rows : c->rows;
      const Block block = {c, input, gradient, weighted->laneGradients, channel, firstGroup, endGroup, row, endRow};
      block_gradient(&block);
    }
    channel += c->outputs;
  }
}

/* From sums by lanes and stored weights to gradients by real weights; rounding has gradient 1, pruned weights have gradient 0. */
void finish_weight_gradient(const Layer *layer) {
  const Weighted *w = layer->weighted;
  for (int channel = 0; channel < w->channels; channel++) {
    const float factor = 1 / w->weightScale[channel];
    for (int n = 0, i = channel * w->channelStride; n < w->weightsPerChannel; n++, i += w->weightStride) {
      w->gradients[i] = w->mask[i] ? sum_half(*(const Half *)(w->laneGradients + SUM_LANES * i)) * factor : 0;
    }
  }
}

/*
 * Of steps that are learned (Esser et al. 2020, eq. 3): a stored weight follows its rounding error, one that is clipped its sign. What is clipped learns
 * nothing itself. A last layer has one step for all of its channels.
 */
void step_gradient(const Layer *layer) {
  const Weighted *w = layer->weighted;
  float *gradients = steps(w, w->gradients);
  if (steps(w, w->parameters)[0] == 0) return;
  double all = 0;
  for (int channel = 0; channel < w->channels; channel++) {
    double sum = 0;
    for (int n = 0, i = channel * w->channelStride; n < w->weightsPerChannel; n++, i += w->weightStride) {
      double exact = w->parameters[i] / w->weightScale[channel];
      int isClipped = fabs(exact) > w->largestWeight;
      sum += w->gradients[i] * (isClipped ? w->weights[i] : w->weights[i] - exact);
      if (isClipped) w->gradients[i] = 0;
    }
    gradients[channel] = (float)(sum * w->stepUnit[channel]);
    all += sum * w->stepUnit[channel];
  }
  for (int channel = 0; w->isLast && channel < w->channels; channel++) gradients[channel] = (float)all;
}

void clear_gradients(const Layer *layer) {
  const Weighted *w = layer->weighted;
  for (int i = 0; i < SUM_LANES * w->weightCount; i++) w->laneGradients[i] = 0;
  for (int i = 0; i < parameter_count(w); i++) w->gradients[i] = 0;
}
