import { evaluateToy, type Toy } from '../testing/toy-space.ts';
import { bayesianSampler } from './bayesian.ts';
import { samplerContract } from './sampler.contract.ts';
import type { Preference } from '../types.ts';

samplerContract('bayesian', bayesianSampler, { runs: 5 });

const small: Preference<Toy> = {
  name: 'small',
  rank: (trials) => [...trials].sort((a, b) => a.objectives.error - b.objectives.error || a.id - b.id),
  admits: (toy) => evaluateToy(toy).objectives.bytes < 500,
};

samplerContract('bayesian with preferences', (problem) => bayesianSampler({ ...problem, preferences: [small] }), {
  runs: 5,
});
