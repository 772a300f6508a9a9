import type { AvrProgram } from './avr.ts';
import type { Way } from './ways.ts';

/** Makes a program of one of the ways of each step. */
export type Make = (choose: (ways: readonly Way[], step: number) => Way) => AvrProgram;

/** Programs are built to see whether they do. */
const MOST_ATTEMPTS = 6;

/**
 * The program of the ways that `choose` takes, but for one step, which is computed in a way whose code is smaller by `excess` bytes or more:
 * that which costs least time and leads to a program that `suits`. Undefined if there is none.
 */
export function swapOne(
  make: Make,
  choose: (ways: readonly Way[]) => Way,
  excess: number,
  suits: (program: AvrProgram) => boolean,
): AvrProgram | undefined {
  const swaps: { readonly step: number; readonly way: Way; readonly loss: number }[] = [];
  make((ways, step) => {
    const chosen = choose(ways);
    for (const way of ways) {
      if (chosen.codeBytes - way.codeBytes >= excess) swaps.push({ step, way, loss: way.cycles - chosen.cycles });
    }
    return chosen;
  });
  swaps.sort((a, b) => a.loss - b.loss);
  for (const swap of swaps.slice(0, MOST_ATTEMPTS)) {
    const program = make((ways, step) => (step === swap.step ? swap.way : choose(ways)));
    if (suits(program)) return program;
  }
  return undefined;
}
