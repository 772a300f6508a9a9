import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { loadDataset } from '@sparrow/datasets';
import { conv2d, encodeModel, logits, sequential, writeModel, type Model } from '@sparrow/model';
import { randomModel } from '@sparrow/model/testing';
import type { Measurement } from './measurement.ts';
import { tinyModel as model } from './testing/tiny-model.ts';
import { workspaceRoot } from './toolchain.ts';
import { verify } from './verify.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sparrow-verify-test-'));
  writeModel(join(folder, 'model.sparrow'), model);
});
afterAll(() => rm(folder, { recursive: true }));

const verifyCommand = (env: Record<string, string>, ...flags: string[]) =>
  execa(process.execPath, ['--import', 'tsx', join(workspaceRoot, 'packages/hil/src/bin/verify.ts'), ...flags], {
    cwd: workspaceRoot,
    reject: false,
    env,
  });

test('prints a block for people and writes JSON for programs', async () => {
  const json = join(folder, 'measurement.json');
  const { exitCode, stdout } = await verifyCommand({}, '--model', folder, '--images', '50', '--json', json);
  expect(stdout).toMatch(/tiny on avr8js, mnist[\s\S]*of 50 test images[\s\S]*all 500 equal the reference/);
  expect(exitCode).toBe(0);
  const measurement = JSON.parse(await readFile(json, 'utf8')) as Measurement;
  expect(Object.keys(measurement)).toEqual([
    'model', 'dataset', 'device', 'images', 'correct', 'accuracy', 'mismatchedLogits', 'flashBytes', 'modelBytes',
    'ramBytes', 'macs', 'cycles', 'milliseconds', 'cyclesPerMac', 'estimatedMillijoules',
  ]); // prettier-ignore
  expect(measurement).toMatchObject({ images: 50, mismatchedLogits: 0, macs: 490 });
});

/** Whatever verify is given: one line that says what to do, and an exit code. Unknown flags: tests/bad-input.test.ts. */
test.each([
  ['no number of images', ['--images', 'some'], 2, /--images.*'some' is not a whole number/],
  ['an unknown dataset', ['--dataset', 'emnist'], 1, /unknown dataset 'emnist': known are/],
  ['a folder that JSON cannot go to', ['--json', '/nowhere/m.json'], 1, /--json \/nowhere\/m\.json/],
])('%s is one line and an exit code', async (_, flags, code, complaint) => {
  const { exitCode, stderr, stdout } = await verifyCommand({}, ...flags);
  expect(stderr).toMatch(complaint);
  expect(stderr.replace(/\n\(.*\)/g, '').trim()).not.toContain('\n');
  expect(stdout).toBe('');
  expect(exitCode).toBe(code);
});

test('a damaged model is one line', async () => {
  const damaged = join(folder, 'damaged.sparrow');
  const bytes = encodeModel(model);
  bytes[bytes.length >> 1] ^= 1;
  await writeFile(damaged, bytes);
  expect(await verifyCommand({}, '--model', damaged)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^error: [^\n]*damaged\.sparrow[^\n]*$/),
  });
});

/** Where set-up has unpacked a toolchain of its own, none can be missing; toolchain.test.ts knows the message. */
(existsSync(join(workspaceRoot, '.toolchain')) ? test.skip : test)('a missing toolchain is one line', async () => {
  expect(await verifyCommand({ PATH: '' }, '--model', folder, '--images', '1')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^error: avr-gcc is missing: run `npm run setup`[^\n]*$/),
  });
});

async function expectRefusal(refused: Model, complaint: RegExp, device = 'avr8js'): Promise<void> {
  await expect(verify(refused, await loadDataset('mnist'), { images: 1, device })).rejects.toThrow(complaint);
}

test('a model that does not fit is one line that says by how much', async () => {
  const wide: Model = {
    name: 'wide',
    architecture: sequential({ height: 28, width: 28, channels: 1 }, [conv2d(6, { padding: 'valid' }), logits(10)]),
    parameters: [
      {
        kind: 'weighted',
        weights: new Int8Array(54).fill(1),
        bias: new Int32Array(6),
        requantization: { multipliers: new Uint16Array(6).fill(1), shift: 8 },
      },
      { kind: 'weighted', weights: new Int8Array(40_560).fill(1), bias: new Int32Array(10) },
    ],
    provenance: {},
  };
  await expectRefusal(wide, /^model needs 4\d,\d{3} B of flash, the ATmega328P has 32,256 B [^\n]*$/);
});

test('a model for other images, and one without a board, are one line each', async () => {
  await expectRefusal(randomModel(0), /^random-0 takes [^\n]*mnist has[^\n]*--dataset$/);
  await expectRefusal(model, /^there is no serial port \/dev\/ttyNowhere[^\n]*$/, '/dev/ttyNowhere');
});
