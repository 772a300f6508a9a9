import { configurationKey } from '../samplers/distinct.ts';
import type { Prediction, SearchSpace, Trial } from '../types.ts';
import type { Surrogate } from './surrogate.ts';

/** A configuration together with what need not be computed twice. */
export interface Candidate<Configuration> {
  readonly configuration: Configuration;
  /** The trial that it descends from by mutations. */
  readonly parent?: number;
  /** Embedded, at the surrogate's target rung. */
  readonly point: Float64Array;
  /** What is known of it without a surrogate: told of a complete trial, or predicted by the space. */
  readonly known?: Prediction;
}

export function makeCandidate<Configuration>(
  { encoder, targetRung }: Surrogate<Configuration>,
  configuration: Configuration,
  parent?: number,
): Candidate<Configuration> {
  return {
    configuration,
    ...(parent === undefined ? {} : { parent }),
    point: encoder.encode(configuration, targetRung),
  };
}

/** `SearchSpace.predict`, asked once for each configuration: it may take tens of milliseconds. */
export type Predictor<Configuration> = (configuration: Configuration) => Prediction | undefined;

export function makePredictor<Configuration>(space: SearchSpace<Configuration>): Predictor<Configuration> {
  const predictions = new Map<string, Prediction | undefined>();
  return (configuration) => {
    const key = configurationKey(configuration);
    if (!predictions.has(key)) predictions.set(key, space.predict?.(configuration));
    return predictions.get(key);
  };
}

/** Of each configuration, in the order in which they were first asked for, the trial that was asked for last. */
export function latestTrials<Configuration>(trials: readonly Trial<Configuration>[]): Trial<Configuration>[] {
  const latest = new Map<string, Trial<Configuration>>();
  for (const trial of trials) latest.set(configurationKey(trial.configuration), trial);
  return [...latest.values()];
}

/**
 * One candidate for each configuration that was or is being evaluated; it stands for its latest trial, and has a parent
 * (itself) if that is complete: children inherit weights, which a running trial does not have yet.
 */
export function observedCandidates<Configuration>(
  surrogate: Surrogate<Configuration>,
  history: readonly Trial<Configuration>[],
  predict: Predictor<Configuration>,
): Candidate<Configuration>[] {
  const alive = history.filter(({ state }) => state === 'complete' || state === 'running');
  return latestTrials(alive).map((trial) =>
    trial.state === 'complete'
      ? { ...makeCandidate(surrogate, trial.configuration, trial.id), known: trial }
      : { ...makeCandidate(surrogate, trial.configuration), known: predict(trial.configuration) },
  );
}
