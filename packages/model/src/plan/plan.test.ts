import { randomArchitecture, seededRandom } from '../testing/index.ts';
import { conv2d, logits, maxPool, referenceArchitecture, residual, sequential } from '../builder.ts';
import { planMemory } from './plan.ts';

const overlaps = (a: { from: number; to: number }, b: { from: number; to: number }) => a.from <= b.to && b.from <= a.to;

describe('memory plan', () => {
  test('the reference network keeps three rows a convolution, and no row that a folded pool takes', () => {
    const { rings, order } = planMemory(referenceArchitecture());
    expect(rings.map((ring) => ring && [ring.rows, ring.rowBytes])).toEqual([
      [3, 29],
      undefined,
      [3, 8 * 15],
      undefined,
      [3, 16 * 8],
      [1, 24 * 7],
      [1, 24],
      undefined,
    ]);
    // Each input row lets the latest step run that can: conv1 (0) after the second row, its pool's row feeds conv2 (1) later.
    expect(order.slice(0, 5)).toEqual([[], [0], [0], [0], [0, 1]]);
    expect(order.flat().filter((step) => step === 2)).toHaveLength(7);
  });

  test('a residual keeps the rows that the branch around the convolutions still needs', () => {
    const body = [conv2d(4), conv2d(4), conv2d(4)];
    const { rings } = planMemory(
      sequential({ height: 12, width: 12, channels: 1 }, [conv2d(4), residual(body), maxPool(2), logits(3)]),
    );
    // Three 3×3 convolutions run one row behind each other: when row r comes, row r − 3 has not been added yet.
    expect(rings[1]?.rows).toBe(4);
    expect([2, 3, 4].map((tensor) => rings[tensor]?.rows)).toEqual([3, 3, 1]);
  });

  test('an image that is preprocessed is kept until its last row has been made, not until that has been read', () => {
    const { preprocessing, rings, accumulators } = planMemory({
      ...sequential({ height: 12, width: 12, channels: 1 }, [conv2d(4), logits(3)]),
      preprocessing: 'momentNormalization',
    });
    const madeLast = preprocessing?.image.lifetime.to ?? 0;
    expect(madeLast).toBeGreaterThan(rings[0]?.lifetime.from ?? Infinity);
    expect(madeLast).toBeLessThan(rings[0]?.lifetime.to ?? 0);
    // Somewhere must be told which row it is as long as there are steps.
    expect(preprocessing?.placement.lifetime.to).toBe(accumulators.at(-1)?.lifetime.to);
  });

  test('buffers that live at the same time never overlap, and the arena holds them all', () => {
    for (let seed = 0; seed < 200; seed++) {
      const plan = planMemory(randomArchitecture(seededRandom(seed), { preprocessed: seed % 4 === 0 }));
      const { arrival, image, placement } = plan.preprocessing ?? {};
      const all = [...plan.rings, ...plan.accumulators, arrival, image, placement];
      const buffers = all.filter((buffer) => buffer !== undefined);
      buffers.forEach((a, index) => {
        expect(a.offset + a.bytes).toBeLessThanOrEqual(plan.arenaBytes);
        for (const b of buffers.slice(index + 1)) {
          const apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
          expect(apart || !overlaps(a.lifetime, b.lifetime)).toBe(true);
        }
      });
    }
  });
});
