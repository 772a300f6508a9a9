import type { Problem, Sampler } from '../types.ts';
import { bayesianSampler } from './bayesian.ts';
import { evolutionSampler } from './evolution.ts';
import { randomSampler } from './random.ts';
import { sparseSampler } from './sparse.ts';

/** Every sampler, by the name that people know it by. */
const makers = {
  bayesian: bayesianSampler,
  sparse: sparseSampler,
  evolution: evolutionSampler,
  random: randomSampler,
} as const;

export type SamplerName = keyof typeof makers;

export const SAMPLER_NAMES = Object.keys(makers) as readonly SamplerName[];

export const DEFAULT_SAMPLER: SamplerName = 'bayesian';

export function makeSampler<Configuration>(name: SamplerName, problem: Problem<Configuration>): Sampler<Configuration> {
  return makers[name](problem);
}
