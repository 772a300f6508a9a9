/* One operator a file; `group` is a group of LANE_COUNT images. */
#ifndef KERNELS_H
#define KERNELS_H

#include "network.h"

/* correlate.c */
void pack_weights(const Correlation *, const float *weights);
void correlate(const Correlation *, const float *input, float *output, int accumulate);

/* correlate_wide.c */
void correlate_wide(const Correlation *, const float *input, float *output);

/* weight_gradient.c */
void clear_gradients(const Layer *);
void weight_gradient(const Layer *, int firstGroup, int endGroup);
void finish_weight_gradient(const Layer *);
void step_gradient(const Layer *);

/* quantize_weights.c */
void quantize_weights(const Layer *, int arithmetic);

/* batch_norm.c */
void clear_sums(const Layer *);
void add_statistics(const Layer *, int group);
void fold_batch_statistics(const Network *, const Layer *, int arithmetic, int updateRunning);
void fold_running_statistics(const Network *, const Layer *, int arithmetic);
void normalize(const Layer *, int arithmetic, int group);
void add_gradient_sums(const Layer *, int arithmetic, int group);
void fold_gradient_sums(const Network *, const Layer *, int arithmetic, int frozen);
void normalize_gradient(const Layer *, int arithmetic, int group);

/* requantize.c */
void requantize(const Layer *, int group);
Lanes requantize_lanes(Lanes sum, double bias, double factor);

/* pool.c */
void max_pool(const Layer *, int group);
void max_pool_gradient(const Layer *, int group);
void average_pool(const Layer *, int arithmetic, int group);
void average_pool_gradient(const Layer *, int arithmetic, int group);

/* add.c */
void add(const Layer *, int arithmetic, int group);
void add_gradient(const Layer *, int arithmetic, int group);

/* input.c */
void load_images(const Network *, int arithmetic, int group);

/* loss.c */
void read_logits(const Network *, int arithmetic, int group);
float softmax_cross_entropy(const Network *, int arithmetic);

#endif
