import { execa } from 'execa';
import { DEFAULT_SAMPLER } from '../samplers/registry.ts';
import type { Result } from '../benchmark/compare.ts';

const bench = (...flags: string[]) =>
  execa(process.execPath, ['--import', 'tsx', new URL('./bench.ts', import.meta.url).pathname, ...flags], {
    env: { NODE_OPTIONS: '' },
    reject: false,
  });

test('the default sampler is better after 60 trials than random search after 300, on each problem', async () => {
  const problems = ['BraninCurrin', 'BraninCurrin-disc', 'ZDT1', 'DTLZ2'];
  const { stdout } = await bench('--seeds', '1', '--json', '--problems', problems.join());
  const results = JSON.parse(stdout) as Result[];
  const hypervolume = (problem: string, sampler: string, trials: number) =>
    results.find((row) => row.problem === problem && row.sampler === sampler && row.trials === trials)!.hypervolume;
  const behind = problems.filter(
    (problem) => !(hypervolume(problem, DEFAULT_SAMPLER, 60) > hypervolume(problem, 'random', 300)),
  );
  expect(behind).toEqual([]);
}, 120_000);

test('a problem that is not there is named, with those that are', async () => {
  const { exitCode, stderr } = await bench('--problems', 'Rastrigin');
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/there is no problem 'Rastrigin': choose from BraninCurrin, /);
});
