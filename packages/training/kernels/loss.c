/* From the last layer's accumulators to logits, loss and gradient. */
#include <math.h>

#include "kernels.h"

static const Layer *last_layer(const Network *network) { return &network->layers[network->layerCount - 1]; }

/* The logit that an accumulator stands for: exact before it is rounded to a float in integer arithmetic, real otherwise. */
static float logit_of(const Layer *layer, int arithmetic, int group, int channel, int lane) {
  const Weighted *w = layer->weighted;
  const float *at = plane_of(w->accumulator, group, channel) + lane;
  if (arithmetic == INTEGER) return (float)((*w->isWide ? (double)*(const int32_t *)at : *at) + w->bias[channel]);
  return (float)(*at * accumulator_scale(layer, channel, arithmetic) + betas(w, w->parameters)[channel]);
}

void read_logits(const Network *network, int arithmetic, int group) {
  float *to = network->logits + group * LANE_COUNT * network->classes;
  for (int lane = 0; lane < LANE_COUNT; lane++) {
    for (int channel = 0; channel < network->classes; channel++) {
      *to++ = logit_of(last_layer(network), arithmetic, group, channel, lane);
    }
  }
}

static double image_loss(const Network *network, int arithmetic, int image, double scale) {
  const Layer *layer = last_layer(network);
  const int classes = network->classes, group = image / LANE_COUNT, lane = image % LANE_COUNT;
  const float *logits = network->logits + image * classes, *targets = network->targets + image * classes;
  double largest = logits[0], sum = 0, loss = 0, weight = 0;
  for (int k = 1; k < classes; k++) largest = logits[k] > largest ? logits[k] : largest;
  for (int k = 0; k < classes; k++) {
    sum += expf((float)((logits[k] - largest) * scale));
    weight += targets[k];
  }
  const double logSum = log(sum);
  for (int k = 0; k < classes; k++) {
    const double logProbability = (logits[k] - largest) * scale - logSum;
    const double gradient = (weight * expf((float)logProbability) - targets[k]) / (network->groups * LANE_COUNT);
    loss -= targets[k] * logProbability;
    betas(layer->weighted, layer->weighted->gradients)[k] += (float)gradient;
    plane_of(layer->outputGradient, group, k)[lane] = (float)(gradient * accumulator_scale(layer, k, arithmetic));
  }
  return loss;
}

/* The mean cross-entropy of the batch; leaves the gradient by the last layer's accumulators and adds that by its bias. */
float softmax_cross_entropy(const Network *network, int arithmetic) {
  const double scale = arithmetic == INTEGER ? accumulator_scale(last_layer(network), 0, arithmetic) : 1;
  const int images = network->groups * LANE_COUNT;
  double loss = 0;
  for (int image = 0; image < images; image++) loss += image_loss(network, arithmetic, image, scale);
  return (float)(loss / images);
}
