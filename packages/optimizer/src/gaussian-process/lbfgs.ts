/** Value and gradient of a function at `x`. */
export interface Differentiable {
  (x: Float64Array): { value: number; gradient: Float64Array };
}

export interface MinimizeOptions {
  readonly maxIterations?: number;
  /** Stops when no component of the gradient is larger. */
  readonly gradientTolerance?: number;
  /** Stops when a step gains less. */
  readonly valueTolerance?: number;
}

const memory = 8;
const sufficientDecrease = 1e-4;

/**
 * Limited-memory BFGS (Nocedal & Wright 2006, algorithms 7.4 and 7.5) with a backtracking line search (algorithm 3.1);
 * pairs without positive curvature are skipped. Returns the best point found.
 */
export function minimizeLbfgs(
  f: Differentiable,
  start: Float64Array,
  { maxIterations = 50, gradientTolerance = 1e-4, valueTolerance = 0 }: MinimizeOptions = {},
): { x: Float64Array; value: number } {
  let x: Float64Array = Float64Array.from(start);
  let { value, gradient } = f(x);
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (gradient.every((component) => Math.abs(component) <= gradientTolerance)) break;
    let direction = descentDirection(gradient, pairs);
    let slope = inner(direction, gradient);
    if (!(slope < 0)) {
      pairs.length = 0;
      direction = gradient.map((component) => -component);
      slope = inner(direction, gradient);
    }
    const step = lineSearch(f, x, value, direction, slope, pairs.length === 0);
    if (!step) break;
    const s = step.x.map((component, i) => component - x[i]);
    const y = step.gradient.map((component, i) => component - gradient[i]);
    const curvature = inner(s, y);
    if (curvature > 1e-10 * inner(y, y)) pairs.push({ s, y, rho: 1 / curvature });
    if (pairs.length > memory) pairs.shift();
    const gain = value - step.value;
    ({ x, value, gradient } = step);
    if (gain < valueTolerance) break;
  }
  return { x, value };
}

/** Algorithm 7.4, the two-loop recursion: −H·gradient. */
function descentDirection(
  gradient: Float64Array,
  pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const q = gradient.map((component) => -component);
  const alphas: number[] = [];
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { s, y, rho } = pairs[i];
    alphas[i] = rho * inner(s, q);
    for (let j = 0; j < q.length; j++) q[j] -= alphas[i] * y[j];
  }
  const last = pairs.at(-1);
  const scale = last ? 1 / (last.rho * inner(last.y, last.y)) : 1;
  for (let j = 0; j < q.length; j++) q[j] *= scale;
  pairs.forEach(({ s, y, rho }, i) => {
    const beta = rho * inner(y, q);
    for (let j = 0; j < q.length; j++) q[j] += (alphas[i] - beta) * s[j];
  });
  return q;
}

function lineSearch(
  f: Differentiable,
  x: Float64Array,
  value: number,
  direction: Float64Array,
  slope: number,
  isFirst: boolean,
): { x: Float64Array; value: number; gradient: Float64Array } | undefined {
  // The first direction is the bare gradient, whose length says nothing: a step of length 1 at most.
  let length = isFirst ? Math.min(1, 1 / Math.sqrt(inner(direction, direction))) : 1;
  for (let attempt = 0; attempt < 20; attempt++) {
    const candidate = x.map((component, i) => component + length * direction[i]);
    const there = f(candidate);
    if (there.value <= value + sufficientDecrease * length * slope) return { x: candidate, ...there };
    length *= 0.4;
  }
  return undefined;
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
