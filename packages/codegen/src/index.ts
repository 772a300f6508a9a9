export { generate } from './generate.ts';
export { HIL } from './hil-overhead.ts';
export { predict, type PredictedLayer, type Prediction } from './predict.ts';
export { predictArchitecture } from './predict-architecture.ts';
export { PREPROCESSING_FUNCTIONS } from './preprocessing/names.ts';
export { planModel } from './program/design.ts';
export * from './sources.ts';
export { typicalModel, type TypicalWeights } from './typical-model.ts';
