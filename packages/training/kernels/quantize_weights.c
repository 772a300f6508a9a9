/* Stored weights from the master weights. The formulas are those of src/quantization/kernel.ts. */
#include <math.h>

#include "kernels.h"

typedef struct {
  float largest;
  double squares;
  int kept;
  double side; /* the largest sum of the weights of one sign of one channel */
} Spread;

static void add_channel(const Weighted *w, int channel, Spread *spread) {
  double sum = 0;
  double magnitudes = 0;
  for (int n = 0, i = channel * w->channelStride; n < w->weightsPerChannel; n++, i += w->weightStride) {
    if (!w->mask[i]) continue;
    float magnitude = fabsf(w->parameters[i]);
    if (magnitude > spread->largest) spread->largest = magnitude;
    spread->squares += (double)magnitude * magnitude;
    magnitudes += magnitude;
    sum += w->parameters[i];
    spread->kept++;
  }
  double side = (magnitudes + fabs(sum)) / 2;
  if (side > spread->side) spread->side = side;
}

static double scale_without_step(const Weighted *w, const Spread *spread, double rootMeanSquare) {
  double clip = w->clippingDeviations * rootMeanSquare;
  return (spread->largest < clip ? spread->largest : clip) / w->largestWeight;
}

static void choose_scale(const Weighted *w, int channel, const Spread *spread) {
  w->weightScale[channel] = 1;
  w->stepUnit[channel] = 0;
  if (spread->largest == 0) return;
  float step = steps(w, w->parameters)[channel];
  double rootMeanSquare = sqrt(spread->squares / spread->kept);
  double scale = step > 0 ? step * rootMeanSquare : scale_without_step(w, spread, rootMeanSquare);
  double bound = spread->side / w->largestSum;
  w->weightScale[channel] = (float)(scale > bound ? scale : bound);
  if (scale > bound) w->stepUnit[channel] = (float)rootMeanSquare;
}

static void choose_scales(const Weighted *w) {
  Spread spread = {0, 0, 0, 0};
  for (int channel = 0; channel < w->channels; channel++) {
    if (!w->isLast) spread = (Spread){0, 0, 0, 0};
    add_channel(w, channel, &spread);
    choose_scale(w, channel, &spread);
  }
  if (!w->isLast) return;
  for (int channel = 0; channel < w->channels; channel++) {
    w->weightScale[channel] = w->weightScale[w->channels - 1];
    w->stepUnit[channel] = w->stepUnit[w->channels - 1];
  }
}

static float round_weight(double weight, double scale, double largest) {
  double rounded = floor(weight / scale + 0.5);
  return (float)(rounded > largest ? largest : rounded < -largest ? -largest : rounded);
}

/* In integer arithmetic the caller has written weights and scales already. */
void quantize_weights(const Layer *layer, int arithmetic) {
  const Weighted *w = layer->weighted;
  if (arithmetic == QUANTIZED) choose_scales(w);
  for (int channel = 0; arithmetic != INTEGER && channel < w->channels; channel++) {
    if (arithmetic == FLOAT) w->weightScale[channel] = 1;
    float scale = w->weightScale[channel];
    for (int n = 0, i = channel * w->channelStride; n < w->weightsPerChannel; n++, i += w->weightStride) {
      float weight = w->mask[i] ? w->parameters[i] : 0;
      w->weights[i] = arithmetic == FLOAT ? weight : round_weight(weight, scale, w->largestWeight);
    }
  }
  for (int i = 0; i < w->forwardCount; i++) pack_weights(&w->forward[i], w->weights);
  for (int i = 0; i < w->backwardCount; i++) pack_weights(&w->backward[i], w->weights);
}
