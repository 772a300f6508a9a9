import { paretoFront } from '@sparrow/optimizer';
import type { Measurement } from '@sparrow/hil';
import { clock } from './cli/format.ts';
import { paretoTable } from './cli/pareto-table.ts';
import type { SearchContext } from './context.ts';
import { measureOnTestImages, writeDelivery, type TestRun } from './deliver.ts';
import { shares } from './effort.ts';
import { explore } from './explore.ts';
import { trainFinalists, type Winner } from './finalists.ts';
import { describeGoal, type Goal } from './goals.ts';
import { closeContext, openContext, type ContextOptions } from './open-context.ts';
import { collectEvidence } from './report/evidence.ts';
import { keepReporting } from './report.ts';
import { latestOfEachLineage } from './trials.ts';

export interface SearchOptions extends ContextOptions {
  /** For all of it: search, final training, verification. */
  readonly budgetMilliseconds: number;
  /** Stops as soon as possible; what was told stays, what was running is given back to the study. */
  readonly signal: AbortSignal;
}

/** A finished network, proven on the chip. */
export interface Outcome {
  readonly goal: Goal;
  readonly measurement: Measurement;
  /** Its folder. */
  readonly path: string;
  /** Why this one, in a sentence. */
  readonly reason: string;
}

/**
 * Searches, trains the best for each goal to the end, and verifies them on the emulated chip over the whole test set.
 * A study that exists in `folder` is gone on with.
 *
 * @throws what `signal` was aborted with; Error in one line if nothing fits
 */
export async function runSearch(options: SearchOptions): Promise<Outcome[]> {
  const context = openContext(options);
  const interrupt = () => void context.pool.close();
  options.signal.addEventListener('abort', interrupt, { once: true });
  try {
    const outcomes = await runReported(context, options);
    options.signal.throwIfAborted();
    return outcomes;
  } catch (error) {
    options.signal.throwIfAborted();
    throw error;
  } finally {
    options.signal.removeEventListener('abort', interrupt);
    await closeContext(context);
  }
}

/** With a report that tells how it goes. */
async function runReported(context: SearchContext, options: SearchOptions): Promise<Outcome[]> {
  let phase = 'starting';
  const stopReporting = keepReporting(context, () => phase);
  const enter = (title: string): void => {
    phase = title;
    context.view.phase(title);
  };
  try {
    return await runPhases(context, options, enter);
  } finally {
    stopReporting();
  }
}

async function runPhases(
  context: SearchContext,
  { budgetMilliseconds, signal }: SearchOptions,
  enter: (phase: string) => void,
): Promise<Outcome[]> {
  const { study, view, problem } = context;
  const known = study.trials().filter((trial) => trial.state === 'complete').length;
  const goingOn = known > 0 ? `, going on after ${known} trials` : '';
  enter(`Searching for ${clock(budgetMilliseconds * shares.search)} with ${context.jobs} jobs${goingOn}`);
  await explore(context, Date.now() + budgetMilliseconds * shares.search);
  signal.throwIfAborted();

  const front = paretoFront(latestOfEachLineage(study.trials()), problem.objectives);
  const chip = context.boards === undefined ? 'the emulated chip' : String(context.boards);
  enter(`Pareto front of what was measured on ${chip}, or predicted for it (rung 0)`);
  view.note(paretoTable(front).replaceAll('\n', '\n  '));

  enter('Training the best networks to the end');
  const winners = await trainFinalists(context, budgetMilliseconds * shares.finalTraining);
  signal.throwIfAborted();

  enter('Verifying them on the emulated chip with every test image');
  return deliver(context, winners, signal);
}

/** A network that is best for several goals is measured once. */
async function deliver(
  { folder, ...context }: SearchContext,
  winners: readonly Winner[],
  signal: AbortSignal,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const runs = new Map<Winner['finalist'], TestRun>();
  for (const { goal, finalist, contestants } of winners) {
    const model = { ...finalist.model, name: `${context.dataset.name}-${folder.name}-${finalist.trial.id}` };
    const run = runs.get(finalist) ?? (await measureOnTestImages(context, model));
    signal.throwIfAborted();
    runs.set(finalist, run);
    const { measurement, predictions } = run;
    const path = goal === winners[0].goal ? folder.bestPath : folder.goalPath(goal.name);
    const reason = `${describeGoal(goal)}, of ${contestants} finalists on validation images (trial ${finalist.trial.id})`;
    const evidence = await collectEvidence(model, { dataset: context.dataset, goal, reason, predictions });
    await writeDelivery(path, model, measurement, evidence);
    outcomes.push({ goal, measurement, path, reason });
  }
  return outcomes;
}
