/**
 * Ask and tell. This package knows nothing of networks or chips: a configuration is a JSON value that the caller's
 * `SearchSpace` can sample, mutate and encode; objectives are numbers to minimise.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** `running` has been given out (or waits to be given out again); the other three are final. */
export type TrialState = 'running' | 'complete' | 'pruned' | 'failed';

export interface Trial<Configuration> {
  /** 1, 2, 3, … in the order in which they were asked for. */
  readonly id: number;
  readonly configuration: Configuration;
  /** On rung 0 the trial it was morphed from, if any; on higher rungs the trial it was promoted from. */
  readonly parent?: number;
  /** How much is spent on it: the rung of successive halving, 0 is the cheapest. */
  readonly rung: number;
  readonly state: TrialState;
  /** Objective name → value, all to be minimised. All of them when complete; any of them when pruned. */
  readonly objectives: Readonly<Record<string, number>>;
  /** Constraint name → value; satisfied where it is at most 0 (for example `ramBytes - 2048`). */
  readonly constraints: Readonly<Record<string, number>>;
  /** Everything else that was measured, and why it failed (`failure`); never read by samplers. */
  readonly attributes: Readonly<Record<string, Json>>;
  /** Milliseconds since the epoch; of the last time it was given out. */
  readonly startedAt: number;
  readonly finishedAt?: number;
  /** How often a process died while it ran this trial. */
  readonly timesLost: number;
}

/** What is told about a trial. */
export interface Observation {
  readonly objectives: Readonly<Record<string, number>>;
  readonly constraints?: Readonly<Record<string, number>>;
  readonly attributes?: Readonly<Record<string, Json>>;
}

/** A quantity to minimise. */
export interface Objective {
  readonly name: string;
  /**
   * Values from here on are of no use: the reference point of the hypervolume. Where it is absent, samplers take one
   * from the worst values on the front.
   */
  readonly reference?: number;
  /** `log` for positive quantities whose ratios matter (bytes, cycles): surrogates and hypervolumes see the logarithm. */
  readonly scale?: 'linear' | 'log';
}

/** What the caller knows about its configurations. All randomness comes from `random` (uniform in [0, 1)). */
export interface SearchSpace<Configuration> {
  sample(random: () => number): Configuration;
  /** A small change of a configuration; must stay within the space. */
  mutate(configuration: Configuration, random: () => number): Configuration;
  /** A fixed-length vector in [0, 1]^n for surrogates; absent conditional dimensions are NaN. */
  encode(configuration: Configuration): readonly number[];
  /**
   * Objectives and constraints that a model computes exactly, without an evaluation (for example flash, RAM and cycles);
   * the same names for every configuration. May take tens of milliseconds: surrogates decide which few configurations a
   * proposal asks for. Optional.
   */
  predict?(configuration: Configuration): Prediction;
}

export interface Prediction {
  readonly objectives?: Readonly<Record<string, number>>;
  readonly constraints?: Readonly<Record<string, number>>;
}

/** What somebody wants: the most accurate network in half of the RAM, say. Tells samplers where on the front to look. */
export interface Preference<Configuration> {
  readonly name: string;
  /** How many trials of a round are for it; default 1. */
  readonly turns?: number;
  /** The complete trials that serve it, best first. */
  rank(trials: readonly Trial<Configuration>[]): readonly Trial<Configuration>[];
  /** Whether a configuration may serve it, by what is known before it is evaluated; in well under a millisecond. */
  admits(configuration: Configuration): boolean;
  /** Draws what may serve it; by default samples of the space are drawn until one does. What it does not admit is drawn again. */
  sample?(random: () => number): Configuration;
  /** How promising a configuration is, by the same knowledge; larger is better. Where samples are drawn, the best of a few is taken. */
  promise?(configuration: Configuration): number;
  /** Whether it will serve, by knowledge that takes some time to get: asked of what is about to be proposed. */
  confirms?(configuration: Configuration): boolean;
}

/** What is searched, and for what. */
export interface Problem<Configuration> {
  /** Without any, the whole front is wanted. */
  readonly preferences?: readonly Preference<Configuration>[];
  readonly space: SearchSpace<Configuration>;
  readonly objectives: readonly Objective[];
  /** Names of the constraints that every complete trial reports. */
  readonly constraints: readonly string[];
}

export interface Proposal<Configuration> {
  readonly configuration: Configuration;
  /** The trial it was morphed from: its weights may be inherited. */
  readonly parent?: number;
}

/**
 * Proposes configurations. Its answer follows from the history and `random` alone, so that a resumed study goes on as
 * it would have; whatever it keeps between calls is a cache. Trials are not modified. `samplerContract` is run against
 * each.
 */
export interface Sampler<Configuration> {
  readonly name: string;
  /** `history` is in order of `id` and holds running trials too (proposals must reckon with them). */
  propose(history: readonly Trial<Configuration>[], random: () => number): Proposal<Configuration>;
}

/** Decides which trial deserves more. Its answer follows from the history alone. */
export interface Scheduler<Configuration> {
  readonly name: string;
  /** The complete trial that is to be run again one rung higher, or undefined if a new one is to be sampled. */
  promote(history: readonly Trial<Configuration>[]): Trial<Configuration> | undefined;
}

/** Whether all its reported constraints are satisfied. */
export function isFeasible(trial: Pick<Trial<unknown>, 'constraints'>): boolean {
  return Object.values(trial.constraints).every((value) => value <= 0);
}
