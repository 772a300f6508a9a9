import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command, Option } from 'commander';
import { loadDataset, parseDatasetName } from '@sparrow/datasets';
import { readModel } from '@sparrow/model';
import { datasetOf } from '../dataset-of.ts';
import { EXECUTORS, type ExecutorName } from '../emulator/chip.ts';
import { findModel } from '../find-model.ts';
import { formatMeasurement } from '../format-measurement.ts';
import { workspaceRoot } from '../toolchain.ts';
import { verify } from '../verify.ts';
import { addBoardOptions, resolveDevice, type BoardFlags } from './board-flags.ts';
import { checkWritable, parseCount, runCommand } from './flags.ts';

interface Flags extends BoardFlags {
  readonly model?: string;
  readonly images?: number;
  readonly json?: string;
  readonly dataset?: string;
  readonly jobs: number;
  readonly flash: boolean;
  readonly resume: boolean;
  readonly executor: ExecutorName;
}

const BOARD_IMAGES = 100;
const JOURNAL_FOLDER = join(workspaceRoot, '.cache', 'hil');

const program = addBoardOptions(new Command('verify'))
  .description(
    'Builds a model, runs it on the emulated (or a real) ATmega328P with test images, and checks every logit.',
  )
  .option('--model <path>', "file, zoo folder or run folder (default: the newest run's best, else the zoo's)")
  .option('--images <n>', `first n test images, or all (default: all; ${BOARD_IMAGES} on a board)`, parseImages)
  .option('--json <file>', 'also writes the measurement there')
  .option('--dataset <name>', 'whose test images (default: what the model was trained on)')
  .option(
    '--device <name>',
    'avr8js, auto (the Uno that is plugged in), or its serial port such as /dev/ttyACM0',
    'avr8js',
  )
  .option('--no-flash', 'a board that runs another program is left alone')
  .option('--no-resume', 'a run on a board that was cut off is begun anew')
  .option('--jobs <n>', 'chips to emulate at a time', parseCount, availableParallelism())
  .addOption(
    new Option('--executor <name>', 'of the emulator: fast, or avr8js instruction by instruction')
      .choices(EXECUTORS)
      .default(EXECUTORS[0]),
  )
  .showHelpAfterError('(nx run hil:verify -- --help lists the flags)');

function parseImages(text: string): number {
  return text === 'all' ? Infinity : parseCount(text);
}

async function main(flags: Flags): Promise<number> {
  if (flags.json !== undefined) checkWritable(flags.json);
  const named = flags.dataset === undefined ? undefined : parseDatasetName(flags.dataset);
  const path = findModel(flags.model, named ?? 'mnist', workspaceRoot);
  const model = readModel(path);
  const dataset = await loadDataset(named ?? datasetOf(model));
  const images = Math.min(flags.images ?? (flags.device === 'avr8js' ? Infinity : BOARD_IMAGES), dataset.test.count);

  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  const progress = new SingleBar({
    format: `${path} {bar} {value} of {total} images, {eta_formatted} left`,
    hideCursor: true,
    clearOnComplete: true,
  });
  const device = await resolveDevice(flags.device);
  if (process.stderr.isTTY) progress.start(images, 0);
  let imagesDone = 0;
  try {
    const measurement = await verify(model, dataset, {
      ...flags,
      device,
      images,
      signal: controller.signal,
      journalFolder: JOURNAL_FOLDER,
      onProgress: (done) => progress.update((imagesDone = done)),
      onFlash: () => process.stderr.write(`flashing the board at ${device}\n`),
      onResume: (done) => process.stderr.write(`going on behind ${done} images of a run that was cut off\n`),
    });
    progress.stop();
    process.stdout.write(`${formatMeasurement(measurement, dataset.classes)}\n`);
    if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(measurement, null, 2)}\n`);
    return measurement.mismatchedLogits === 0 ? 0 : 1;
  } catch (error) {
    progress.stop();
    if (!controller.signal.aborted) throw error;
    if (device !== 'avr8js') {
      process.stderr.write(`${imagesDone} of ${images} images are finished: the same command goes on from there\n`);
    }
    return 130;
  }
}

await runCommand(program, main);
