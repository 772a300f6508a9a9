export { LARGEST_LEVEL, levelOf, type Moments, momentsOf } from './moments.ts';
export { CENTRE_BITS, doubledDeviation, type Placement, placementOf, RATIO_BITS, STEPS } from './normalization.ts';
export { checkPreprocessing, hasMoments, preprocess } from './preprocess.ts';
