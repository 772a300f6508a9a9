import { conditionGaussianProcess } from '../gaussian-process/gaussian-process.ts';
import { fitHyperparameters } from '../gaussian-process/marginal-likelihood.ts';
import { scaled } from '../ranking.ts';
import { constraintTransform, objectiveTransform } from './transform.ts';
import { hyperparameterSubset, posteriorSubset } from './subset.ts';
import type { GaussianProcess } from '../gaussian-process/gaussian-process.ts';
import type { Hyperparameters } from '../gaussian-process/marginal-likelihood.ts';
import type { Prediction, Problem, Trial } from '../types.ts';
import type { Predictor } from './candidate.ts';
import type { Encoder } from './encoding.ts';
import type { Transform } from './transform.ts';

/** One objective or constraint: where it comes from, and how told values are mapped to modelled ones. */
export interface Output {
  /** What was told or predicted, of a `log` objective its logarithm; NaN if nothing was. */
  readonly valueOf: (told: Prediction) => number;
  /** From that to a standardised value. */
  readonly transform: Transform;
  readonly process: GaussianProcess;
  /** Whether `SearchSpace.predict` gives the value: the process then only tells which configurations to ask it for. */
  readonly isPredictable: boolean;
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
  predict: Predictor<Configuration>,
  cache: FitCache,
): Surrogate<Configuration> {
  const training = posteriorSubset(complete, problem.objectives);
  const points = training.map((trial) => encoder.encode(trial.configuration, trial.rung));
  const predicted = predict(complete[0].configuration) ?? {};
  const count = problem.objectives.length + problem.constraints.length;

  const output = (index: number, valueOf: Output['valueOf'], makeTransform: MakeTransform): Output => {
    const raw = training.map(valueOf);
    const transform = makeTransform(raw);
    const subset = hyperparameterSubset(complete, problem.objectives, { index, count });
    const key = `${index}: ${subset.map((trial) => trial.id).join()}`;
    const hyperparameters = cache.get(key) ?? fitTo(subset, encoder, valueOf, makeTransform);
    cache.set(key, hyperparameters);
    return {
      valueOf,
      transform,
      process: conditionGaussianProcess(points, Float64Array.from(raw, transform), encoder.embedding, hyperparameters),
      isPredictable: !Number.isNaN(valueOf(predicted)),
    };
  };

  return {
    problem,
    encoder,
    objectives: problem.objectives.map((objective, index) =>
      output(index, (told) => scaled(told.objectives?.[objective.name] ?? NaN, objective), objectiveTransform),
    ),
    constraints: problem.constraints.map((name, index) =>
      output(problem.objectives.length + index, (told) => told.constraints?.[name] ?? NaN, constraintTransform),
    ),
    targetRung: Math.max(...complete.map((trial) => trial.rung)),
  };
}

type MakeTransform = (values: readonly number[]) => Transform;

function fitTo<Configuration>(
  trials: readonly Trial<Configuration>[],
  encoder: Encoder<Configuration>,
  valueOf: Output['valueOf'],
  makeTransform: MakeTransform,
): Hyperparameters {
  const raw = trials.map(valueOf);
  const points = trials.map((trial) => encoder.encode(trial.configuration, trial.rung));
  return fitHyperparameters(points, Float64Array.from(raw, makeTransform(raw)), encoder.embedding);
}
