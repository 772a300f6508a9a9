import type { Problem, Sampler } from '../types.ts';
import { bayesianSampler } from './bayesian.ts';
import { randomSampler } from './random.ts';

/** Every sampler, by the name that people know it by. */
const makers = {
  bayesian: bayesianSampler,
  random: randomSampler,
} as const;

export type SamplerName = keyof typeof makers;

export const SAMPLER_NAMES = Object.keys(makers) as readonly SamplerName[];

export const DEFAULT_SAMPLER: SamplerName = 'bayesian';

export function makeSampler<Configuration>(name: SamplerName, problem: Problem<Configuration>): Sampler<Configuration> {
  return makers[name](problem);
}
