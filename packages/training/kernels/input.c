/* Bytes `[image][row][column][channel]` to the input tensor. Pixels stand for 0...1: 1/255 is their scale. */
#include "kernels.h"

void load_images(const Network *network, int arithmetic, int group) {
  const Tensor *x = network->input;
  const float factor = arithmetic == FLOAT ? x->scale : 1;
  const int imageBytes = x->rows * x->columns * x->channels;
  const uint8_t *first = network->images + group * LANE_COUNT * imageBytes;
  for (int row = 0; row < x->rows; row++) {
    for (int column = 0; column < x->columns; column++) {
      for (int channel = 0; channel < x->channels; channel++, first++) {
        LanesInt pixels;
        for (int lane = 0; lane < LANE_COUNT; lane++) pixels[lane] = first[lane * imageBytes];
        store(row_of(x, group, channel, row) + column * LANE_COUNT, __builtin_convertvector(pixels, Lanes) * factor);
      }
    }
  }
}
