/* docs/numerics.md §3 and §4, to the bit: products are below 2^53, so doubles and the floor of them are exact. */
#include "kernels.h"

/* min(255, floor(max(0, sum + bias) * factor)) of two lanes, as floats in the low half. */
static inline v128_t requantize_pair(v128_t sums, v128_t bias, v128_t factor) {
  v128_t value = wasm_f64x2_add(wasm_f64x2_promote_low_f32x4(sums), bias);
  value = wasm_f64x2_mul(wasm_f64x2_pmax(value, wasm_f64x2_splat(0)), factor);
  value = wasm_f64x2_pmin(wasm_f64x2_floor(value), wasm_f64x2_splat(255));
  return wasm_f32x4_demote_f64x2_zero(value);
}

static inline v128_t requantize_half(v128_t sums, v128_t bias, v128_t factor) {
  v128_t low = requantize_pair(sums, bias, factor);
  v128_t high = requantize_pair(wasm_i64x2_shuffle(sums, sums, 1, 1), bias, factor);
  return wasm_i64x2_shuffle(low, high, 0, 2);
}

Lanes requantize_lanes(Lanes sum, double bias, double factor) {
  v128_t b = wasm_f64x2_splat(bias), f = wasm_f64x2_splat(factor);
  return join(requantize_half((v128_t)sum.lo, b, f), requantize_half((v128_t)sum.hi, b, f));
}

/* One accumulator of each lane, as `correlate_wide` leaves them; leaves them as floats for the backward pass. */
static Lanes requantize_wide(float *accumulators, int32_t bias, double factor) {
  Lanes result;
  for (int lane = 0; lane < LANE_COUNT; lane++) {
    int32_t sum = ((int32_t *)accumulators)[lane];
    double value = (double)sum + bias;
    value = value > 0 ? __builtin_floor(value * factor) : 0;
    result[lane] = (float)(value < 255 ? value : 255);
    accumulators[lane] = (float)sum;
  }
  return result;
}

void requantize(const Layer *layer, int group) {
  const Weighted *w = layer->weighted;
  const Tensor *t = w->accumulator;
  for (int channel = 0; channel < w->channels; channel++) {
    const double factor = w->multiplier[channel];
    const v128_t bias = wasm_f64x2_splat(w->bias[channel]), factors = wasm_f64x2_splat(factor);
    for (int row = 0; row < t->rows; row++) {
      float *from = row_of(t, group, channel, row);
      float *to = row_of(layer->output, group, channel, row);
      if (*w->isWide) {
        for (int i = 0; i < t->columns * LANE_COUNT; i += LANE_COUNT) {
          store(to + i, requantize_wide(from + i, w->bias[channel], factor));
        }
      } else {
        for (int i = 0; i < t->columns * LANE_COUNT; i += 4) {
          wasm_v128_store(to + i, requantize_half(wasm_v128_load(from + i), bias, factors));
        }
      }
    }
  }
}
