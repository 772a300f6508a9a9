import { dominates, hypervolumeImprovement, isFeasible, objectiveVector, type Objective } from '@sparrow/optimizer';
import type { Point, Trial } from '@sparrow/optimizer';
import type { HistoryStep } from './study-report.ts';

/**
 * How far a study was after each complete trial, in the order in which they ended. `errorName`: the objective that is the error.
 * Objectives without a reference get the worst value that was seen.
 */
export function historyOf(
  trials: readonly Trial<unknown>[],
  objectives: readonly Objective[],
  errorName: string,
): HistoryStep[] {
  const complete = trials.filter((trial) => trial.state === 'complete');
  complete.sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0) || a.id - b.id);
  const points = complete.map((trial) => objectiveVector(trial, objectives));
  const volume = growingHypervolume(referencePoint(points, objectives));
  const timeAt = workingTime(trials);
  let bestError: number | undefined;
  return complete.map((trial, index) => {
    const error = trial.objectives[errorName];
    const fits = isFeasible(trial);
    if (fits) bestError = Math.min(bestError ?? Infinity, error);
    return {
      trial: trial.id,
      trials: index + 1,
      milliseconds: timeAt(trial.finishedAt ?? trial.startedAt),
      error,
      bestError,
      hypervolume: volume(fits ? points[index] : undefined),
    };
  });
}

function referencePoint(points: readonly Point[], objectives: readonly Objective[]): number[] {
  return objectives.map(({ reference, scale }, i) => {
    if (reference === undefined) return Math.max(...points.map((point) => point[i]));
    return scale === 'log' ? Math.log(reference) : reference;
  });
}

/** Adds points one by one: each brings what it alone dominates, so that the whole is never computed again. */
function growingHypervolume(reference: Point): (point?: Point) => number {
  let front: Point[] = [];
  let volume = 0;
  return (point) => {
    if (point === undefined || front.some((other) => dominates(other, point))) return volume;
    volume += hypervolumeImprovement(point, front, reference);
    front = [...front.filter((other) => !dominates(point, other)), point];
    return volume;
  };
}

/** From a time (since the epoch) to how long trials had been running until then, overlaps counted once. */
function workingTime(trials: readonly Trial<unknown>[]): (until: number) => number {
  const periods: { start: number; end: number }[] = [];
  for (const { startedAt: start, finishedAt: end = 0 } of [...trials].sort((a, b) => a.startedAt - b.startedAt)) {
    const last = periods.at(-1);
    if (last === undefined || start > last.end) periods.push({ start, end: Math.max(start, end) });
    else last.end = Math.max(last.end, end);
  }
  return (until) => periods.reduce((sum, { start, end }) => sum + Math.max(0, Math.min(end, until) - start), 0);
}
