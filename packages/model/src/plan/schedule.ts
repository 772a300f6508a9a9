import type { Shape } from '../architecture.ts';
import { firstRow, iterations, rowsNeeded, type Step } from './steps.ts';

/** Moments count the iterations of the schedule; both ends belong to the lifetime. */
export interface Lifetime {
  readonly from: number;
  readonly to: number;
}

export interface Schedule {
  /** Rows that each tensor's ring needs, by tensor number; 0 for tensors that never exist. */
  readonly ringRows: readonly number[];
  readonly tensorLifetimes: readonly (Lifetime | undefined)[];
  /** By step: from the first to the last iteration. */
  readonly stepLifetimes: readonly Lifetime[];
  /** When the input's last row is written. */
  readonly lastInputRow: number;
  /** By input row: the steps that run when it has come, in this order. */
  readonly order: readonly (readonly number[])[];
}

/**
 * Runs the network without computing anything: input rows come one by one, and after each the latest step that can run
 * does, until none can. Rows are then consumed as early as possible, and what this run needs is exactly what the chip needs.
 * The first row comes at moment `start`.
 */
export function simulate(steps: readonly Step[], shapes: readonly Shape[], start = 0): Schedule {
  const complete = shapes.map(() => 0);
  const done = steps.map(() => 0);
  const ringRows = shapes.map(() => 0);
  const tensorLifetimes: (Lifetime | undefined)[] = shapes.map(() => undefined);
  const stepLifetimes: (Lifetime | undefined)[] = steps.map(() => undefined);
  const readers = shapes.map((_, tensor) =>
    steps.flatMap((step, index) => (step.inputs.includes(tensor) ? [index] : [])),
  );
  const order = Array.from({ length: shapes[0].height }, (): number[] => []);
  let moment = start;
  let lastInputRow = start;

  const extend = (lifetime?: Lifetime): Lifetime => ({ from: lifetime?.from ?? moment, to: moment });
  const write = (tensor: number, row: number): void => {
    const oldest = Math.min(row, ...readers[tensor].map((index) => firstUnread(steps[index], done[index])));
    ringRows[tensor] = Math.max(ringRows[tensor], row - oldest + 1);
    tensorLifetimes[tensor] = extend(tensorLifetimes[tensor]);
  };
  const canRun = (step: Step, iteration: number): boolean =>
    iteration < iterations(step) &&
    step.inputs.every((tensor) => complete[tensor] >= rowsNeeded(step, iteration, shapes[tensor].height));
  const run = (index: number): void => {
    const step = steps[index];
    const iteration = done[index];
    const last = (iteration + 1) % step.rowsPerOutput === 0;
    moment++;
    if (!step.accumulates || last) write(step.output, Math.floor(iteration / step.rowsPerOutput));
    for (const tensor of step.inputs) tensorLifetimes[tensor] = extend(tensorLifetimes[tensor]);
    stepLifetimes[index] = extend(stepLifetimes[index]);
    done[index]++;
    if (last) complete[step.output]++;
  };

  for (let row = 0; row < shapes[0].height; row++) {
    write(0, row);
    lastInputRow = moment;
    complete[0]++;
    for (;;) {
      const index = steps.findLastIndex((step, candidate) => canRun(step, done[candidate]));
      if (index < 0) break;
      order[row].push(index);
      run(index);
    }
    moment++;
  }
  return { ringRows, tensorLifetimes, stepLifetimes: stepLifetimes as Lifetime[], lastInputRow, order };
}

function firstUnread(step: Step, done: number): number {
  return done < iterations(step) ? firstRow(step, done) : Infinity;
}
