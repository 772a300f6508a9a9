/**
 * Ask and tell. This package knows nothing of networks or chips: a configuration is a JSON value that the caller's
 * `SearchSpace` can sample, mutate and encode; objectives are numbers to minimise.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type TrialState = 'running' | 'complete' | 'pruned' | 'failed';

export interface Trial<Configuration> {
  readonly id: number;
  readonly configuration: Configuration;
  /** The trial it was morphed or promoted from. */
  readonly parent?: number;
  /** How much was spent on it: the rung of successive halving, 0 is the cheapest. */
  readonly rung: number;
  readonly state: TrialState;
  /** Objective name → value, all to be minimised. Set when complete; partial when pruned. */
  readonly objectives: Readonly<Record<string, number>>;
  /** Everything else that was measured; never read by samplers. */
  readonly attributes: Readonly<Record<string, Json>>;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly finishedAt?: number;
}

/** What the caller knows about its configurations. All randomness comes from `random` (uniform in [0, 1)). */
export interface SearchSpace<Configuration> {
  sample(random: () => number): Configuration;
  /** A small change of a configuration; must stay within the space. */
  mutate(configuration: Configuration, random: () => number): Configuration;
  /** A fixed-length vector in [0, 1]^n for surrogates; absent conditional dimensions are NaN. */
  encode(configuration: Configuration): readonly number[];
}

/** Proposes configurations. Trials in finished states are not modified. `samplerContract` is run against each. */
export interface Sampler<Configuration> {
  readonly name: string;
  propose(history: readonly Trial<Configuration>[], random: () => number): { configuration: Configuration; parent?: number };
}
