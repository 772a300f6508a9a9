import type { Architecture } from '@sparrow/model';
import { spots } from '../engine.fixtures.ts';
import { wasmEngine } from '../wasm/engine.ts';
import { defaultRecipe, type Pruning } from './recipe.ts';
import { trainModel, type TrainedNetwork } from './train.ts';

/** A whole training on the small problem of `spots`, in a fraction of a second. */
export function trainOnSpots(architecture: Architecture, pruning: Pruning): Promise<TrainedNetwork> {
  return trainModel({
    engine: wasmEngine,
    architecture,
    dataset: {
      name: 'spots',
      ...architecture.input,
      train: { count: 320, ...spots(320, 1) },
      validation: { count: 100, ...spots(100, 2) },
    },
    seed: 5,
    recipe: { ...defaultRecipe, epochs: 6, batchSize: 32, pruning },
  });
}
