import { bestOncePredicted, maximizeAcquisition } from '../acquisition/maximize.ts';
import { randomScalarization } from '../acquisition/random-scalarization.ts';
import { latestTrials, makeCandidate, makePredictor } from '../surrogate/candidate.ts';
import { paretoFront } from '../ranking.ts';
import { makeEncoder } from '../surrogate/encoding.ts';
import { buildSurrogate } from '../surrogate/surrogate.ts';
import { distinctFrom, keysOf } from './distinct.ts';
import type { SearchEffort } from '../acquisition/maximize.ts';
import type { Encoder } from '../surrogate/encoding.ts';
import type { FitCache } from '../surrogate/surrogate.ts';
import type { Problem, Sampler } from '../types.ts';

/** Configurations of the first stage, and of the first two together; the third one goes on for ever. */
const randomTrials = 12;
const trialsBeforeMorphs = 36;

/** The second stage looks everywhere, the third at small changes of what is on the front; neither climbs. */
const everywhere: SearchEffort = { samples: 200, mutants: 0, rounds: 0, kept: 8, mutantsOfEach: 0 };
const aroundFront: SearchEffort = { samples: 0, mutants: 200, rounds: 0, kept: 8, mutantsOfEach: 0 };

/**
 * The sampler of SpArSe (Fedorov, Adams, Mattina, Whatmough 2019, "SpArSe: Sparse Architecture Search for CNNs on
 * Resource-Constrained Microcontrollers", §3.4): a Gaussian process for each objective, and for each proposal one draw of
 * them and one random scalarisation. In three stages: random configurations; Bayesian optimisation over the whole space;
 * then morphs of the Pareto set, of which the processes pick the one to be evaluated. It starts from its parent's weights.
 */
export function sparseSampler<Configuration>(problem: Problem<Configuration>): Sampler<Configuration> {
  const fits: FitCache = new Map();
  const predict = makePredictor(problem.space);
  let encoder: Encoder<Configuration> | undefined;

  return {
    name: 'sparse',
    propose(history, random) {
      const sample = () => ({ configuration: distinctFrom(history, () => problem.space.sample(random)) });
      const complete = history.filter((trial) => trial.state === 'complete');
      const asked = history.filter((trial) => trial.rung === 0).length;
      if (asked < randomTrials || complete.length < 2) return sample();
      encoder ??= makeEncoder(problem.space);
      const surrogate = buildSurrogate(problem, encoder, complete, predict, fits);
      const score = randomScalarization(surrogate, complete, random);
      const front = paretoFront(latestTrials(complete), problem.objectives).map((trial) =>
        makeCandidate(surrogate, trial.configuration, trial.id),
      );
      const effort = asked < trialsBeforeMorphs || front.length === 0 ? everywhere : aroundFront;
      const candidates = maximizeAcquisition(surrogate, score, front, keysOf(history), effort, random);
      const best = bestOncePredicted(candidates, score, predict);
      if (best === undefined) return sample();
      const { configuration, parent } = best;
      return parent === undefined ? { configuration } : { configuration, parent };
    },
  };
}
