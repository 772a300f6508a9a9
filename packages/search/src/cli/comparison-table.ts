import { hypervolumeAt, timeToReach, type ComparedRun } from '../compare.ts';
import { clock } from './format.ts';
import { plainTable } from './plain-table.ts';

/** Medians over the seeds; `random` is what the others are measured by. */
export function comparisonTable(runs: readonly ComparedRun[], budgetMilliseconds: number): string {
  const names = [...new Set(runs.map(({ sampler }) => sampler))];
  const runsOf = (name: string) => runs.filter(({ sampler }) => sampler === name);
  const quarters = [0.25, 0.5, 1].map((share) => share * budgetMilliseconds);
  const random = runsOf('random').map((run) => hypervolumeAt(run, Infinity));
  const target = random.length > 0 ? median(random) : undefined;
  const rows = names.map((name) => {
    const own = runsOf(name);
    const reached = target === undefined ? NaN : median(own.map((run) => timeToReach(run, target)));
    return [
      name,
      median(own.map(({ progress }) => progress.length)),
      ...quarters.map((time) => median(own.map((run) => hypervolumeAt(run, time))).toFixed(2)),
      Number.isFinite(reached) ? clock(reached) : '–',
    ];
  });
  const head = ['sampler', 'trials', ...quarters.map((time) => `at ${clock(time)}`), 'as good as random in'];
  return plainTable(head, rows);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
