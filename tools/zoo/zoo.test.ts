import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from '@sparrow/hil';
import { contradictions } from './contradictions.ts';
import { readZoo } from './entries.ts';
import { consistent } from './fixture.ts';
import { resultTable, withResults } from './result-table.ts';

describe('the zoo', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sparrow-zoo-test-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  async function place(folder: string, content: string): Promise<void> {
    await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, folder, 'measurement.json'), content);
  }

  test('is read by dataset, the most accurate first', async () => {
    await place('zoo/mnist/fast', JSON.stringify({ ...consistent, accuracy: 0.98 }));
    await place('zoo/mnist/accurate', JSON.stringify(consistent));
    await place('zoo/cifar-10/only', JSON.stringify({ ...consistent, dataset: 'cifar-10', accuracy: 0.7 }));
    expect(readZoo(root).map(({ folder }) => folder)).toEqual([
      'zoo/cifar-10/only',
      'zoo/mnist/accurate',
      'zoo/mnist/fast',
    ]);
  });

  test('may be empty', () => expect(readZoo(root)).toEqual([]));

  test('refuses an entry without a measurement, or with a damaged one, in one line', async () => {
    await mkdir(join(root, 'zoo/mnist/unmeasured'), { recursive: true });
    expect(() => readZoo(root)).toThrow(/^[^\n]*unmeasured\/measurement\.json: ENOENT[^\n]*hil:verify --json$/);
    await place('zoo/mnist/unmeasured', '{');
    expect(() => readZoo(root)).toThrow(/^[^\n]*unmeasured\/measurement\.json: [^\n]*JSON[^\n]*$/);
  });
});

describe('the result table', () => {
  const zoo = [{ folder: 'zoo/mnist/small', measurement: consistent }];

  test('has a row a model, with the command that measures it again', () => {
    const [head, rule, row, ...rest] = resultTable(zoo).split('\n');
    expect(rest).toEqual([]);
    expect([head, rule, row].map((line) => line.split('|').length)).toEqual([10, 10, 10]);
    expect(row).toBe(
      '| [mnist/small](zoo/mnist/small) | 99.00 % | 9,566 B | 1,600 B | 50.0 ms | 8.00 | 3,210 B | `npx nx run hil:verify --model zoo/mnist/small` |',
    );
  });

  test('takes the place of the one before, and of nothing else', () => {
    const text =
      '# Sparrow\n\n<!-- results: written by tools/readme-table.ts -->\nold\n<!-- end of results -->\n\nMore.\n';
    const once = withResults(text, resultTable(zoo));
    expect(once).toMatch(/^# Sparrow\n\n<!--[^\n]*-->\n\n\|[^]*\|\n\n<!-- end of results -->\n\nMore\.\n$/);
    expect(once).not.toContain('old');
    expect(withResults(once, resultTable(zoo))).toBe(once);
    expect(() => withResults('no marks', resultTable(zoo))).toThrow(/have to stand around/);
  });
});

describe('a measurement of fewer images', () => {
  const fewer: Measurement = {
    ...consistent,
    images: 20,
    correct: 20,
    accuracy: 1,
    cycles: { min: 795_000, mean: 801_000, max: 810_000 },
    ramBytes: { static: 1_500, stack: 98, total: 1_598 },
  };

  test('reproduces the recorded one within its bounds', () => expect(contradictions(consistent, fewer)).toEqual([]));

  test.each([
    ['another size', { flashBytes: 9_568 }, /flashBytes is 9568, recorded is 9566/],
    ['other parameters', { modelBytes: 3_211 }, /modelBytes/],
    ['another network', { macs: 99_999 }, /macs/],
    ['more static RAM', { ramBytes: { ...fewer.ramBytes, static: 1_501 } }, /ramBytes\.static/],
    ['more stack', { ramBytes: { ...fewer.ramBytes, stack: 101 } }, /ramBytes\.stack is 101, recorded is 98 to 100/],
    ['a slower image', { cycles: { ...fewer.cycles, max: 810_001 } }, /cycles\.max/],
    ['a faster image', { cycles: { ...fewer.cycles, min: 789_999 } }, /cycles\.min/],
    ['a wrong logit', { mismatchedLogits: 1 }, /mismatched logits is 1/],
  ])('with %s contradicts it', (_, change, complaint) => {
    expect(contradictions(consistent, { ...fewer, ...change })).toEqual([expect.stringMatching(complaint)]);
  });

  test.each([
    ['accuracy', { accuracy: 0.991 }],
    ['ramBytes.total', { ramBytes: { ...consistent.ramBytes, total: 1_598 } }],
    ['cycles.mean', { cycles: { min: 790_000, mean: 789_000, max: 810_000 }, cyclesPerMac: 7.89 }],
    ['cyclesPerMac', { cyclesPerMac: 7.9 }],
  ])('shows a recorded %s that does not follow from the rest', (name, change) => {
    expect(contradictions({ ...consistent, ...change }, fewer)).toEqual([expect.stringContaining(`that ${name}`)]);
  });
});
