import { samplePaths } from '../gaussian-process/sample-paths.ts';
import { scaled } from '../ranking.ts';
import type { Prediction } from '../types.ts';
import type { Output, Surrogate } from './surrogate.ts';

/** A configuration together with what need not be computed twice. */
export interface Candidate<Configuration> {
  readonly configuration: Configuration;
  /** The trial that it descends from by mutations. */
  readonly parent?: number;
  /** Embedded, at the surrogate's target rung. */
  readonly point: Float64Array;
  readonly prediction: Prediction;
}

export function makeCandidate<Configuration>(
  surrogate: Surrogate<Configuration>,
  configuration: Configuration,
  parent?: number,
): Candidate<Configuration> {
  return {
    configuration,
    ...(parent === undefined ? {} : { parent }),
    point: surrogate.encoder.encode(configuration, surrogate.targetRung),
    prediction: surrogate.problem.space.predict?.(configuration) ?? {},
  };
}

/** What `paths` joint draws of all objectives and constraints say of a candidate; the arrays are reused by the next call. */
export interface Draw {
  /** Standardised objectives, `[path][objective]`. */
  readonly objectives: Float64Array;
  /** How feasible each draw is, in (0, 1): a product of sigmoids of the constraints. */
  readonly feasibility: Float64Array;
}

/** Softens the step at a constraint's bound, as in BoTorch (Daulton, Balandat, Bakshy 2020, appendix A.1). */
const feasibilityTemperature = 0.01;

export function drawFunctions<Configuration>(
  surrogate: Surrogate<Configuration>,
  paths: number,
  random: () => number,
): (candidate: Candidate<Configuration>) => Draw {
  const evaluators = [...surrogate.objectives, ...surrogate.constraints].map((output) =>
    outputDraw(surrogate, output, paths, random),
  );
  const count = surrogate.objectives.length;
  const objectives = new Float64Array(paths * count);
  const feasibility = new Float64Array(paths);
  const bounds = surrogate.constraints.map((output) => output.transform(0));

  return (candidate) => {
    feasibility.fill(1);
    evaluators.forEach((evaluate, index) => {
      const values = evaluate(candidate);
      if (index < count) {
        for (let path = 0; path < paths; path++) objectives[path * count + index] = values[path];
      } else {
        const bound = bounds[index - count];
        for (let path = 0; path < paths; path++) {
          feasibility[path] /= 1 + Math.exp((values[path] - bound) / feasibilityTemperature);
        }
      }
    });
    return { objectives, feasibility };
  };
}

function outputDraw<Configuration>(
  { problem }: Surrogate<Configuration>,
  output: Output,
  paths: number,
  random: () => number,
): (candidate: Candidate<Configuration>) => Float64Array {
  const values = new Float64Array(paths);
  if (output.process) {
    const evaluate = samplePaths(output.process, paths, random);
    return ({ point }) => {
      evaluate(point, values);
      return values;
    };
  }
  const objective = problem.objectives.find(({ name }) => name === output.name);
  return ({ prediction }) => {
    const told =
      output.kind === 'objective' && objective
        ? scaled(prediction.objectives?.[output.name] ?? NaN, objective)
        : (prediction.constraints?.[output.name] ?? NaN);
    return values.fill(output.transform(told));
  };
}
