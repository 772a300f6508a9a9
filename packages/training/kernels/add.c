/* Residual addition of two tensors, then ReLU (which their signs make superfluous) and rounding. */
#include <float.h>

#include "kernels.h"

typedef struct {
  float first;
  float second;
} Factors;

/* output = first * a + second * b, before rounding. */
static Factors factors_of(const Layer *layer, int arithmetic) {
  if (arithmetic == INTEGER) {
    return (Factors){(float)layer->constants->multipliers[0], (float)layer->constants->multipliers[1]};
  }
  const float scale = scale_of(layer->output, arithmetic);
  return (Factors){scale_of(layer->inputs[0], arithmetic) / scale, scale_of(layer->inputs[1], arithmetic) / scale};
}

/* docs/numerics.md §4. The terms are multiples of 2^-24 below 2^31: exact as doubles, not as floats. */
static Lanes requantized_sum(const Layer *layer, Factors f, Lanes a, Lanes b) {
  Lanes result;
  for (int lane = 0; lane < LANE_COUNT; lane++) {
    double sum = (double)a[lane] * f.first + (double)b[lane] * f.second + layer->constants->bias;
    sum = sum > 0 ? __builtin_floor(sum) : 0;
    result[lane] = (float)(sum < 255 ? sum : 255);
  }
  return result;
}

void add(const Layer *layer, int arithmetic, int group) {
  const Tensor *y = layer->output;
  const Factors f = factors_of(layer, arithmetic);
  for (int channel = 0; channel < y->channels; channel++) {
    for (int row = 0; row < y->rows; row++) {
      const float *a = row_of(layer->inputs[0], group, channel, row), *b = row_of(layer->inputs[1], group, channel, row);
      float *to = row_of(y, group, channel, row);
      for (int i = 0; i < y->columns * LANE_COUNT; i += LANE_COUNT) {
        const Lanes first = load(a + i), second = load(b + i);
        if (arithmetic == INTEGER) {
          store(to + i, requantized_sum(layer, f, first, second));
          continue;
        }
        const Lanes sum = first * f.first + second * f.second;
        store(to + i, arithmetic == FLOAT ? sum : __builtin_elementwise_floor(smaller(sum + 0.5f, 255)));
      }
    }
  }
}

static void add_input_gradient(const Layer *layer, int which, float factor, Factors f, float limit, int group) {
  const Tensor *dx = layer->inputGradients[which], *dy = layer->outputGradient;
  if (!dx) return;
  for (int channel = 0; channel < dy->channels; channel++) {
    for (int row = 0; row < dy->rows; row++) {
      const float *a = row_of(layer->inputs[0], group, channel, row), *b = row_of(layer->inputs[1], group, channel, row);
      const float *from = row_of(dy, group, channel, row);
      float *to = row_of(dx, group, channel, row);
      for (int i = 0; i < dy->columns * LANE_COUNT; i += LANE_COUNT) {
        const Lanes value = load(a + i) * f.first + load(b + i) * f.second;
        const Lanes gradient = keep((value > 0) & (value < limit), load(from + i)) * factor;
        store(to + i, layer->accumulates[which] ? load(to + i) + gradient : gradient);
      }
    }
  }
}

void add_gradient(const Layer *layer, int arithmetic, int group) {
  const Factors f = factors_of(layer, arithmetic);
  const float limit = arithmetic == FLOAT ? FLT_MAX : 255.5f;
  add_input_gradient(layer, 0, f.first, f, limit, group);
  add_input_gradient(layer, 1, f.second, f, limit, group);
}
