import { makeSampler, SAMPLER_NAMES, type SamplerName } from '../samplers/registry.ts';
import { median, runBenchmark } from './run.ts';
import type { AnalyticProblem } from './problems.ts';

/** One sampler on one problem, over all seeds. */
export interface Result {
  readonly problem: string;
  readonly sampler: SamplerName;
  readonly trials: number;
  /** Hypervolume of the feasible front after these trials. */
  readonly hypervolume: number;
  /** Processor time of a proposal. */
  readonly askMilliseconds: { readonly median: number; readonly largest: number };
}

/** How many times as many trials random search gets as the others. */
export const randomFactor = 5;

/** Medians over the seeds 1, 2, … of every sampler after `trials`, and of random search after `randomFactor` times as many. */
export function* compareOn(problem: AnalyticProblem, trials: number, seeds: number): Generator<Result> {
  for (const sampler of [...SAMPLER_NAMES].reverse()) {
    const most = sampler === 'random' ? randomFactor * trials : trials;
    const runs = Array.from({ length: seeds }, (_, index) =>
      runBenchmark(problem, (of) => makeSampler(sampler, of), most, index + 1),
    );
    const asks = runs.flatMap((run) => run.askMilliseconds);
    const askMilliseconds = { median: median(asks), largest: Math.max(...asks) };
    for (const count of new Set([trials, most])) {
      const hypervolume = median(runs.map((run) => run.hypervolumes[count - 1]));
      yield { problem: problem.name, sampler, trials: count, hypervolume, askMilliseconds };
    }
  }
}
