/*
 * A vector holds one value for each of 8 images. All activations and gradients are stored so, x[group][channel][row][column][lane]:
 * every operator is then a loop over vectors, whatever its channels, kernel and stride.
 */
#ifndef LANES_H
#define LANES_H

#include <stdint.h>
#include <wasm_simd128.h>

#define LANE_COUNT 8

typedef float Lanes __attribute__((ext_vector_type(8), aligned(16)));
typedef int32_t LanesInt __attribute__((ext_vector_type(8), aligned(16)));

/* Half of the lanes: one register. */
typedef float Half __attribute__((ext_vector_type(4)));
typedef int32_t HalfInt __attribute__((ext_vector_type(4)));

static inline Lanes load(const float *from) { return *(const Lanes *)from; }
static inline void store(float *to, Lanes value) { *(Lanes *)to = value; }

static inline Lanes join(v128_t low, v128_t high) {
  return __builtin_shufflevector((Half)low, (Half)high, 0, 1, 2, 3, 4, 5, 6, 7);
}

/* pmin and pmax are one instruction on x86, min and max are six (they order NaN). */
static inline Lanes smaller(Lanes a, Lanes b) {
  return join(wasm_f32x4_pmin((v128_t)a.lo, (v128_t)b.lo), wasm_f32x4_pmin((v128_t)a.hi, (v128_t)b.hi));
}

static inline Lanes larger(Lanes a, Lanes b) {
  return join(wasm_f32x4_pmax((v128_t)a.lo, (v128_t)b.lo), wasm_f32x4_pmax((v128_t)a.hi, (v128_t)b.hi));
}

static inline Lanes keep(LanesInt mask, Lanes value) { return (Lanes)(mask & (LanesInt)value); }

static inline float sum_half(Half value) { return (value.x + value.y) + (value.z + value.w); }
static inline float sum_lanes(Lanes value) { return sum_half(value.lo + value.hi); }

#endif
