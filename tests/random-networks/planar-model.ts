import { typicalModel } from '@sparrow/codegen';
import {
  averagePool,
  conv2d,
  createInterpreter,
  logits,
  maxPool,
  sequential,
  type Architecture,
  type LayerParameters,
  type Model,
} from '@sparrow/model';
import { chance, integer, pick, randomImage, type Random, seededRandom } from '@sparrow/model/testing';

/** Bytes of the rows that the sparse convolution reads. */
const MOST_ROW_BYTES = 600;

/**
 * A sparse convolution behind another layer, so that neighbouring pixels of a channel lie side by side, with int8 weights that are small
 * enough for 16-bit sums: what `randomModel` draws too seldom. The same seed gives the same model.
 */
export function planarModel(seed: number): Model {
  const random = seededRandom(seed);
  for (;;) {
    const sparsity = pick(random, [0.4, 0.6, 0.7, 0.9]);
    const model = typicalModel(`planar-${seed}`, planarArchitecture(random), { sumBits: 16, sparsity });
    const drawn = { ...model, parameters: model.parameters.map((own) => varied(own, random)) };
    if (isAlive(drawn, random)) return drawn;
  }
}

/** Whether logits depend on the image. */
function isAlive(model: Model, random: Random): boolean {
  const { infer } = createInterpreter(model);
  const [first, second] = Array.from({ length: 2 }, () => {
    return infer(randomImage(model.architecture.input, random, 'noise')).join();
  });
  return first !== second;
}

function planarArchitecture(random: Random): Architecture {
  // Rows of taps of many channels have more weights than a byte tells.
  const channels = pick(random, [1, 2, 3, 5, 8, 16, 28]);
  const kernel = pick(random, [2, 3, 3, 5]);
  const widest = Math.floor(MOST_ROW_BYTES / ((kernel + 1) * channels));
  const input = {
    height: integer(random, kernel, 9),
    width: integer(random, kernel, Math.min(17, Math.max(kernel, widest))),
    channels: integer(random, 1, 3),
  };
  const padding = chance(random, 0.7) ? 'same' : 'valid';
  const sparse = conv2d(integer(random, 1, 5), { kernel, padding });
  const { height, width } = input;
  const pools = padding === 'same' && Math.min(height, width) > 1 && chance(random, 0.4);
  const pool = pools ? [pick(random, [maxPool, averagePool])(2)] : [];
  return sequential(input, [conv2d(channels, { kernel: 1 }), sparse, ...pool, logits(integer(random, 2, 5))]);
}

/** Each channel with a bias, which leaves sums their 16 bits, and a multiplier of its own. */
function varied(own: LayerParameters, random: Random): LayerParameters {
  if (own.kind !== 'weighted' || !own.requantization) return own;
  const { multipliers, shift } = own.requantization;
  return {
    ...own,
    bias: own.bias.map(() => integer(random, -127, 127)),
    requantization: {
      shift,
      multipliers: multipliers.map((multiplier) => integer(random, multiplier >> 1, multiplier)),
    },
  };
}
