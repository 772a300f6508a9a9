import { hypervolume, objectiveVector, paretoFront, type Objective, type SamplerName } from '@sparrow/optimizer';
import { explore } from './explore.ts';
import { closeContext, openContext, type ContextOptions } from './open-context.ts';
import { RunFolder } from './run-folder.ts';
import type { NetworkTrial } from './trials.ts';

/** How far the front was after a trial. */
export interface Progress {
  readonly milliseconds: number;
  readonly trials: number;
  /** Of the front, in logarithms of the objectives. */
  readonly hypervolume: number;
}

export interface ComparedRun {
  readonly sampler: SamplerName;
  readonly seed: number;
  readonly progress: readonly Progress[];
}

export interface CompareOptions extends Omit<ContextOptions, 'sampler' | 'folder' | 'seed' | 'goals'> {
  readonly samplers: readonly SamplerName[];
  readonly seeds: readonly number[];
  /** Of each run: exploration alone, nothing is trained to the end or tested. */
  readonly budgetMilliseconds: number;
  /** Holds a study for each run. */
  readonly path: string;
  readonly signal: AbortSignal;
}

/**
 * Explores with each sampler and seed, one after the other and with the same budget. Runs that are complete are not repeated.
 * Without goals: they draw samplers to a few places of the front, and its hypervolume is what is compared.
 */
export async function compareSamplers(options: CompareOptions): Promise<ComparedRun[]> {
  const { samplers, seeds, budgetMilliseconds, path, signal, view, ...common } = options;
  const runs: ComparedRun[] = [];
  for (const seed of seeds) {
    for (const sampler of samplers) {
      view.phase(`${sampler}, seed ${seed}`);
      const folder = new RunFolder(`${path}/${sampler}-${seed}`);
      const context = openContext({ ...common, goals: [], view, sampler, seed, folder });
      const interrupt = () => void context.pool.close();
      signal.addEventListener('abort', interrupt, { once: true });
      try {
        const left = budgetMilliseconds - timeSpent(context.study.trials());
        if (left > 0) await explore(context, Date.now() + left);
        signal.throwIfAborted();
        runs.push({ sampler, seed, progress: progressOf(context.study.trials(), context.problem.objectives) });
      } finally {
        signal.removeEventListener('abort', interrupt);
        await closeContext(context);
      }
    }
  }
  return runs;
}

function timeSpent(trials: readonly NetworkTrial[]): number {
  const [first] = trials;
  return first === undefined ? 0 : Math.max(0, ...trials.map(({ finishedAt = 0 }) => finishedAt - first.startedAt));
}

export function progressOf(trials: readonly NetworkTrial[], objectives: readonly Objective[]): Progress[] {
  const [first] = trials;
  const reference = objectives.map(({ reference: value = NaN, scale }) => (scale === 'log' ? Math.log(value) : value));
  const finished = trials.filter(({ state }) => state === 'complete');
  finished.sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0));
  return finished.map((trial, index) => {
    const front = paretoFront(finished.slice(0, index + 1), objectives);
    return {
      milliseconds: (trial.finishedAt ?? 0) - first.startedAt,
      trials: index + 1,
      hypervolume: hypervolume(
        front.map((member) => objectiveVector(member, objectives)),
        reference,
      ),
    };
  });
}

/** What a run had reached at a time; 0 before its first trial. */
export function hypervolumeAt({ progress }: ComparedRun, milliseconds: number): number {
  return progress.findLast((step) => step.milliseconds <= milliseconds)?.hypervolume ?? 0;
}

/** When a run reached a hypervolume; Infinity if it did not. */
export function timeToReach({ progress }: ComparedRun, target: number): number {
  return progress.find((step) => step.hypervolume >= target)?.milliseconds ?? Infinity;
}
