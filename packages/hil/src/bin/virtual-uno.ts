import { Command, Option } from 'commander';
import { parseDatasetName } from '@sparrow/datasets';
import { readModel } from '@sparrow/model';
import { buildModel } from '../build-model.ts';
import { findModel } from '../find-model.ts';
import { workspaceRoot } from '../toolchain.ts';
import { FAULTS, PACES, parseFaults, startVirtualUno, type PaceName } from '../virtual-uno/index.ts';
import { parseCount, runCommand } from './flags.ts';

interface Flags {
  readonly pace: PaceName;
  readonly model?: string;
  readonly faults?: string;
  readonly seed: number;
  readonly link?: string;
}

const faultList = Object.entries(FAULTS).map(([name, meaning]) => `${name} (${meaning})`);

const program = new Command('virtual-uno')
  .description(
    'An Uno that is not there: the emulated ATmega328P with its bootloader, Optiboot, behind a real pseudo-terminal.\n' +
      'Prints the port; avrdude uploads to it, and `nx run hil:verify --device PORT` runs on it. Ctrl-C unplugs it.',
  )
  .addOption(
    new Option('--pace <name>', 'as fast as it can, or 16 MHz by the wall clock').choices(PACES).default(PACES[0]),
  )
  .option('--model <path>', 'flashed before: file, zoo folder or run folder (default: the bootloader alone)')
  .option('--faults <list>', `name=probability a byte, …: ${faultList.join('; ')}`)
  .option('--seed <n>', 'of the faults', parseCount, 1)
  .option('--link <path>', 'a symbolic link to the port, which keeps its name')
  .showHelpAfterError('(nx run hil:virtual-uno -- --help lists the flags)');

async function firmwareOf(path: string): Promise<string> {
  const model = readModel(findModel(path, parseDatasetName('mnist'), workspaceRoot));
  return (await buildModel(model)).firmware.hex;
}

async function main({ model, faults, ...options }: Flags): Promise<number> {
  const uno = await startVirtualUno({
    ...options,
    faults: faults === undefined ? undefined : parseFaults(faults),
    firmwareHex: model === undefined ? undefined : await firmwareOf(model),
  });
  process.stdout.write(`${uno.path}\n`);
  await new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await uno.close();
  const happened = Object.entries(uno.faultCounts).filter(([, count]) => count > 0);
  if (happened.length > 0) process.stderr.write(`faults: ${happened.map((entry) => entry.join(' ')).join(', ')}\n`);
  return 0;
}

await runCommand(program, main);
