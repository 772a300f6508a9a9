import { posteriorMean } from '../gaussian-process/gaussian-process.ts';
import { samplePaths } from '../gaussian-process/sample-paths.ts';
import type { Candidate } from './candidate.ts';
import type { Output, Surrogate } from './surrogate.ts';

/** What `paths` joint draws of all objectives and constraints say of a candidate; the arrays are reused by the next call. */
export interface Draw {
  /** Standardised objectives, `[path][objective]`. */
  readonly objectives: Float64Array;
  /** How feasible each draw is, in (0, 1): a product of sigmoids of the constraints. */
  readonly feasibility: Float64Array;
}

/** Softens the step at a constraint's bound, as in BoTorch (Daulton, Balandat, Bakshy 2020, appendix A.1). */
const feasibilityTemperature = 0.01;

export interface DrawOptions {
  /** How many draws; a multiple of 4. */
  readonly paths: number;
  /** See `samplePaths`. */
  readonly spread: number;
}

export function drawFunctions<Configuration>(
  surrogate: Surrogate<Configuration>,
  { paths, spread }: DrawOptions,
  random: () => number,
): (candidate: Candidate<Configuration>) => Draw {
  const evaluators = [...surrogate.objectives, ...surrogate.constraints].map((output) =>
    output.isPredictable
      ? knownOrMean<Configuration>(output, paths)
      : sampled<Configuration>(output, { paths, spread }, random),
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

type Evaluate<Configuration> = (candidate: Candidate<Configuration>) => Float64Array;

function sampled<Configuration>(
  { process }: Output,
  { paths, spread }: DrawOptions,
  random: () => number,
): Evaluate<Configuration> {
  const values = new Float64Array(paths);
  const evaluate = samplePaths(process, paths, random, spread);
  return ({ point }) => {
    evaluate(point, values);
    return values;
  };
}

/** The same in all draws. Draws of what can be known would prefer candidates whose cost is uncertain. */
function knownOrMean<Configuration>(output: Output, paths: number): Evaluate<Configuration> {
  const values = new Float64Array(paths);
  return ({ point, known }) => {
    const value = known === undefined ? NaN : output.valueOf(known);
    return values.fill(Number.isNaN(value) ? posteriorMean(output.process, point) : output.transform(value));
  };
}
