import { conditionGaussianProcess } from '../gaussian-process/gaussian-process.ts';
import { fitHyperparameters } from '../gaussian-process/marginal-likelihood.ts';
import { scaled } from '../ranking.ts';
import { constraintTransform, objectiveTransform } from './transform.ts';
import { hyperparameterSubset, posteriorSubset } from './subset.ts';
import type { GaussianProcess } from '../gaussian-process/gaussian-process.ts';
import type { Hyperparameters } from '../gaussian-process/marginal-likelihood.ts';
import type { Problem, SearchSpace, Trial } from '../types.ts';
import type { Encoder } from './encoding.ts';
import type { Transform } from './transform.ts';

/** One objective or constraint: where it comes from, and how told values are mapped to modelled ones. */
export interface Output {
  readonly name: string;
  readonly kind: 'objective' | 'constraint';
  /** From what was told (of a `log` objective: its logarithm) to a standardised value. */
  readonly transform: Transform;
  /** Absent where `SearchSpace.predict` gives the value. */
  readonly process?: GaussianProcess;
}

export interface Surrogate<Configuration> {
  readonly problem: Problem<Configuration>;
  readonly encoder: Encoder<Configuration>;
  readonly objectives: readonly Output[];
  readonly constraints: readonly Output[];
  /** The highest rung that a trial was completed on: what candidates are judged at. */
  readonly targetRung: number;
}

/** Remembers fits, which are functions of the history alone, so that they need not be repeated. */
export type FitCache = Map<string, Hyperparameters>;

/** `complete` are the complete trials in order of id; at least one. */
export function buildSurrogate<Configuration>(
  problem: Problem<Configuration>,
  encoder: Encoder<Configuration>,
  complete: readonly Trial<Configuration>[],
  cache: FitCache,
): Surrogate<Configuration> {
  const known = knownNames(problem.space, complete[0].configuration);
  const training = posteriorSubset(complete, problem.objectives);
  const points = training.map((trial) => encoder.encode(trial.configuration, trial.rung));

  const output = (name: string, kind: Output['kind'], valueOf: (trial: Trial<Configuration>) => number): Output => {
    const makeTransform = kind === 'objective' ? objectiveTransform : constraintTransform;
    const transform = makeTransform(training.map(valueOf));
    if (known.has(`${kind} ${name}`)) return { name, kind, transform };
    const hyperparameters = cachedFit(problem, encoder, complete, `${kind} ${name}`, valueOf, makeTransform, cache);
    const values = Float64Array.from(training, (trial) => transform(valueOf(trial)));
    return {
      name,
      kind,
      transform,
      process: conditionGaussianProcess(points, values, encoder.embedding, hyperparameters),
    };
  };

  return {
    problem,
    encoder,
    objectives: problem.objectives.map((objective) =>
      output(objective.name, 'objective', (trial) => scaled(trial.objectives[objective.name], objective)),
    ),
    constraints: problem.constraints.map((name) => output(name, 'constraint', (trial) => trial.constraints[name])),
    targetRung: Math.max(...complete.map((trial) => trial.rung)),
  };
}

/** `kind name` of what the space predicts by itself. */
function knownNames<Configuration>(space: SearchSpace<Configuration>, configuration: Configuration): Set<string> {
  const { objectives = {}, constraints = {} } = space.predict?.(configuration) ?? {};
  return new Set([
    ...Object.keys(objectives).map((name) => `objective ${name}`),
    ...Object.keys(constraints).map((name) => `constraint ${name}`),
  ]);
}

function cachedFit<Configuration>(
  problem: Problem<Configuration>,
  encoder: Encoder<Configuration>,
  complete: readonly Trial<Configuration>[],
  name: string,
  valueOf: (trial: Trial<Configuration>) => number,
  makeTransform: (values: readonly number[]) => Transform,
  cache: FitCache,
): Hyperparameters {
  const subset = hyperparameterSubset(complete, problem.objectives);
  const key = `${name}: ${subset.map((trial) => trial.id).join()}`;
  const found = cache.get(key);
  if (found) return found;
  const raw = subset.map(valueOf);
  const points = subset.map((trial) => encoder.encode(trial.configuration, trial.rung));
  const fit = fitHyperparameters(points, Float64Array.from(raw, makeTransform(raw)), encoder.embedding);
  cache.set(key, fit);
  return fit;
}
