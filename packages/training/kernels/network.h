/*
 * What the kernels know of a network. src/wasm/plan.ts fills these records in: every field takes four bytes, in this order.
 *
 * Units. A stored value is the real value over its scale: real = scale * stored. In float arithmetic all scales are 1; in quantized and
 * integer arithmetic stored activations and weights are the integers of docs/numerics.md, as floats. Gradients are derivatives by
 * stored values, so no kernel of the backward pass needs a scale; only the gradients of parameters are turned into real units.
 */
#ifndef NETWORK_H
#define NETWORK_H

#include "lanes.h"

enum Arithmetic { FLOAT, QUANTIZED, INTEGER };

enum Kind { WEIGHTED, MAX_POOL, AVERAGE_POOL, ADD };

/* Activations or gradients of the whole batch. Rows and columns of zeros around each plane spare kernels all tests for borders. */
typedef struct {
  float *origin; /* lane 0 of row 0, column 0, channel 0 of group 0 */
  int32_t channels;
  int32_t rows;
  int32_t columns;
  int32_t rowStride; /* strides in floats; between columns it is LANE_COUNT */
  int32_t planeStride;
  int32_t groupStride;
  float scale;
} Tensor;

/*
 * out[outputBase + outputOffset[o] + r*outputRowStride + c*outputColumnStride] =
 *   sum over e of weight[weightIndex[e] + o*weightStride] * in[inputOffset[e] + r*inputRowStride + c*inputColumnStride]
 *
 * Convolution and dense layers are one of these forward, depthwise convolution one a channel; the gradient by the input is another one for each
 * phase of the stride. Offsets are in floats from a tensor's origin.
 */
typedef struct {
  int32_t entries;
  int32_t outputs;
  const int32_t *inputOffset;
  const int32_t *weightIndex;
  const int32_t *outputOffset;
  int32_t weightStride;
  float *packed; /* weights in the order that the tiles read them, entries * outputs */
  int32_t rows;
  int32_t columns;
  int32_t inputRowStride;
  int32_t inputColumnStride;
  int32_t outputBase;
  int32_t outputRowStride;
  int32_t outputColumnStride;
} Correlation;

/* A layer with weights: its parameters, and what is derived from them for a step. Arrays have one entry a channel unless they say otherwise. */
typedef struct {
  int32_t channels;
  int32_t weightsPerChannel;
  int32_t channelStride; /* between a channel's first weight and the next channel's */
  int32_t weightStride;  /* between two weights of one channel */
  int32_t weightCount;
  float largestWeight;
  float clippingDeviations;
  float largestSum; /* of the positive stored weights of a channel, and of the negative ones; infinite if accumulators are not bounded */
  int32_t isLast; /* gives the logits: no batch norm, no ReLU, one scale for all channels */
  int32_t orbit;  /* channels side by side that are transforms of each other, and have their statistics in common; 1 without symmetry */

  float *parameters; /* weightCount weights, then gamma, beta and steps; the next three likewise */
  float *gradients;
  float *firstMoments;
  float *secondMoments;
  float *laneGradients; /* 4 partial sums a weight */
  uint8_t *mask;
  float *runningMean;
  float *runningVariance;

  float *weights;     /* stored weights, layout of the parameters */
  float *weightScale; /* negative where a negative gamma turned the stored weights around */
  float *stepUnit;    /* quantized arithmetic: derivative of the weight scale by the step */
  int32_t *bias;      /* integer arithmetic */
  float *multiplier;  /* integer arithmetic: multiplier / 2^shift, exact */
  int32_t *isWide;    /* integer arithmetic, one for the layer: sums may pass 2^24, floats would not be exact */

  float *slope; /* output = slope * accumulator + offset, before ReLU and rounding */
  float *offset;
  float *mean;             /* of the accumulators that batch norm subtracts */
  float *inverseDeviation; /* 1 / sqrt(variance + epsilon), of real values */
  float *gradientSlope;    /* gradient by accumulator = slope * masked + gradientSlope * accumulator + gradientOffset */
  float *gradientOffset;
  double *sums; /* two a channel */
  float *pivot;

  Tensor *accumulator;
  Correlation *forward;
  int32_t forwardCount;
  Correlation *backward;
  int32_t backwardCount;
} Weighted;

/* All exact: multipliers / 2^shift, and for add bias / 2^shift, for pools the bias itself. */
typedef struct {
  double multipliers[2];
  double bias;
} Constants;

typedef struct {
  int32_t kind;
  Tensor *inputs[2];
  Tensor *output;
  Tensor *inputGradients[2]; /* null where nobody needs it */
  Tensor *outputGradient;
  int32_t accumulates[2]; /* a later layer has written this input's gradient already: add to it */
  Weighted *weighted;
  int32_t windowRows;
  int32_t windowColumns;
  int32_t strideRows;
  int32_t strideColumns;
  Constants *constants; /* of pools in quantized arithmetic, of pools and add in integer arithmetic */
} Layer;

typedef struct {
  int32_t groups;
  int32_t classes;
  int32_t layerCount;
  Layer *layers;
  Tensor *input;
  int32_t imageBytes;
  int32_t *pixelOffset; /* from the input's origin, of each byte of an image */
  uint8_t *images;      /* [image][row][column][channel] */
  float *targets;  /* [image][class] */
  float *logits;   /* [image][class]; integers in integer arithmetic, else real */
  float epsilon;
  float statisticsMomentum;
} Network;

static inline float scale_of(const Tensor *tensor, int arithmetic) { return arithmetic == FLOAT ? 1 : tensor->scale; }

static inline float *plane_of(const Tensor *tensor, int group, int channel) {
  return tensor->origin + group * tensor->groupStride + channel * tensor->planeStride;
}

static inline float *row_of(const Tensor *tensor, int group, int channel, int row) {
  return plane_of(tensor, group, channel) + row * tensor->rowStride;
}

/* Real value of 1 in the accumulator. */
static inline double accumulator_scale(const Layer *layer, int channel, int arithmetic) {
  return (double)scale_of(layer->inputs[0], arithmetic) * layer->weighted->weightScale[channel];
}

static inline float *gammas(const Weighted *weighted, float *of) { return of + weighted->weightCount; }
static inline float *betas(const Weighted *weighted, float *of) { return of + weighted->weightCount + weighted->channels; }

/* Between two levels of stored weights, in root mean squares of the channel's kept weights; 0 where the scale follows from the weights alone. */
static inline float *steps(const Weighted *weighted, float *of) {
  return of + weighted->weightCount + 2 * weighted->channels;
}

static inline int parameter_count(const Weighted *weighted) { return weighted->weightCount + 3 * weighted->channels; }

#endif
