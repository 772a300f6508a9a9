/* Updates of parameters. Weight decay is for weights only; pruned weights stay 0. */
#include <math.h>

#include "kernels.h"

#define ADAM_DECAY2 0.999f
#define ADAM_EPSILON 1e-8f

/* SMALLEST_STEP of src/quantization/steps.ts. */
#define SMALLEST_STEP 0.01f

static void apply_mask(const Weighted *w) {
  for (int i = 0; i < w->weightCount; i++) {
    if (!w->mask[i]) w->parameters[i] = 0;
  }
}

/* Those that are learned are never 0. */
static void keep_steps_positive(const Weighted *w) {
  for (int channel = 0; channel < w->channels; channel++) {
    float *step = &steps(w, w->parameters)[channel];
    if (*step != 0 && *step < SMALLEST_STEP) *step = SMALLEST_STEP;
  }
}

/* v = momentum*v + gradient + decay*w, w = w - learningRate*v. */
static void sgd(const Weighted *w, float learningRate, float momentum, float weightDecay) {
  for (int i = 0; i < parameter_count(w); i++) {
    const float decay = i < w->weightCount ? weightDecay * w->parameters[i] : 0;
    w->firstMoments[i] = momentum * w->firstMoments[i] + w->gradients[i] + decay;
    w->parameters[i] -= learningRate * w->firstMoments[i];
  }
}

/* Kingma and Ba (2015), algorithm 1, with decoupled weight decay (Loshchilov and Hutter 2019). */
static void adam(const Weighted *w, float learningRate, float momentum, float weightDecay, int step) {
  const float correction1 = (float)(1 / (1 - pow(momentum, step))), correction2 = (float)(1 / (1 - pow(ADAM_DECAY2, step)));
  for (int i = 0; i < parameter_count(w); i++) {
    const float gradient = w->gradients[i], decay = i < w->weightCount ? weightDecay * w->parameters[i] : 0;
    w->firstMoments[i] = momentum * w->firstMoments[i] + (1 - momentum) * gradient;
    w->secondMoments[i] = ADAM_DECAY2 * w->secondMoments[i] + (1 - ADAM_DECAY2) * gradient * gradient;
    const float direction = w->firstMoments[i] * correction1 / (sqrtf(w->secondMoments[i] * correction2) + ADAM_EPSILON);
    w->parameters[i] -= learningRate * (direction + decay);
  }
}

/* `step` counts from 1. */
__attribute__((export_name("update"))) void update(
    Network *network, int useAdam, float learningRate, float momentum, float weightDecay, int step) {
  for (int i = 0; i < network->layerCount; i++) {
    const Weighted *w = network->layers[i].weighted;
    if (!w) continue;
    if (useAdam) adam(w, learningRate, momentum, weightDecay, step);
    else sgd(w, learningRate, momentum, weightDecay);
    apply_mask(w);
    keep_steps_positive(w);
  }
}
