/**
 * Cholesky factors and triangular solves over flat row-major arrays. Rows are contiguous, so every inner loop is a dot
 * product or an update along a row, which V8 compiles well; a general matrix library is several times slower here.
 */

/**
 * The lower triangle L with L·Lᵀ = `matrix` (n × n, symmetric; only its lower triangle is read). If `matrix` is not
 * numerically positive definite, ever larger multiples of its mean diagonal are added to the diagonal, as in GPyTorch;
 * throws if 1e-2 of it does not help.
 */
export function choleskyFactor(matrix: Float64Array, n: number): Float64Array {
  let trace = 0;
  for (let i = 0; i < n; i++) trace += matrix[i * n + i];
  for (const jitter of [0, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2]) {
    const factor = tryFactor(matrix, n, (jitter * trace) / n);
    if (factor) return factor;
  }
  throw new Error('covariance matrix is not positive definite');
}

function tryFactor(matrix: Float64Array, n: number, jitter: number): Float64Array | undefined {
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j <= i; j++) {
      const other = j * n;
      let sum = matrix[row + j];
      for (let k = 0; k < j; k++) sum -= factor[row + k] * factor[other + k];
      if (j < i) {
        factor[row + j] = sum / factor[other + j];
      } else {
        const pivot = sum + jitter;
        if (!(pivot > 0)) return undefined;
        factor[row + i] = Math.sqrt(pivot);
      }
    }
  }
  return factor;
}

/** x with L·x = b. */
export function solveLower(factor: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    let sum = b[i];
    for (let k = 0; k < i; k++) sum -= factor[row + k] * x[k];
    x[i] = sum / factor[row + i];
  }
  return x;
}

/** x with Lᵀ·x = b. */
export function solveUpper(factor: Float64Array, n: number, b: Float64Array): Float64Array {
  const x = Float64Array.from(b);
  for (let i = n - 1; i >= 0; i--) {
    const row = i * n;
    const value = (x[i] /= factor[row + i]);
    for (let k = 0; k < i; k++) x[k] -= factor[row + k] * value;
  }
  return x;
}

/** x with L·Lᵀ·x = b. */
export function choleskySolve(factor: Float64Array, n: number, b: Float64Array): Float64Array {
  return solveUpper(factor, n, solveLower(factor, n, b));
}

/** The lower triangle of (L·Lᵀ)⁻¹; the upper one is left 0. */
export function choleskyInverse(factor: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  const lower = invertLower(factor, n);
  // (L·Lᵀ)⁻¹ = L⁻ᵀ·L⁻¹: the sum over the rows of L⁻¹ of their outer products.
  for (let k = 0; k < n; k++) {
    const row = k * n;
    for (let i = 0; i <= k; i++) {
      const value = lower[row + i];
      const target = i * n;
      for (let j = 0; j <= i; j++) inverse[target + j] += value * lower[row + j];
    }
  }
  return inverse;
}

function invertLower(factor: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let k = 0; k < i; k++) {
      const value = factor[row + k];
      const source = k * n;
      for (let j = 0; j <= k; j++) inverse[row + j] -= value * inverse[source + j];
    }
    const diagonal = factor[row + i];
    for (let j = 0; j < i; j++) inverse[row + j] /= diagonal;
    inverse[row + i] = 1 / diagonal;
  }
  return inverse;
}

export function logDeterminant(factor: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.log(factor[i * n + i]);
  return 2 * sum;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
