import type { Engine } from '../engine.ts';
import { loadTensorFlow } from './backend.ts';
import { TfjsNetwork } from './network.ts';

/** TensorFlow.js: the oracle that other engines' gradients are tested against, and the baseline of the benchmark. */
export const tfjsEngine: Engine = {
  name: 'tfjs',
  async createNetwork(architecture, options) {
    return new TfjsNetwork(await loadTensorFlow(), architecture, options);
  },
};
