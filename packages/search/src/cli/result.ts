import { join } from 'node:path';
import type { Measurement } from '@sparrow/hil';
import pc from 'picocolors';
import type { Outcome } from '../run.ts';
import { bytes, count, milliseconds, percent } from './format.ts';
import { plainTable } from './plain-table.ts';

/** The last lines of a training or a search: what was proven, where it is, what to do with it. */
export function printResult(measurement: Measurement, path: string): void {
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
    ['model, C, .hex', path],
    ['to flash it', `see ${join(path, 'FLASHING.md')}`],
  ];
  const lines = rows.map(([name, value]) => `  ${pc.dim(name.padEnd(18))} ${value}`);
  process.stdout.write(`\n${pc.bold('Verified')}\n${lines.join('\n')}\n`);
}

/** All that a search found; the recommended one in full. */
export function printOutcomes(outcomes: readonly Outcome[]): void {
  const rows = outcomes.map(({ goal, measurement, path }) => [
    goal.name,
    percent(measurement.accuracy),
    bytes(measurement.flashBytes),
    bytes(measurement.modelBytes),
    bytes(measurement.ramBytes.total),
    milliseconds(measurement.milliseconds),
    path,
  ]);
  const table = plainTable(['', 'accuracy', 'flash', 'parameters', 'RAM', 'time', 'in'], rows);
  const reasons = outcomes.map(({ goal, reason }) => `  ${pc.dim(goal.name.padEnd(6))} ${reason}`);
  process.stdout.write(`\n  ${table.replaceAll('\n', '\n  ')}\n\n${reasons.join('\n')}\n`);
  printResult(outcomes[0].measurement, outcomes[0].path);
}
