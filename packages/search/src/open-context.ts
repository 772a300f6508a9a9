import type { Dataset } from '@sparrow/datasets';
import { makeSampler, openStudy, successiveHalving, type SamplerName } from '@sparrow/optimizer';
import type { SearchContext } from './context.ts';
import { reductionFactor, rungs } from './effort.ts';
import { Boards } from './evaluation/boards.ts';
import type { Job, JobProgress, JobResult } from './evaluation/job.ts';
import { WorkerPool } from './evaluation/pool.ts';
import type { Goal } from './goals.ts';
import type { RunFolder } from './run-folder.ts';
import type { Limits } from './space/limits.ts';
import { networkProblem } from './space/problem.ts';
import { rankForPromotion } from './trials.ts';
import type { SearchView } from './view.ts';

export interface ContextOptions {
  readonly dataset: Dataset;
  readonly limits: Limits;
  /** What networks are wanted for; the first one's is the run's best. */
  readonly goals: readonly Goal[];
  readonly sampler: SamplerName;
  readonly folder: RunFolder;
  readonly jobs: number;
  /** Serial ports of boards that measure candidates in place of the emulated chip. */
  readonly devices?: readonly string[];
  readonly seed: number;
  readonly view: SearchView;
}

/** Opens or makes the study in the folder, and starts the workers. */
export function openContext({
  dataset,
  limits,
  goals,
  sampler,
  folder,
  jobs,
  devices,
  seed,
  view,
}: ContextOptions): SearchContext {
  const input = { height: dataset.height, width: dataset.width, channels: dataset.channels };
  const problem = networkProblem(input, dataset.classes, limits, goals);
  const study = openStudy({
    path: folder.studyPath,
    problem,
    sampler: makeSampler(sampler, problem),
    scheduler: successiveHalving(problem, {
      rungs: rungs.length,
      reductionFactor,
      rank: (trials) => rankForPromotion(trials, problem.objectives, goals, limits),
    }),
    seed,
    fixed: { dataset: dataset.name, limits: { ...limits }, rungs: rungs.map((rung) => ({ ...rung })) },
  });
  const script = new URL('./evaluation/worker.ts', import.meta.url);
  const pool = new WorkerPool<Job, JobResult, JobProgress>(script, jobs, dataset);
  const boards = devices && new Boards(devices, (line) => view.note(line));
  return { dataset, problem, limits, goals, study, folder, pool, boards, jobs, seed, view };
}

export async function closeContext({ pool, study, view }: SearchContext): Promise<void> {
  await pool.close();
  study.close();
  view.close();
}
