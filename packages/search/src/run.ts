import { openStudy, paretoFront, randomSampler, successiveHalving } from '@sparrow/optimizer';
import type { Dataset } from '@sparrow/datasets';
import type { Measurement } from '@sparrow/hil';
import { clock } from './cli/format.ts';
import { paretoTable } from './cli/pareto-table.ts';
import type { SearchContext } from './context.ts';
import { deliver } from './deliver.ts';
import { reductionFactor, rungs, shares } from './effort.ts';
import type { Job, JobProgress, JobResult } from './evaluation/job.ts';
import { WorkerPool } from './evaluation/pool.ts';
import { explore } from './explore.ts';
import { candidates, trainFinalists } from './finalists.ts';
import type { RunFolder } from './run-folder.ts';
import type { Limits } from './space/limits.ts';
import { networkProblem } from './space/problem.ts';
import { latestOfEachLineage, rankForPromotion } from './trials.ts';
import type { SearchView } from './view.ts';

export interface SearchOptions {
  readonly dataset: Dataset;
  readonly limits: Limits;
  readonly folder: RunFolder;
  /** For all of it: search, final training, verification. */
  readonly budgetMilliseconds: number;
  readonly jobs: number;
  readonly seed: number;
  /** Stops as soon as possible; what was told stays, what was running is given back to the study. */
  readonly signal: AbortSignal;
  readonly view: SearchView;
}

/**
 * Searches, trains the best that was found to the end, and verifies it on the emulated chip over the whole test set.
 * A study that exists in `folder` is gone on with.
 *
 * @throws what `signal` was aborted with; Error in one line if nothing fits
 */
export async function runSearch(options: SearchOptions): Promise<Measurement> {
  const context = openContext(options);
  const interrupt = () => void context.pool.close();
  options.signal.addEventListener('abort', interrupt, { once: true });
  try {
    const measurement = await runPhases(context, options);
    options.signal.throwIfAborted();
    return measurement;
  } catch (error) {
    options.signal.throwIfAborted();
    throw error;
  } finally {
    options.signal.removeEventListener('abort', interrupt);
    await context.pool.close();
    context.study.close();
    context.view.close();
  }
}

async function runPhases(context: SearchContext, { budgetMilliseconds, signal }: SearchOptions): Promise<Measurement> {
  const { study, view, problem, folder } = context;
  const known = study.trials().filter((trial) => trial.state === 'complete').length;
  const goingOn = known > 0 ? `, going on after ${known} trials` : '';
  view.phase(`Searching for ${clock(budgetMilliseconds * shares.search)} with ${context.jobs} jobs${goingOn}`);
  await explore(context, Date.now() + budgetMilliseconds * shares.search);
  signal.throwIfAborted();

  const front = paretoFront(latestOfEachLineage(study.trials()), problem.objectives);
  view.phase('Pareto front of what was measured on the emulated chip');
  view.note(paretoTable(front).replaceAll('\n', '\n  '));

  view.phase(`Training the best of ${candidates(study.trials()).length} networks that fit to the end`);
  const finalist = await trainFinalists(context, budgetMilliseconds * shares.finalTraining);
  signal.throwIfAborted();

  view.phase(`Verifying trial ${finalist.trial.id}'s network on the emulated chip with every test image`);
  const model = { ...finalist.model, name: `${context.dataset.name}-${folder.name}` };
  return deliver(context, model);
}

function openContext({ dataset, limits, folder, jobs, seed, view }: SearchOptions): SearchContext {
  const input = { height: dataset.height, width: dataset.width, channels: dataset.channels };
  const problem = networkProblem(input, dataset.classes, limits);
  const study = openStudy({
    path: folder.studyPath,
    problem,
    sampler: randomSampler(problem),
    scheduler: successiveHalving(problem, {
      rungs: rungs.length,
      reductionFactor,
      rank: (trials) => rankForPromotion(trials, problem.objectives),
    }),
    seed,
    fixed: { dataset: dataset.name, limits: { ...limits }, rungs: rungs.map((rung) => ({ ...rung })) },
  });
  const script = new URL('./evaluation/worker.ts', import.meta.url);
  const pool = new WorkerPool<Job, JobResult, JobProgress>(script, jobs, dataset);
  return { dataset, problem, limits, study, folder, pool, jobs, seed, view };
}
