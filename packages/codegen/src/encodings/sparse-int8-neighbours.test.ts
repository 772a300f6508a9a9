import { seededRandom } from '@sparrow/model/testing';
import type { SparseEntry } from './encoding.ts';
import { sparseInt8Neighbours } from './sparse-int8-neighbours.ts';

type Weights = Map<number, number>;

/** Weights other than 0 by position; neighbours are as likely as `density` makes them. */
function randomWeights(random: () => number, density: number): Weights {
  const positions = Array.from({ length: 60 }, (_, position) => position).filter(() => random() < density);
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

/** As the kernel reads it. */
function decode(bytes: readonly number[]): { readonly weights: Weights; readonly read: number } {
  const weights: Weights = new Map();
  const signed = (byte: number): number => (byte > 127 ? byte - 256 : byte);
  let [position, at] = [0, 1];
  for (let left = bytes[0]; left > 0; left--, at += 3) {
    position += bytes[at];
    weights.set(position, signed(bytes[at + 1])).set(position + 1, signed(bytes[at + 2]));
  }
  if (bytes[0] > 0) position -= 256;
  for (let left = bytes[at++] + 1; left > 0; left--, at += 2) {
    position += bytes[at];
    weights.set(position, signed(bytes[at + 1]));
  }
  return { weights, read: at };
}

test.each([0.03, 0.3, 0.6])('what is packed at density %d is read again, and pairs save a byte each', (density) => {
  const random = seededRandom(1);
  let mostPairs = 0;
  for (let trial = 0; trial < 100; trial++) {
    const weights = randomWeights(random, density);
    const run = sparseInt8Neighbours.pack(entriesOf(weights));
    if (weights.size === 0) {
      expect(run).toBeUndefined();
      continue;
    }
    const { bytes, entries, pairs = 0 } = run ?? { bytes: [], entries: 0 };
    const decoded = decode(bytes);
    expect([...decoded.weights].sort(([a], [b]) => a - b)).toEqual([...weights]);
    expect(decoded.read).toBe(bytes.length);
    expect(entries + 2 * pairs).toBe(weights.size);
    expect(bytes.length).toBe(2 + 2 * weights.size - pairs);
    mostPairs = Math.max(mostPairs, pairs);
  }
  expect(mostPairs).toBeGreaterThan(0);
});

test('what is too far apart is for other encodings', () => {
  expect(sparseInt8Neighbours.pack([{ distance: 256, weight: 1 }])).toBeUndefined();
  expect(sparseInt8Neighbours.pack([{ distance: 255, weight: 1 }])?.bytes).toEqual([0, 0, 255, 1]);
});
