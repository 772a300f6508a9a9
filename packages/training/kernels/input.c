/* Bytes `[image][row][column][channel]` to the input tensor. Pixels stand for 0...1: 1/255 is their scale. */
#include "kernels.h"

/* The upper halves of a and b are not used. */
static inline v128_t interleave_bytes(v128_t a, v128_t b) {
  return wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

static inline v128_t interleave_low_pairs(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
static inline v128_t interleave_high_pairs(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }

static inline Lanes low_bytes(v128_t bytes) {
  const v128_t words = wasm_u16x8_extend_low_u8x16(bytes);
  return join(wasm_f32x4_convert_i32x4(wasm_u32x4_extend_low_u16x8(words)), wasm_f32x4_convert_i32x4(wasm_u32x4_extend_high_u16x8(words)));
}

static inline Lanes high_bytes(v128_t bytes) { return low_bytes(wasm_i64x2_shuffle(bytes, bytes, 1, 1)); }

/* 8 bytes of 8 images. */
static void load_block(float *origin, const uint8_t *images, int imageBytes, const int32_t *offset, float factor) {
  v128_t pairs[4];
  for (int i = 0; i < 4; i++) {
    const uint8_t *even = images + 2 * i * imageBytes;
    pairs[i] = interleave_bytes(wasm_v128_load64_zero(even), wasm_v128_load64_zero(even + imageBytes));
  }
  const v128_t low0 = interleave_low_pairs(pairs[0], pairs[1]), low1 = interleave_low_pairs(pairs[2], pairs[3]);
  const v128_t high0 = interleave_high_pairs(pairs[0], pairs[1]), high1 = interleave_high_pairs(pairs[2], pairs[3]);
  const v128_t columns[4] = {
      wasm_i32x4_shuffle(low0, low1, 0, 4, 1, 5),
      wasm_i32x4_shuffle(low0, low1, 2, 6, 3, 7),
      wasm_i32x4_shuffle(high0, high1, 0, 4, 1, 5),
      wasm_i32x4_shuffle(high0, high1, 2, 6, 3, 7),
  };
  for (int i = 0; i < 4; i++) {
    store(origin + offset[2 * i], low_bytes(columns[i]) * factor);
    store(origin + offset[2 * i + 1], high_bytes(columns[i]) * factor);
  }
}

static void load_byte(float *to, const uint8_t *images, int imageBytes, float factor) {
  for (int lane = 0; lane < LANE_COUNT; lane++) to[lane] = (float)images[lane * imageBytes] * factor;
}

void load_images(const Network *network, int arithmetic, int group) {
  const Tensor *x = network->input;
  const int imageBytes = network->imageBytes;
  const float factor = arithmetic == FLOAT ? x->scale : 1;
  const uint8_t *images = network->images + group * LANE_COUNT * imageBytes;
  float *origin = plane_of(x, group, 0);
  int i = 0;
  for (; i + 8 <= imageBytes; i += 8) load_block(origin, images + i, imageBytes, network->pixelOffset + i, factor);
  for (; i < imageBytes; i++) load_byte(origin + network->pixelOffset[i], images + i, imageBytes, factor);
}
