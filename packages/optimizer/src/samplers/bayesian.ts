import { bestOncePredicted, maximizeAcquisition } from '../acquisition/maximize.ts';
import { noisyHypervolumeImprovement } from '../acquisition/noisy-hypervolume-improvement.ts';
import { referencePoint } from '../acquisition/reference-point.ts';
import { makePredictor, observedCandidates } from '../surrogate/candidate.ts';
import { makeEncoder } from '../surrogate/encoding.ts';
import { buildSurrogate } from '../surrogate/surrogate.ts';
import { distinctFrom, keysOf } from './distinct.ts';
import { proposeForPreferences } from './preference-directed.ts';
import type { SearchEffort } from '../acquisition/maximize.ts';
import type { Encoder } from '../surrogate/encoding.ts';
import type { FitCache } from '../surrogate/surrogate.ts';
import type { Problem, Sampler } from '../types.ts';

const effort: SearchEffort = { samples: 100, mutants: 150, rounds: 6, kept: 6, mutantsOfEach: 6 };

/**
 * One proposal in four looks at true draws of the objectives, the others at draws close to the posterior mean. With the few
 * dozen trials that there are, true draws alone spend too many of them on far corners; the mean alone may miss a part of
 * the front for good (ε-greedy search, as in De Ath, Everson, Rahat, Fieldsend 2021, "Greed Is Good").
 */
const exploringPeriod = 4;
const greedySpread = 0.25;

/**
 * The default: Gaussian-process surrogates and noisy expected hypervolume improvement, for any number of objectives and
 * constraints, several fidelities and parallel workers; where the problem has preferences, expected improvement for one after the other.
 */
export function bayesianSampler<Configuration>(problem: Problem<Configuration>): Sampler<Configuration> {
  const fits: FitCache = new Map();
  const predict = makePredictor(problem.space);
  let encoder: Encoder<Configuration> | undefined;
  // Joint posterior draws that the acquisition averages over; in more dimensions each of them costs more.
  const paths = problem.objectives.length <= 2 ? 32 : 16;

  return {
    name: 'bayesian',
    propose(history, random) {
      encoder ??= makeEncoder(problem.space);
      const { preferences = [] } = problem;
      if (preferences.length > 0) {
        return proposeForPreferences(problem, preferences, encoder, history, fits, random);
      }
      const sample = () => ({ configuration: distinctFrom(history, () => problem.space.sample(random)) });
      // Random configurations before the first surrogates.
      const initial = Math.min(12, Math.max(6, encoder.embedding.scales + 1));
      const asked = history.filter((trial) => trial.rung === 0).length;
      const complete = history.filter((trial) => trial.state === 'complete');
      if (asked < initial || complete.length < 2) return sample();
      const surrogate = buildSurrogate(problem, encoder, complete, predict, fits);
      const observed = observedCandidates(surrogate, history, predict);
      const spread = asked % exploringPeriod === 0 ? 1 : greedySpread;
      const reference = referencePoint(surrogate, complete);
      const acquisition = noisyHypervolumeImprovement(surrogate, observed, reference, { paths, spread }, random);
      const { elite, score } = acquisition;
      const candidates = maximizeAcquisition(surrogate, score, elite, keysOf(history), effort, random);
      const best = bestOncePredicted(candidates, score, predict);
      if (!best) return sample();
      const { configuration, parent } = best;
      return parent === undefined ? { configuration } : { configuration, parent };
    },
  };
}
