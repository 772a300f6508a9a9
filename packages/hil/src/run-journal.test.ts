import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { RunJournal, type RunKey } from './run-journal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sparrow-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const key: RunKey = { firmwareId: 0xdeadbeef, dataset: 'mnist', images: Uint8Array.of(1, 2, 3), count: 3 };
const image = fc.record({
  index: fc.nat(9999),
  prediction: fc.nat(9),
  cycles: fc.nat(),
  mismatchedLogits: fc.nat(10),
});

test('what was finished is there again, whatever was cut off in the middle of the last line', () => {
  fc.assert(
    fc.property(fc.array(image), fc.array(fc.nat(2048)), fc.stringMatching(/^[[0-9,]*$/), (images, stacks, torn) => {
      const first = new RunJournal(folder, key, true);
      for (const finished of images) first.add(finished);
      for (const bytes of stacks) first.addStack(bytes);
      first.close(false);
      appendFileSync(join(folder, readdirSync(folder)[0]), torn);

      const second = new RunJournal(folder, key);
      expect(second.finished).toEqual(images);
      expect(second.stackBytes).toBe(Math.max(0, ...stacks));
      second.add({ index: 1, prediction: 2, cycles: 3, mismatchedLogits: 0 });
      second.close(false);
      const third = new RunJournal(folder, key);
      expect(third.finished.length).toBe(images.length + 1);
      third.close(false);
    }),
    { numRuns: 50 },
  );
});

test('another firmware, dataset or number of images, or other images, are another run', () => {
  const journal = new RunJournal(folder, key);
  journal.add({ index: 0, prediction: 2, cycles: 3, mismatchedLogits: 0 });
  journal.close(false);
  const others: Partial<RunKey>[] = [
    { firmwareId: 1 },
    { dataset: 'fashion-mnist' },
    { count: 1 },
    { images: Uint8Array.of(1, 2, 4) },
  ];
  for (const other of others) {
    const another = new RunJournal(folder, { ...key, ...other });
    expect(another.finished).toEqual([]);
    another.close(true);
  }
  const same = new RunJournal(folder, key);
  expect(same.finished.length).toBe(1);
  same.close(true);
  expect(readdirSync(folder)).toEqual([]);
});
