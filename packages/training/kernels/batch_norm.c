/*
 * Batch norm (Ioffe and Szegedy 2015), ReLU and rounding, between a layer's accumulators and its outputs. With k the real value of 1 in the
 * accumulator and s the output's scale, eq. 4 is
 *
 *   output = (gamma * (k*accumulator - mean) * inverseDeviation + beta) / s = slope * accumulator + offset.
 */
#include <float.h>
#include <math.h>

#include "kernels.h"

/* An output saturates where rounding would pass 255. */
static float upper_limit(int arithmetic) { return arithmetic == FLOAT ? FLT_MAX : 255.5f; }

static double count_of(const Network *network, const Tensor *tensor) {
  return (double)tensor->rows * tensor->columns * network->groups * LANE_COUNT;
}

void clear_sums(const Layer *layer) {
  for (int i = 0; i < 2 * layer->weighted->channels; i++) layer->weighted->sums[i] = 0;
}

/* One for an orbit, so that its sums can be added up. */
static void choose_pivot(const Weighted *w, int channel) {
  const Tensor *t = w->accumulator;
  const int first = channel - channel % w->orbit;
  if (channel == first) w->pivot[channel] = row_of(t, 0, channel, t->rows / 2)[t->columns / 2 * LANE_COUNT];
  else w->pivot[channel] = w->pivot[first];
}

/* All channels of an orbit get the means of their sums. */
static void share_sums(const Weighted *w) {
  if (w->orbit == 1) return;
  for (int first = 0; first < w->channels; first += w->orbit) {
    double means[2] = {0, 0};
    for (int i = 0; i < 2 * w->orbit; i++) means[i % 2] += w->sums[2 * first + i] / w->orbit;
    for (int i = 0; i < 2 * w->orbit; i++) w->sums[2 * first + i] = means[i % 2];
  }
}

/*
 * Sums and squares of a group's accumulators, taken from a pivot, so that a mean far from zero costs no digits: one of the values
 * is near enough.
 */
void add_statistics(const Layer *layer, int group) {
  const Weighted *w = layer->weighted;
  const Tensor *t = w->accumulator;
  for (int channel = 0; channel < w->channels; channel++) {
    if (group == 0) choose_pivot(w, channel);
    const float pivot = w->pivot[channel];
    Lanes sum = 0, squares = 0;
    for (int row = 0; row < t->rows; row++) {
      const float *from = row_of(t, group, channel, row);
      for (int i = 0; i < t->columns * LANE_COUNT; i += LANE_COUNT) {
        Lanes value = load(from + i) - pivot;
        sum += value;
        squares += value * value;
      }
    }
    w->sums[2 * channel] += sum_lanes(sum);
    w->sums[2 * channel + 1] += sum_lanes(squares);
  }
}

static void fold(const Network *network, const Layer *layer, int arithmetic, int channel, double mean, double variance) {
  const Weighted *w = layer->weighted;
  const double k = accumulator_scale(layer, channel, arithmetic), outputScale = scale_of(layer->output, arithmetic);
  const double inverseDeviation = 1 / sqrt(variance + network->epsilon);
  w->mean[channel] = (float)(mean / k);
  w->inverseDeviation[channel] = (float)inverseDeviation;
  const double gain = gammas(w, w->parameters)[channel] * inverseDeviation;
  /* In integer arithmetic only the backward pass reads these. */
  w->slope[channel] = arithmetic == INTEGER ? w->multiplier[channel] : (float)(gain * k / outputScale);
  w->offset[channel] = (float)((betas(w, w->parameters)[channel] - gain * mean) / outputScale);
}

void fold_batch_statistics(const Network *network, const Layer *layer, int arithmetic, int updateRunning) {
  const Weighted *w = layer->weighted;
  const double count = count_of(network, w->accumulator), momentum = network->statisticsMomentum;
  share_sums(w);
  for (int channel = 0; channel < w->channels; channel++) {
    const double k = accumulator_scale(layer, channel, arithmetic);
    const double shifted = w->sums[2 * channel] / count;
    const double mean = (shifted + w->pivot[channel]) * k;
    double variance = (w->sums[2 * channel + 1] / count - shifted * shifted) * k * k;
    if (variance < 0) variance = 0;
    fold(network, layer, arithmetic, channel, mean, variance);
    if (!updateRunning) continue;
    w->runningMean[channel] = (float)(momentum * w->runningMean[channel] + (1 - momentum) * mean);
    w->runningVariance[channel] = (float)(momentum * w->runningVariance[channel] + (1 - momentum) * variance);
  }
}

