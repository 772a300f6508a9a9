import type { Embedding } from './embedding.ts';

const sqrt5 = Math.sqrt(5);

/** The Matérn covariance with ν = 5/2 and unit variance (Rasmussen & Williams 2006, eq. 4.17), of the squared distance. */
export function matern52(squaredDistance: number): number {
  const r = sqrt5 * Math.sqrt(squaredDistance);
  return (1 + r + (r * r) / 3) * Math.exp(-r);
}

/** −2 times its derivative by the squared distance: 5/3·(1 + √5·r)·exp(−√5·r). */
export function matern52Slope(squaredDistance: number): number {
  const r = sqrt5 * Math.sqrt(squaredDistance);
  return (5 / 3) * (1 + r) * Math.exp(-r);
}

/** What each coordinate is multiplied by, so that plain Euclidean distances are the kernel's: 1 / its length scale. */
export function inverseLengthScales(logScales: Float64Array, { scaleOfCoordinate }: Embedding): Float64Array {
  return Float64Array.from(scaleOfCoordinate, (scale) => Math.exp(-logScales[scale]));
}

export function scaledPoint(point: Float64Array, inverseScales: Float64Array): Float64Array {
  const scaled = new Float64Array(point.length);
  for (let i = 0; i < point.length; i++) scaled[i] = point[i] * inverseScales[i];
  return scaled;
}

/** Points in rows: `count` × `dimensions`. */
export interface PointMatrix {
  readonly count: number;
  readonly dimensions: number;
  readonly values: Float64Array;
}

export function pointMatrix(points: readonly Float64Array[], dimensions: number): PointMatrix {
  const values = new Float64Array(points.length * dimensions);
  points.forEach((point, i) => values.set(point, i * dimensions));
  return { count: points.length, dimensions, values };
}

/** Covariances of `point` with every row, all scaled already. */
export function covariances(point: Float64Array, rows: PointMatrix, into: Float64Array): Float64Array {
  const { count, dimensions, values } = rows;
  for (let i = 0, at = 0; i < count; i++) {
    let sum = 0;
    for (let k = 0; k < dimensions; k++) {
      const difference = values[at++] - point[k];
      sum += difference * difference;
    }
    into[i] = matern52(sum);
  }
  return into;
}

/** The lower triangle of the rows' covariance matrix with `noise` added to the diagonal. */
export function covarianceMatrix(rows: PointMatrix, noise: number): Float64Array {
  const { count, dimensions, values } = rows;
  const matrix = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = 0; k < dimensions; k++) {
        const difference = values[i * dimensions + k] - values[j * dimensions + k];
        sum += difference * difference;
      }
      matrix[i * count + j] = matern52(sum);
    }
    matrix[i * count + i] = 1 + noise;
  }
  return matrix;
}
