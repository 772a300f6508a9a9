import type { MemoryPlan, Ring } from '@sparrow/model';
import type { StepCode } from './step-code.ts';

/** The schedule's entry that ends an input row. Steps follow, then what clears rings. */
export const WAIT = 0;

/** What the driver does after an input row: entries of the schedule, and iterations of steps. */
export interface Schedule {
  /** By input row: where it goes in its ring if that differs, entries with their operands, WAIT. */
  readonly bytes: readonly number[];
  /** Whether rows of the input begin with a slot. */
  readonly hasInputSlots: boolean;
  /** Rings whose gaps have to be zeroed when their life begins; their entries' numbers follow those of the steps. */
  readonly cleared: readonly Ring[];
}

/** Rings in which somebody takes gaps for padding, while other buffers use their memory at other times. */
function ringsToClear(plan: MemoryPlan): Ring[] {
  return plan.rings.filter((ring): ring is Ring => ring !== undefined && ring.gap > 0 && ring.shared);
}

export function makeSchedule(plan: MemoryPlan, steps: readonly StepCode[]): Schedule {
  const [input] = plan.rings as [Ring];
  const hasInputSlots = input.rows > 1;
  const cleared = ringsToClear(plan).filter((ring) => ring !== input);
  const done = steps.map(() => 0);
  const bytes: number[] = [];
  plan.order.forEach((order, row) => {
    if (hasInputSlots) bytes.push(row % input.rows);
    for (const index of order) {
      const { step, operands } = steps[index];
      const ring = cleared.findIndex(({ tensor }) => tensor === step.output);
      const firstWrite = step.accumulates ? step.rowsPerOutput - 1 : 0;
      if (ring >= 0 && done[index] === firstWrite) bytes.push(1 + steps.length + ring);
      bytes.push(1 + index, ...operands.map(({ values }) => values[done[index]]));
      done[index]++;
    }
    bytes.push(WAIT);
  });
  return { bytes, hasInputSlots, cleared };
}

/** The input's ring, if it has to be cleared before each image. */
export function inputToClear(plan: MemoryPlan): Ring | undefined {
  return ringsToClear(plan).find(({ tensor }) => tensor === 0);
}
