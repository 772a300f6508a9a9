import { readFileSync } from 'node:fs';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { parseDatasetName } from '@sparrow/datasets';
import { readModel } from '@sparrow/model';
import { USABLE_FLASH_BYTES } from '../atmega328p.ts';
import { buildModel } from '../build-model.ts';
import { findModel } from '../find-model.ts';
import { bytes } from '../fit.ts';
import { parseIntelHex } from '../intel-hex.ts';
import { flashBoard } from '../serial-device.ts';
import { workspaceRoot } from '../toolchain.ts';
import { addBoardOptions, resolveDevice, type BoardFlags } from './board-flags.ts';
import { runCommand } from './flags.ts';

interface Flags extends BoardFlags {
  readonly model?: string;
  readonly dataset: string;
  readonly hex?: string;
}

const program = addBoardOptions(new Command('flash'))
  .description(
    'Flashes a model, with the serial program around it, onto an Uno through its bootloader, and reads it back.',
  )
  .option('--device <port>', 'serial port of the Uno such as /dev/ttyACM0, or auto: the one that is plugged in', 'auto')
  .option('--model <path>', "file, zoo folder or run folder (default: the newest run's best, else the zoo's)")
  .option('--dataset <name>', 'whose model is the default', 'mnist')
  .option('--hex <file>', 'a program instead of a model')
  .showHelpAfterError('(nx run hil:flash -- --help lists the flags)');

interface Program {
  readonly name: string;
  readonly hex: string;
  readonly flashBytes: number;
}

async function main(flags: Flags): Promise<number> {
  const { name, hex, flashBytes } = flags.hex === undefined ? await build(flags) : read(flags.hex);
  const device = await resolveDevice(flags.device);
  const progress = new SingleBar({ format: `${name} {bar} {percentage} %`, hideCursor: true, clearOnComplete: true });
  if (process.stderr.isTTY) progress.start(1, 0);
  const start = performance.now();
  try {
    await flashBoard(device, hex, {
      programmer: flags.programmer,
      onFlashProgress: (done, total) => progress.update(done / total),
    });
  } finally {
    progress.stop();
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(
    `${name} is on the board at ${device}: ${bytes(flashBytes)} of ${bytes(USABLE_FLASH_BYTES)} written and read back in ${seconds} s\n`,
  );
  return 0;
}

async function build({ model: path, dataset, baudRate }: Flags): Promise<Program> {
  const model = readModel(findModel(path, parseDatasetName(dataset), workspaceRoot));
  const { firmware } = await buildModel(model, { baudRate });
  return { name: model.name, ...firmware };
}

const LARGEST_HEX_BYTES = 0x1_0000;

function read(file: string): Program {
  const hex = readFileSync(file, 'utf8');
  return { name: file, hex, flashBytes: parseIntelHex(hex, LARGEST_HEX_BYTES).usedBytes };
}

await runCommand(program, main);
