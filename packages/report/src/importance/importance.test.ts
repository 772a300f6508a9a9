import fc from 'fast-check';
import { randomStream, type Json } from '@sparrow/optimizer';
import { importanceOf } from './importance.ts';

interface Toy {
  readonly width: number;
  readonly kind: string;
  readonly blocks: readonly { readonly filters: number; readonly isPooled?: boolean }[];
}

function toys(count: number, seed: number): Toy[] {
  const random = randomStream(seed, 1);
  return Array.from({ length: count }, () => ({
    width: random(),
    kind: random() < 0.5 ? 'conv' : 'separable',
    blocks: Array.from({ length: 2 + Math.floor(3 * random()) }, () => ({
      filters: 2 ** Math.floor(6 * random()),
      ...(random() < 0.5 ? {} : { isPooled: random() < 0.5 }),
    })),
  }));
}

const sharesOf = (configurations: readonly Toy[], value: (toy: Toy) => number): Record<string, number> => {
  const importance = importanceOf(configurations as unknown as Json[], [
    { name: 'value', values: configurations.map(value) },
  ])!;
  return Object.fromEntries(importance.hyperparameters.map(({ name, shares }) => [name, shares[0]]));
};

test('what alone decides has what is explained to itself', () => {
  const byWidth = sharesOf(toys(200, 1), ({ width }) => width);
  expect(byWidth.width).toBeGreaterThan(0.4);
  expect(byWidth.width).toBeGreaterThan(20 * Math.max(...Object.values({ ...byWidth, width: 0 })));
  const byDepth = sharesOf(toys(200, 2), ({ blocks }) => blocks.length);
  expect(byDepth['blocks: count']).toBeGreaterThan(0.4);
});

test('of two that decide together, the one with more of the variance comes first', () => {
  // Variances: 9 of width, 1 of kind.
  const shares = sharesOf(toys(300, 3), ({ width, kind }) => 3 * Math.sqrt(12) * width + (kind === 'conv' ? 2 : 0));
  expect(Object.keys(shares).slice(0, 2)).toEqual(['width', 'kind']);
  expect(shares.width / shares.kind).toBeGreaterThan(4);
});

test('names of hyperparameters join those of all blocks', () => {
  const names = Object.keys(sharesOf(toys(50, 4), ({ width }) => width));
  expect(names.sort()).toEqual(['blocks: count', 'blocks: filters', 'blocks: is pooled', 'kind', 'width']);
});

test('noise explains nothing', () => {
  const random = randomStream(9, 9);
  const configurations = toys(200, 5);
  const importance = importanceOf(configurations as unknown as Json[], [
    { name: 'noise', values: configurations.map(() => random()) },
  ])!;
  expect(importance.objectives[0].explained).toBeLessThan(0.1);
});

test('too few trials, or all alike, tell nothing', () => {
  expect(
    importanceOf(toys(19, 1) as unknown as Json[], [{ name: 'x', values: new Array<number>(19).fill(1) }]),
  ).toBeUndefined();
  const [toy] = toys(1, 1);
  const same = new Array<Json>(30).fill(toy as unknown as Json);
  expect(importanceOf(same, [{ name: 'x', values: same.map((_, i) => i) }])).toBeUndefined();
});

test('whatever configurations are made of, shares are numbers, and the same each time', () => {
  const jsons = fc.array(fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>, { minLength: 20, maxLength: 25 });
  fc.assert(
    fc.property(
      jsons,
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 25, maxLength: 25 }),
      (configurations, values) => {
        const targets = [{ name: 'x', values: values.slice(0, configurations.length) }];
        const importance = importanceOf(configurations, targets);
        expect(importanceOf(configurations, targets)).toEqual(importance);
        for (const { shares } of importance?.hyperparameters ?? []) {
          expect(shares.every((share) => Number.isFinite(share) && share >= 0)).toBe(true);
        }
      },
    ),
    { numRuns: 10 },
  );
});
