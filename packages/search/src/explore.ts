import { decodeModel } from '@sparrow/model';
import { trialSeed } from '@sparrow/optimizer';
import { clock, percent } from './cli/format.ts';
import type { SearchContext } from './context.ts';
import { rungs } from './effort.ts';
import { NoBoardError } from './evaluation/boards.ts';
import type { Job } from './evaluation/job.ts';
import { runJob } from './evaluation/run-job.ts';
import { JobCancelledError } from './evaluation/pool.ts';
import { byError, observe, type NetworkTrial } from './trials.ts';

/**
 * Ask, train, measure, tell, with `jobs` trials at a time, until `deadline` (milliseconds since the epoch). Trials that
 * run then are cancelled and given back to the study.
 */
export async function explore(context: SearchContext, deadline: number): Promise<void> {
  const { study, view } = context;
  const startedAt = Date.now();
  const showStatus = () => {
    const fraction = (Date.now() - startedAt) / (deadline - startedAt);
    view.status(Math.min(1, fraction), `${clock(deadline - Date.now())} left, ${summary(study.trials())}`);
  };
  const timer = setInterval(showStatus, 1_000);
  const timeIsUp = setTimeout(() => void context.pool.cancel(), deadline - Date.now());
  try {
    await Promise.all(Array.from({ length: context.jobs }, () => loop(context, deadline)));
  } finally {
    clearInterval(timer);
    clearTimeout(timeIsUp);
  }
}

async function loop(context: SearchContext, deadline: number): Promise<void> {
  while (Date.now() < deadline) {
    const trial = context.study.ask();
    try {
      await evaluate(context, trial);
    } catch (error) {
      if (error instanceof JobCancelledError) {
        context.study.release(trial);
        return;
      }
      if (error instanceof NoBoardError) {
        context.study.release(trial);
        throw error;
      }
      const reason = error instanceof Error ? error.message : String(error);
      context.study.fail(trial, reason);
      context.view.trialFailed(trial, reason);
    }
  }
}

async function evaluate(context: SearchContext, trial: NetworkTrial) {
  const { folder, study, limits, view } = context;
  const result = await runJob(context, jobOf(context, trial));
  if (result.kind === 'misfit') {
    study.prune(trial, { attributes: { misfit: result.reason } });
    view.trialFailed(trial, result.reason);
    return;
  }
  folder.saveTrial(trial.id, result);
  const observation = observe(result, limits);
  study.tell(trial, observation);
  view.trialFinished({ ...trial, ...observation, state: 'complete' } as NetworkTrial);
}

function jobOf({ folder, problem, limits, seed }: SearchContext, trial: NetworkTrial): Job {
  const { configuration, id, rung, parent } = trial;
  const common = { name: `trial-${id}`, configuration, limits, effort: rungs[rung], seed: trialSeed(seed, id) };
  if (parent === undefined) {
    return { ...common, architecture: problem.architecture(configuration), start: { kind: 'afresh' } };
  }
  const stored = { model: folder.readModel(parent), weights: folder.readWeights(parent) };
  if (rung === 0) {
    return { ...common, architecture: problem.architecture(configuration), start: { kind: 'inherit', ...stored } };
  }
  const { architecture } = decodeModel(stored.model, folder.modelPath(parent));
  return { ...common, architecture, start: { kind: 'continue', ...stored } };
}

function summary(trials: readonly NetworkTrial[]): string {
  const complete = trials.filter((trial) => trial.state === 'complete');
  if (complete.length === 0) return 'first trials are training';
  return `${complete.length} trials, best ${percent(1 - byError(complete)[0].objectives.error)} validation accuracy`;
}
