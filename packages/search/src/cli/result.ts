import { join } from 'node:path';
import type { Measurement } from '@sparrow/hil';
import pc from 'picocolors';
import type { RunFolder } from '../run-folder.ts';
import { bytes, count, milliseconds, percent } from './format.ts';

/** The last lines of a search: what was proven, where it is, what to do with it. */
export function printResult(measurement: Measurement, folder: RunFolder): void {
  const { accuracy, images, mismatchedLogits, flashBytes, modelBytes, ramBytes, macs, cyclesPerMac } = measurement;
  const rows = [
    ['accuracy', `${percent(accuracy)} of ${count(images)} test images, on the emulated ATmega328P`],
    ['mismatched logits', String(mismatchedLogits)],
    ['flash', `${bytes(flashBytes)} of 32,256 B (parameters ${bytes(modelBytes)})`],
    ['RAM', `${bytes(ramBytes.total)} of 2,048 B (static ${ramBytes.static}, stack ${ramBytes.stack})`],
    [
      'time',
      `${milliseconds(measurement.milliseconds)} an image (${count(macs)} MACs, ${cyclesPerMac.toFixed(1)} cycles each)`,
    ],
    ['model, C, .hex', folder.bestPath],
    ['to flash it', `see ${join(folder.bestPath, 'FLASHING.md')}`],
  ];
  const lines = rows.map(([name, value]) => `  ${pc.dim(name.padEnd(18))} ${value}`);
  process.stdout.write(`\n${pc.bold('Verified')}\n${lines.join('\n')}\n`);
}
