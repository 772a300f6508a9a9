/*
 * Which kernel runs when. Groups of images go through as many layers as possible one after the other, so that what a layer writes is still in the
 * cache when the next one reads it. Only batch statistics need all groups at once: a pass over the groups ends at each layer that
 * collects them, and the next pass begins by using them.
 */
#include "kernels.h"

#define EXPORT(name) __attribute__((export_name(#name)))

/* A layer with fewer pixels goes over all groups at once for its weight gradient. */
#define PIXELS_FOR_GROUPWISE_GRADIENT 32

static int has_batch_norm(const Layer *layer) { return layer->kind == WEIGHTED && !layer->weighted->isLast; }

static void accumulate_layer(const Layer *layer, int arithmetic, int group) {
  const Weighted *w = layer->weighted;
  const float *input = plane_of(layer->inputs[0], group, 0);
  float *output = plane_of(w->accumulator, group, 0);
  for (int i = 0; i < w->forwardCount; i++) {
    if (arithmetic == INTEGER && *w->isWide) correlate_wide(&w->forward[i], input, output);
    else correlate(&w->forward[i], input, output, 0);
  }
}

static void forward_layer(const Network *network, const Layer *layer, int arithmetic, int group) {
  switch (layer->kind) {
    case WEIGHTED:
      accumulate_layer(layer, arithmetic, group);
      if (layer->weighted->isLast) read_logits(network, arithmetic, group);
      else normalize(layer, arithmetic, group);
      return;
    case MAX_POOL:
      max_pool(layer, group);
      return;
    case AVERAGE_POOL:
      average_pool(layer, arithmetic, group);
      return;
    case ADD:
      add(layer, arithmetic, group);
  }
}

/* Weights, and with frozen statistics batch norm, as the forward pass of this arithmetic needs them. */
EXPORT(prepare) void prepare(Network *network, int arithmetic, int batchStatistics) {
  for (int i = 0; i < network->layerCount; i++) {
    const Layer *layer = &network->layers[i];
    if (layer->kind != WEIGHTED) continue;
    quantize_weights(layer, arithmetic);
    if (has_batch_norm(layer) && !batchStatistics) fold_running_statistics(network, layer, arithmetic);
  }
}

/* After `prepare`: the logits of the first `groups` groups of images, with running statistics. */
EXPORT(evaluate) void evaluate(Network *network, int arithmetic, int groups) {
  for (int group = 0; group < groups; group++) {
    load_images(network, arithmetic, group);
    for (int i = 0; i < network->layerCount; i++) forward_layer(network, &network->layers[i], arithmetic, group);
  }
}

static void forward_with_batch_statistics(const Network *network, int arithmetic, int updateRunning) {
  const Layer *pending = 0;
  for (int first = 0; first < network->layerCount;) {
    int end = first;
    while (end < network->layerCount && !has_batch_norm(&network->layers[end])) end++;
    const Layer *statistics = end < network->layerCount ? &network->layers[end] : 0;
    if (statistics) clear_sums(statistics);
    for (int group = 0; group < network->groups; group++) {
      if (pending) normalize(pending, arithmetic, group);
      else load_images(network, arithmetic, group);
      for (int i = first; i < end; i++) forward_layer(network, &network->layers[i], arithmetic, group);
      if (!statistics) continue;
      accumulate_layer(statistics, arithmetic, group);
      add_statistics(statistics, group);
    }
    if (statistics) fold_batch_statistics(network, statistics, arithmetic, updateRunning);
    pending = statistics;
    first = end + 1;
  }
}

static int is_groupwise(const Layer *layer) {
  const Tensor *t = layer->weighted->accumulator;
  return t->rows * t->columns >= PIXELS_FOR_GROUPWISE_GRADIENT;
}

/* From the gradient by a layer's accumulators to those by its weights and its input. */
static void backward_weighted(const Layer *layer, int group) {
  const Weighted *w = layer->weighted;
  if (is_groupwise(layer)) weight_gradient(layer, group, group + 1);
  if (!layer->inputGradients[0]) return;
  const float *gradients = plane_of(layer->outputGradient, group, 0);
  float *inputGradients = plane_of(layer->inputGradients[0], group, 0);
  for (int i = 0; i < w->backwardCount; i++) {
    correlate(&w->backward[i], gradients, inputGradients, layer->accumulates[0]);
  }
}

static void backward_layer(const Layer *layer, int arithmetic, int group) {
  switch (layer->kind) {
    case WEIGHTED:
      backward_weighted(layer, group);
      return;
    case MAX_POOL:
      max_pool_gradient(layer, group);
      return;
    case AVERAGE_POOL:
      average_pool_gradient(layer, arithmetic, group);
      return;
    case ADD:
      add_gradient(layer, arithmetic, group);
  }
}

static void backward(const Network *network, int arithmetic) {
  const Layer *pending = 0;
  for (int last = network->layerCount - 1; last >= 0 || pending;) {
    int begin = last;
    while (begin >= 0 && !has_batch_norm(&network->layers[begin])) begin--;
    const Layer *statistics = begin >= 0 ? &network->layers[begin] : 0;
    for (int group = 0; group < network->groups; group++) {
      if (pending) {
        normalize_gradient(pending, arithmetic, group);
        backward_weighted(pending, group);
      }
      for (int i = last; i > begin; i--) backward_layer(&network->layers[i], arithmetic, group);
      if (statistics) add_gradient_sums(statistics, arithmetic, group);
    }
    if (statistics) fold_gradient_sums(network, statistics, arithmetic, arithmetic == INTEGER);
    pending = statistics;
    last = begin - 1;
  }
  for (int i = 0; i < network->layerCount; i++) {
    const Layer *layer = &network->layers[i];
    if (layer->kind != WEIGHTED) continue;
    if (!is_groupwise(layer)) weight_gradient(layer, 0, network->groups);
    finish_weight_gradient(layer);
    if (arithmetic == QUANTIZED) step_gradient(layer);
  }
}

/* After `prepare`: the mean loss of a full batch, leaving its gradients. Statistics are those of the batch, but frozen in integer arithmetic. */
EXPORT(gradients) float gradients(Network *network, int arithmetic, int updateRunning) {
  if (arithmetic == INTEGER) evaluate(network, arithmetic, network->groups);
  else forward_with_batch_statistics(network, arithmetic, updateRunning);
  for (int i = 0; i < network->layerCount; i++) {
    if (network->layers[i].kind != WEIGHTED) continue;
    clear_sums(&network->layers[i]);
    clear_gradients(&network->layers[i]);
  }
  const float loss = softmax_cross_entropy(network, arithmetic);
  backward(network, arithmetic);
  return loss;
}
