import type { Arithmetic } from '../engine.ts';
import type { Phases, Recipe } from './recipe.ts';

/** The learning rate when `fraction` of all steps is done: linear warm-up, then half a cosine. */
export function learningRateAt(fraction: number, { learningRate, learningRateFloor, warmUp }: Recipe): number {
  if (fraction < warmUp) return (learningRate * fraction) / warmUp;
  const rest = (fraction - warmUp) / (1 - warmUp);
  return learningRate * (learningRateFloor + ((1 - learningRateFloor) * (1 + Math.cos(Math.PI * rest))) / 2);
}

export function arithmeticAt(fraction: number, { float, quantized }: Phases): Arithmetic {
  if (fraction < float) return 'float';
  return fraction < float + quantized ? 'quantized' : 'integer';
}

/** Pruning starts when so much of the training is done, and is complete early enough for the rest to recover. */
const PRUNING_WINDOW = { start: 0.15, end: 0.6 } as const;

/** When channels are removed, all at once: the network can tell which matter, and has time to do without. */
export const STRUCTURED_PRUNING_AT = 0.3;

/** Noise tells what matters until so much of the training is done; its divergence counts fully after a third of that. */
export const VARIATIONAL_UNTIL = 0.35;

/** Sparsity on the way to `ratio`: fast at first, slower as less is left (Zhu and Gupta 2017, eq. 1). */
export function sparsityAt(fraction: number, ratio: number): number {
  const { start, end } = PRUNING_WINDOW;
  const progress = Math.min(1, Math.max(0, (fraction - start) / (end - start)));
  return ratio * (1 - (1 - progress) ** 3);
}
