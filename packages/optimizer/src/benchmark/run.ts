import { hypervolume } from '../hypervolume.ts';
import { paretoFront } from '../ranking.ts';
import { openStudy } from '../study.ts';
import type { Problem, Sampler } from '../types.ts';
import type { AnalyticProblem } from './problems.ts';

export type MakeSampler = (problem: Problem<readonly number[]>) => Sampler<readonly number[]>;

export interface BenchmarkRun {
  /** Hypervolume of the feasible front after 1, 2, … trials. */
  readonly hypervolumes: readonly number[];
  /** Processor time of each `ask`: independent of what else the machine does. */
  readonly askMilliseconds: readonly number[];
}

/** One study in memory, one trial after another. */
export function runBenchmark(problem: AnalyticProblem, make: MakeSampler, trials: number, seed: number): BenchmarkRun {
  const sampler = make(problem.problem);
  const study = openStudy({ path: ':memory:', problem: problem.problem, sampler, seed });
  const hypervolumes: number[] = [];
  const askMilliseconds: number[] = [];
  for (let i = 0; i < trials; i++) {
    const start = process.cpuUsage();
    const trial = study.ask();
    const { user, system } = process.cpuUsage(start);
    askMilliseconds.push((user + system) / 1000);
    study.tell(trial, problem.evaluate(trial.configuration));
    hypervolumes.push(frontHypervolume(study.trials(), problem));
  }
  study.close();
  return { hypervolumes, askMilliseconds };
}

function frontHypervolume(trials: Parameters<typeof paretoFront>[0], { problem, reference }: AnalyticProblem): number {
  const front = paretoFront(trials, problem.objectives);
  const points = front.map((trial) => problem.objectives.map(({ name }) => trial.objectives[name]));
  return hypervolume(points, reference);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
