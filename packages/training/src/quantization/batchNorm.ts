/** Added to variances: `y = gamma · (z − mean) / √(variance + EPSILON) + beta` (Ioffe and Szegedy 2015, eq. 4). Both engines use it. */
export const BATCH_NORM_EPSILON = 1e-3;

/**
 * `running = MOMENTUM · running + (1 − MOMENTUM) · batch` after every training step in `float` and `quantized`
 * arithmetic; mean and (biased) variance alike. Frozen in `integer`.
 */
export const BATCH_NORM_MOMENTUM = 0.9;
