import type { Step } from '@sparrow/model';
import { totalCycles } from '../assembly/ledger.ts';
import type { PrintedStep } from '../context.ts';
import { compileStep, stepCycles } from './step-code.ts';

/** A way to compute a step, with what it takes. */
export interface Way {
  readonly printed: PrintedStep;
  /** Of all iterations. */
  readonly cycles: number;
  /** Code and parameters. */
  readonly flashBytes: number;
  readonly codeBytes: number;
  /** Of what steps share. */
  readonly scratchBytes: number;
}

/** Those that find a place in the chip's registers; there always is one. */
export function weighWays(name: string, step: Step, ways: readonly PrintedStep[]): Way[] {
  const possible = ways.flatMap((printed): Way[] => {
    const code = compileStep(name, step, printed, false);
    if (!code) return [];
    const parameterBytes = printed.tables.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return [
      {
        printed,
        cycles: totalCycles(stepCycles(code)),
        flashBytes: 2 * code.assembly.words + parameterBytes,
        codeBytes: 2 * code.assembly.words,
        scratchBytes: code.scratchBytes,
      },
    ];
  });
  if (possible.length === 0) throw new Error(`${name}: no way to compute it with the chip's registers`);
  return possible;
}

/** How many cycles a byte is worth. */
export interface Prices {
  readonly flashByte: number;
  readonly scratchByte: number;
}

/** The way that costs least. */
export function cheapest(ways: readonly Way[], { flashByte, scratchByte }: Prices): Way {
  const price = (way: Way): number => way.cycles + flashByte * way.flashBytes + scratchByte * way.scratchBytes;
  return ways.reduce((best, way) => (price(way) < price(best) ? way : best));
}
