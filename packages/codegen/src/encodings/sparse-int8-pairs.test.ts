import { seededRandom } from '@sparrow/model/testing';
import type { SparseEntry } from './encoding.ts';
import { sparseInt8Pairs, sparseInt8PairsLong } from './sparse-int8-pairs.ts';

type Weights = Map<number, number>;

/** Weights other than 0 by position; neighbours are as likely as `density` makes them. */
function randomWeights(random: () => number, density: number): Weights {
  const positions = Array.from({ length: 40 }, (_, position) => position).filter(() => random() < density);
  return new Map(positions.map((position) => [position, Math.floor(random() * 127) + 1 - (random() < 0.5 ? 128 : 0)]));
}

function entriesOf(weights: Weights): SparseEntry[] {
  let before = 0;
  return [...weights].map(([position, weight]) => {
    const distance = position - before;
    before = position;
    return { distance, weight };
  });
}

/** Pairs, pairs with a gap, others: as the kernel counts them. */
const HEADS = {
  short: ([head]: readonly number[]) => [head >> 6, (head >> 4) & 3, 16 - (head & 15)],
  long: (bytes: readonly number[]) => {
    const [pairs, gaps] = [bytes[0] >> 4, bytes[0] & 15];
    return [pairs, gaps, 256 - bytes[1 + 3 * (pairs + gaps)]];
  },
};

/** As the kernel reads it: also weights of 0, which bridge. */
function decode(bytes: readonly number[], kind: keyof typeof HEADS) {
  const weights: [number, number][] = [];
  const signed = (byte: number): number => (byte > 127 ? byte - 256 : byte);
  const [pairs, gaps, singles] = HEADS[kind](bytes);
  let at = 1;
  for (const [gap, count] of [
    [1, pairs],
    [2, gaps],
  ]) {
    let position = 0;
    for (let left = count; left > 0; left--, at += 3) {
      position += bytes[at];
      weights.push([position, signed(bytes[at + 1])], [position + gap, signed(bytes[at + 2])]);
    }
  }
  if (kind === 'long') at++;
  let position = 0;
  for (let left = singles; left > 0; left--, at += 2) {
    position += bytes[at];
    weights.push([position, signed(bytes[at + 1])]);
  }
  return { weights: weights.sort(([a], [b]) => a - b), read: at, pairs: { 1: pairs, 2: gaps }, singles };
}

describe.each([
  ['short', sparseInt8Pairs],
  ['long', sparseInt8PairsLong],
] as const)('%s runs of pairs', (kind, encoding) => {
  test.each([0.03, 0.3, 0.6])('what is packed at density %d is read again, and pairs save a byte each', (density) => {
    const random = seededRandom(1);
    const seen = { 1: 0, 2: 0 };
    for (let trial = 0; trial < 100; trial++) {
      const weights = randomWeights(random, density);
      const run = encoding.pack(entriesOf(weights));
      if (!run) continue;
      const { pairs, singles, ...decoded } = decode(run.bytes, kind);
      expect(decoded.weights).toEqual(weights.size === 0 ? [[0, 0]] : [...weights]);
      expect(decoded.read).toBe(run.bytes.length);
      expect(run).toMatchObject({ pairs, rounds: singles, entries: singles });
      const both = pairs[1] + pairs[2];
      expect(run.bytes.length).toBe((kind === 'long' ? 2 : 1) + 3 * both + 2 * singles);
      for (const gap of [1, 2] as const) seen[gap] += pairs[gap];
    }
    expect(seen[1]).toBeGreaterThan(0);
    expect(seen[2]).toBeGreaterThan(0);
  });

  test('a run of pairs alone has two of their weights behind them, an empty one a weight of 0', () => {
    const all = [5, 1, 1, 1].map((distance, index) => ({ distance, weight: index + 1 }));
    const { weights, pairs, singles } = decode(encoding.pack(all)?.bytes ?? [], kind);
    expect({ weights, pairs, singles }).toEqual({
      weights: [5, 6, 7, 8].map((position, index) => [position, index + 1]),
      pairs: { 1: 1, 2: 0 },
      singles: 2,
    });
    expect(decode(encoding.pack([])?.bytes ?? [], kind).weights).toEqual([[0, 0]]);
  });

  test('weights of 0 bridge what is too far apart, pairs are not for that', () => {
    const far = [
      { distance: 300, weight: 1 },
      { distance: 1, weight: 2 },
      { distance: 255, weight: 3 },
    ];
    const { weights, pairs } = decode(encoding.pack(far)?.bytes ?? [], kind);
    expect(pairs).toEqual({ 1: 0, 2: 0 });
    expect(weights).toEqual([
      [255, 0],
      [300, 1],
      [301, 2],
      [556, 3],
    ]);
  });
});

test('short runs have up to 16 weights that are in no pair, long ones up to 255', () => {
  const apart = (count: number): SparseEntry[] => Array.from({ length: count }, () => ({ distance: 3, weight: 1 }));
  expect([16, 17].map((count) => sparseInt8Pairs.pack(apart(count)) !== undefined)).toEqual([true, false]);
  expect([255, 256].map((count) => sparseInt8PairsLong.pack(apart(count)) !== undefined)).toEqual([true, false]);
});
