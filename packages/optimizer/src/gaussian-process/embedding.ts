/**
 * Turns encoded configurations, vectors in [0, 1]^n with NaN where a conditional dimension is absent, into points whose
 * Euclidean distances make sense to a kernel. An unconditional dimension stays as it is. A conditional one goes to a
 * circle's arc, as in the arc kernel (Swersky, Duvenaud, Snoek, Hutter, Osborne 2014, "Raiders of the Lost Architecture",
 * eq. 2):
 *
 *     g(x) = [0, 0] if absent, else [sin(πρx), cos(πρx)],  ρ = ½
 *
 * so that two configurations without it do not differ in it, and one with it is as far from one without whatever its
 * value is. The radius ω of the paper is the inverse of the dimension's length scale, which both coordinates share.
 */
export interface Embedding {
  /** Coordinates of an embedded point. */
  readonly dimensions: number;
  /** Length scales: one for each encoded dimension. */
  readonly scales: number;
  /** The length scale that each coordinate uses. */
  readonly scaleOfCoordinate: Uint16Array;
  embed(encoded: readonly number[]): Float64Array;
}

export function makeEmbedding(conditional: readonly boolean[]): Embedding {
  const scaleOfCoordinate = Uint16Array.from(conditional.flatMap((isArc, i) => (isArc ? [i, i] : [i])));
  return {
    dimensions: scaleOfCoordinate.length,
    scales: conditional.length,
    scaleOfCoordinate,
    embed(encoded) {
      const point = new Float64Array(scaleOfCoordinate.length);
      let at = 0;
      conditional.forEach((isArc, i) => {
        const value = encoded[i];
        const present = !Number.isNaN(value);
        // A dimension that was never seen to be absent, absent: the middle is the least wrong.
        if (!isArc) point[at++] = present ? value : 0.5;
        else {
          point[at++] = present ? Math.sin((Math.PI / 2) * value) : 0;
          point[at++] = present ? Math.cos((Math.PI / 2) * value) : 0;
        }
      });
      return point;
    },
  };
}
