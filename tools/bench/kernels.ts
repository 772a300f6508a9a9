/**
 * `npx nx run codegen:bench`: docs/kernels.md, from networks that are all run on the emulated chip. `--check` only compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildModel, EMULATOR_BAUD_RATE, runOnEmulator } from '@sparrow/hil';
import type { Prediction } from '@sparrow/codegen';
import type { Model } from '@sparrow/model';
import { randomImage, seededRandom } from '@sparrow/model/testing';
import { Command } from 'commander';
import { format } from 'prettier';
import { kernelsDocument } from '../../tests/kernels/table.ts';

const DOCUMENT = join(import.meta.dirname, '..', '..', 'docs', 'kernels.md');

/** @throws Error if the chip disagrees with the prediction or the interpreter */
async function runOnChip(model: Model, prediction: Prediction): Promise<void> {
  const { firmware } = await buildModel(model, { baudRate: EMULATOR_BAUD_RATE });
  const image = randomImage(model.architecture.input, seededRandom(1), 'noise');
  const { cycles, mismatchedLogits } = await runOnEmulator(firmware, model, image, 1, { jobs: 1 });
  const complaint = (what: string, measured: number, predicted: number): Error =>
    new Error(`${model.name}: ${what} ${measured}, but ${predicted} were predicted`);
  if (mismatchedLogits > 0) throw new Error(`${model.name}: ${mismatchedLogits} logits differ from the interpreter's`);
  if (Math.abs(cycles[0] / prediction.cycles - 1) > 0.0005) throw complaint('cycles', cycles[0], prediction.cycles);
  if (firmware.staticRamBytes !== prediction.ramBytes.static) {
    throw complaint('bytes of static RAM', firmware.staticRamBytes, prediction.ramBytes.static);
  }
  if (Math.abs(firmware.flashBytes - prediction.flashBytes) > 20) {
    throw complaint('bytes of flash', firmware.flashBytes, prediction.flashBytes);
  }
  process.stderr.write('.');
}

const { check } = new Command('codegen:bench')
  .description('measures kernels × shapes × encodings on the emulated chip and writes docs/kernels.md')
  .option('--check', 'compare with docs/kernels.md instead of writing it', false)
  .parse()
  .opts<{ check: boolean }>();
const text = await format(await kernelsDocument(runOnChip), { parser: 'markdown', printWidth: 120, singleQuote: true });
process.stderr.write('\n');
if (!check) writeFileSync(DOCUMENT, text);
else if (readFileSync(DOCUMENT, 'utf8') !== text) {
  console.error('docs/kernels.md is out of date: run `npx nx run codegen:bench`');
  process.exitCode = 1;
}
