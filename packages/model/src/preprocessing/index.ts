export { HALF_LEVEL, LARGEST_LEVEL } from './moments.ts';
export { CENTRE_BITS, doubledDeviation, RATIO_BITS, STEPS } from './normalization.ts';
export { canBeNormalised, checkPreprocessing, preprocess } from './preprocess.ts';
export { PIXEL_OF_LEVEL, ROW_WEIGHT } from './resample.ts';
