import { maximizeAcquisition } from '../acquisition/maximize.ts';
import { noisyHypervolumeImprovement } from '../acquisition/noisy-hypervolume-improvement.ts';
import { referencePoint } from '../acquisition/reference-point.ts';
import { makeCandidate } from '../surrogate/draw.ts';
import { makeEncoder } from '../surrogate/encoding.ts';
import { buildSurrogate } from '../surrogate/surrogate.ts';
import { configurationKey, keysOf } from './distinct.ts';
import { proposeForPreferences } from './preference-directed.ts';
import { spaceFilling } from './space-filling.ts';
import type { SearchEffort } from '../acquisition/maximize.ts';
import type { Encoder } from '../surrogate/encoding.ts';
import type { FitCache, Surrogate } from '../surrogate/surrogate.ts';
import type { Problem, Sampler, Trial } from '../types.ts';
import type { Candidate } from '../surrogate/draw.ts';

export interface BayesianOptions {
  /** Trials of the space-filling first design. Default: two more than the encoding has dimensions, 6 to 12. */
  readonly initialTrials?: number;
  /** Joint posterior draws that the acquisition averages over. Default 32 for one or two objectives, 16 for more. */
  readonly paths?: number;
  readonly effort?: Partial<SearchEffort>;
}

const defaultEffort: SearchEffort = { samples: 200, mutants: 300, rounds: 8, kept: 8, mutantsOfEach: 8 };

/**
 * The default: Gaussian-process surrogates and noisy expected hypervolume improvement, for any number of objectives and
 * constraints, several fidelities and parallel workers; where the problem has preferences, expected improvement for one after the other.
 */
export function bayesianSampler<Configuration>(
  problem: Problem<Configuration>,
  options: BayesianOptions = {},
): Sampler<Configuration> {
  const fits: FitCache = new Map();
  let encoder: Encoder<Configuration> | undefined;
  const effort = { ...defaultEffort, ...options.effort };
  const paths = options.paths ?? (problem.objectives.length <= 2 ? 32 : 16);

  return {
    name: 'bayesian',
    propose(history, random) {
      encoder ??= makeEncoder(problem.space);
      const { preferences = [] } = problem;
      if (preferences.length > 0) {
        return proposeForPreferences(problem, preferences, encoder, history, fits, random);
      }
      const initial = options.initialTrials ?? Math.min(12, Math.max(6, encoder.embedding.scales + 1));
      const complete = history.filter((trial) => trial.state === 'complete');
      if (history.length < initial || complete.length < 2) {
        return { configuration: spaceFilling(problem, encoder, history, random) };
      }
      const surrogate = buildSurrogate(problem, encoder, complete, fits);
      const observed = distinctCandidates(surrogate, history);
      const reference = referencePoint(surrogate, complete);
      const acquisition = noisyHypervolumeImprovement(surrogate, observed, reference, paths, random);
      // Children inherit weights, which a running trial does not have yet.
      const elite = acquisition.elite.map((index) => observed[index]).filter(({ parent }) => parent !== undefined);
      const best = maximizeAcquisition(surrogate, acquisition.score, elite, keysOf(history), effort, random);
      if (!best) return { configuration: spaceFilling(problem, encoder, history, random) };
      const { configuration, parent } = best;
      return parent === undefined ? { configuration } : { configuration, parent };
    },
  };
}

/** One candidate for each configuration that was or is being evaluated; it stands for its latest trial. */
export function distinctCandidates<Configuration>(
  surrogate: Surrogate<Configuration>,
  history: readonly Trial<Configuration>[],
): Candidate<Configuration>[] {
  const latest = new Map<string, Trial<Configuration>>();
  for (const trial of history) {
    if (trial.state === 'complete' || trial.state === 'running')
      latest.set(configurationKey(trial.configuration), trial);
  }
  return [...latest.values()].map((trial) =>
    makeCandidate(surrogate, trial.configuration, trial.state === 'complete' ? trial.id : undefined),
  );
}
