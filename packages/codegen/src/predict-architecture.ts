import type { Architecture } from '@sparrow/model';
import { predict, type Prediction } from './predict.ts';
import { typicalModel } from './typical-model.ts';

/**
 * What a network will about take once it is trained: exact in RAM, within some per cent in flash and cycles, which depend on how
 * large and how sparse its weights get. `sparsity`: the fraction of weights that will be 0.
 *
 * @throws ModelError if the architecture is not valid
 */
export function predictArchitecture(architecture: Architecture, sparsity = 0): Prediction {
  return predict(typicalModel('typical', architecture, { sumBits: 24, sparsity }));
}
