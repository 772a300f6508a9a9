import type { Dataset } from '@sparrow/datasets';
import type { Study } from '@sparrow/optimizer';
import type { Boards } from './evaluation/boards.ts';
import type { Job, JobProgress, JobResult } from './evaluation/job.ts';
import type { WorkerPool } from './evaluation/pool.ts';
import type { Goal } from './goals.ts';
import type { RunFolder } from './run-folder.ts';
import type { Configuration } from './space/configuration.ts';
import type { Limits } from './space/limits.ts';
import type { NetworkProblem } from './space/problem.ts';
import type { SearchView } from './view.ts';

/** What the steps of a search share. */
export interface SearchContext {
  readonly dataset: Dataset;
  readonly problem: NetworkProblem;
  readonly limits: Limits;
  readonly goals: readonly Goal[];
  readonly study: Study<Configuration>;
  readonly folder: RunFolder;
  readonly pool: WorkerPool<Job, JobResult, JobProgress>;
  /** What measures candidates in place of the emulated chip. */
  readonly boards?: Boards;
  /** Jobs at a time. */
  readonly jobs: number;
  readonly seed: number;
  readonly view: SearchView;
}