void fold_running_statistics(const Network *network, const Layer *layer, int arithmetic) {
  const Weighted *w = layer->weighted;
  for (int channel = 0; channel < w->channels; channel++) {
    fold(network, layer, arithmetic, channel, w->runningMean[channel], w->runningVariance[channel]);
  }
}

void normalize(const Layer *layer, int arithmetic, int group) {
  const Weighted *w = layer->weighted;
  const Tensor *t = w->accumulator;
  if (arithmetic == INTEGER) {
    requantize(layer, group);
    return;
  }
  for (int channel = 0; channel < w->channels; channel++) {
    const float slope = w->slope[channel], offset = w->offset[channel];
    for (int row = 0; row < t->rows; row++) {
      const float *from = row_of(t, group, channel, row);
      float *to = row_of(layer->output, group, channel, row);
      if (arithmetic == FLOAT) {
        for (int i = 0; i < t->columns * LANE_COUNT; i += LANE_COUNT) {
          store(to + i, larger(load(from + i) * slope + offset, 0));
        }
      } else {
        for (int i = 0; i < t->columns * LANE_COUNT; i += LANE_COUNT) {
          Lanes value = larger(load(from + i) * slope + offset, 0) + 0.5f;
          store(to + i, __builtin_elementwise_floor(smaller(value, 255)));
        }
      }
    }
  }
}

/* The output's gradient where ReLU and saturation let it through, else 0. */
static inline Lanes masked(Lanes gradient, Lanes accumulator, float slope, float offset, float limit) {
  Lanes value = accumulator * slope + offset;
  return keep((value > 0) & (value < limit), gradient);
}

void add_gradient_sums(const Layer *layer, int arithmetic, int group) {
  const Weighted *w = layer->weighted;
  const Tensor *t = w->accumulator;
  const float limit = upper_limit(arithmetic);
  for (int channel = 0; channel < w->channels; channel++) {
    const float slope = w->slope[channel], offset = w->offset[channel], mean = w->mean[channel];
    Lanes sum = 0, products = 0;
    for (int row = 0; row < t->rows; row++) {
      const float *accumulators = row_of(t, group, channel, row);
      const float *gradients = row_of(layer->outputGradient, group, channel, row);
      for (int i = 0; i < t->columns * LANE_COUNT; i += LANE_COUNT) {
        Lanes accumulator = load(accumulators + i);
        Lanes gradient = masked(load(gradients + i), accumulator, slope, offset, limit);
        sum += gradient;
        products += gradient * (accumulator - mean);
      }
    }
    w->sums[2 * channel] += sum_lanes(sum);
    w->sums[2 * channel + 1] += sum_lanes(products);
  }
}

/* Gradients of beta and gamma (the mean of an orbit's), and the terms that batch statistics add to the gradient by the accumulator (ibid., §3). */
void fold_gradient_sums(const Network *network, const Layer *layer, int arithmetic, int frozen) {
  const Weighted *w = layer->weighted;
  const double count = count_of(network, w->accumulator), outputScale = scale_of(layer->output, arithmetic);
  share_sums(w);
  for (int channel = 0; channel < w->channels; channel++) {
    const double sum = w->sums[2 * channel], products = w->sums[2 * channel + 1];
    const double toNormal = accumulator_scale(layer, channel, arithmetic) * w->inverseDeviation[channel];
    betas(w, w->gradients)[channel] = (float)(sum / outputScale);
    gammas(w, w->gradients)[channel] = (float)(products * toNormal / outputScale);
    const double slope = frozen ? 0 : -w->slope[channel] * toNormal * toNormal * products / count;
    w->gradientSlope[channel] = (float)slope;
    w->gradientOffset[channel] = (float)(frozen ? 0 : -w->slope[channel] * sum / count - slope * w->mean[channel]);
  }
}

/* In place: from the gradient by outputs to that by accumulators. */
void normalize_gradient(const Layer *layer, int arithmetic, int group) {
  const Weighted *w = layer->weighted;
  const Tensor *t = w->accumulator;
  const float limit = upper_limit(arithmetic);
  for (int channel = 0; channel < w->channels; channel++) {
    const float slope = w->slope[channel], offset = w->offset[channel];
    const float gradientSlope = w->gradientSlope[channel], gradientOffset = w->gradientOffset[channel];
    for (int row = 0; row < t->rows; row++) {
      const float *accumulators = row_of(t, group, channel, row);
      float *gradients = row_of(layer->outputGradient, group, channel, row);
      for (int i = 0; i < t->columns * LANE_COUNT; i += LANE_COUNT) {
        Lanes accumulator = load(accumulators + i);
        Lanes gradient = masked(load(gradients + i), accumulator, slope, offset, limit);
        store(gradients + i, gradient * slope + (accumulator * gradientSlope + gradientOffset));
      }
    }
  }
}
