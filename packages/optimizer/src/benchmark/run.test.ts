import { DEFAULT_SAMPLER, makeSampler } from '../samplers/registry.ts';
import { braninCurrin, constrainedBraninCurrin, dtlz2, zdt1 } from './problems.ts';
import { runBenchmark } from './run.ts';

/** `nx run optimizer:bench` does it with more seeds and problems. */
test.each(
  [braninCurrin, constrainedBraninCurrin, zdt1(12), dtlz2(6, 2)].map((problem) => [problem.name, problem] as const),
)(
  '%s: the default sampler is better after 60 trials than random search after 300',
  (_, problem) => {
    const after300 = [1, 2].map((seed) => runBenchmark(problem, (of) => makeSampler('random', of), 300, seed));
    const { hypervolumes } = runBenchmark(problem, (of) => makeSampler(DEFAULT_SAMPLER, of), 60, 1);
    expect(hypervolumes[59]).toBeGreaterThan(Math.max(...after300.map((run) => run.hypervolumes[299])));
  },
  60_000,
);
