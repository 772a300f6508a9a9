/* Pooling over windows without padding. Global average pooling is an average pooling over one window. */
#include <float.h>

#include "kernels.h"

static void clear_rows(const Tensor *tensor, int group, int channel) {
  for (int row = 0; row < tensor->rows; row++) {
    float *to = row_of(tensor, group, channel, row);
    for (int i = 0; i < tensor->columns * LANE_COUNT; i += LANE_COUNT) store(to + i, 0);
  }
}

static inline const float *window_at(const Layer *layer, const Tensor *tensor, int group, int channel, int row, int column) {
  return row_of(tensor, group, channel, row * layer->strideRows) + column * layer->strideColumns * LANE_COUNT;
}

void max_pool(const Layer *layer, int group) {
  const Tensor *x = layer->inputs[0], *y = layer->output;
  for (int channel = 0; channel < y->channels; channel++) {
    for (int row = 0; row < y->rows; row++) {
      float *to = row_of(y, group, channel, row);
      for (int column = 0; column < y->columns; column++) {
        const float *from = window_at(layer, x, group, channel, row, column);
        Lanes largest = load(from);
        for (int i = 0; i < layer->windowRows; i++, from += x->rowStride) {
          for (int j = 0; j < layer->windowColumns; j++) largest = larger(largest, load(from + j * LANE_COUNT));
        }
        store(to + column * LANE_COUNT, largest);
      }
    }
  }
}

/* Windows that tile the input write all of its gradient; others add to what is there. */
static int windows_tile(const Layer *layer) {
  const Tensor *x = layer->inputs[0], *y = layer->output;
  return layer->strideRows == layer->windowRows && layer->strideColumns == layer->windowColumns &&
         y->rows * layer->windowRows == x->rows && y->columns * layer->windowColumns == x->columns;
}

/* `overwrites` is a constant once inlined. */
static inline __attribute__((always_inline)) void max_pool_row_gradient(
    const Layer *layer, int group, int channel, int row, const int overwrites) {
  const Tensor *x = layer->inputs[0], *dx = layer->inputGradients[0];
  const float *largests = row_of(layer->output, group, channel, row);
  const float *gradients = row_of(layer->outputGradient, group, channel, row);
  for (int column = 0; column < layer->output->columns; column++) {
    const float *from = window_at(layer, x, group, channel, row, column);
    float *to = (float *)window_at(layer, dx, group, channel, row, column);
    const Lanes largest = load(largests + column * LANE_COUNT);
    Lanes gradient = load(gradients + column * LANE_COUNT);
    for (int i = 0; i < layer->windowRows; i++, from += x->rowStride, to += dx->rowStride) {
      for (int j = 0; j < layer->windowColumns * LANE_COUNT; j += LANE_COUNT) {
        const LanesInt here = load(from + j) == largest;
        const Lanes share = keep(here, gradient);
        store(to + j, overwrites ? share : load(to + j) + share);
        gradient = keep(~here, gradient);
      }
    }
  }
}

/* The first maximum of a window, in row-major order, gets the gradient. */
void max_pool_gradient(const Layer *layer, int group) {
  const Tensor *y = layer->output, *dx = layer->inputGradients[0];
  if (!dx) return;
  const int overwrites = !layer->accumulates[0] && windows_tile(layer);
  for (int channel = 0; channel < y->channels; channel++) {
    if (!layer->accumulates[0] && !overwrites) clear_rows(dx, group, channel);
    for (int row = 0; row < y->rows; row++) {
      if (overwrites) max_pool_row_gradient(layer, group, channel, row, 1);
      else max_pool_row_gradient(layer, group, channel, row, 0);
    }
  }
}

static Lanes window_sum(const Layer *layer, const float *from) {
  Lanes sum = 0;
  for (int i = 0; i < layer->windowRows; i++, from += layer->inputs[0]->rowStride) {
    for (int j = 0; j < layer->windowColumns; j++) sum += load(from + j * LANE_COUNT);
  }
  return sum;
}

/*
 * output = factor * sum of the window, before rounding. The factor is a short integer over a power of two, so that means halfway
 * between two integers, of which there are many, are exact and all rounded the same way.
 */
static float average_factor(const Layer *layer, int arithmetic) {
  if (arithmetic == FLOAT) return 1.0f / (float)(layer->windowRows * layer->windowColumns);
  return (float)layer->constants->multipliers[0];
}

void average_pool(const Layer *layer, int arithmetic, int group) {
  const Tensor *x = layer->inputs[0], *y = layer->output;
  const float factor = average_factor(layer, arithmetic);
  for (int channel = 0; channel < y->channels; channel++) {
    for (int row = 0; row < y->rows; row++) {
      float *to = row_of(y, group, channel, row);
      for (int column = 0; column < y->columns; column++, to += LANE_COUNT) {
        const Lanes sum = window_sum(layer, window_at(layer, x, group, channel, row, column));
        if (arithmetic == FLOAT) store(to, sum * factor);
        else if (arithmetic == INTEGER) store(to, requantize_lanes(sum, layer->constants->bias, factor));
        else store(to, __builtin_elementwise_floor(smaller(sum * factor + 0.5f, 255)));
      }
    }
  }
}

void average_pool_gradient(const Layer *layer, int arithmetic, int group) {
  const Tensor *x = layer->inputs[0], *y = layer->output, *dx = layer->inputGradients[0], *dy = layer->outputGradient;
  if (!dx) return;
  const float factor = average_factor(layer, arithmetic), limit = arithmetic == FLOAT ? FLT_MAX : 255.5f;
  for (int channel = 0; channel < y->channels; channel++) {
    if (!layer->accumulates[0]) clear_rows(dx, group, channel);
    for (int row = 0; row < y->rows; row++) {
      for (int column = 0; column < y->columns; column++) {
        const Lanes value = factor * window_sum(layer, window_at(layer, x, group, channel, row, column));
        float *to = (float *)window_at(layer, dx, group, channel, row, column);
        const Lanes gradient = load(row_of(dy, group, channel, row) + column * LANE_COUNT) * factor;
        const Lanes passed = keep((value > 0) & (value < limit), gradient);
        for (int i = 0; i < layer->windowRows; i++, to += dx->rowStride) {
          for (int j = 0; j < layer->windowColumns * LANE_COUNT; j += LANE_COUNT) store(to + j, load(to + j) + passed);
        }
      }
    }
  }
}
