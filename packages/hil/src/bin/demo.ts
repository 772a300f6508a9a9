import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { loadDataset } from '@sparrow/datasets';
import { countMacs, readModel, type Model } from '@sparrow/model';
import { DemoChip } from '../demo/demo-chip.ts';
import { serveDemo } from '../demo/server.ts';
import { findModel } from '../find-model.ts';
import { workspaceRoot } from '../toolchain.ts';
import { checkDataset } from '../verify.ts';
import { addBoardOptions, resolveDevice, type BoardFlags } from './board-flags.ts';
import { parsePort, runCommand } from './flags.ts';

interface Flags extends BoardFlags {
  readonly model?: string;
  readonly host: string;
  readonly port: number;
}

const program = addBoardOptions(new Command('demo'))
  .description('A page to draw digits on, which the chip reads: its ten logits and its time. Ctrl-C ends it.')
  .option(
    '--model <path>',
    "an MNIST model: file, zoo folder or run folder (default: the newest run's best, else the zoo's)",
  )
  .option(
    '--device <name>',
    'avr8js, auto (the Uno that is plugged in), or its serial port such as /dev/ttyACM0',
    'avr8js',
  )
  .option('--port <n>', 'of the page; 0 is any that is free', parsePort, 3280)
  .option(
    '--host <address>',
    'who may open it: this computer alone, or with 0.0.0.0 all that reach it, as phones',
    '127.0.0.1',
  )
  .showHelpAfterError('(nx run hil:demo -- --help lists the flags)');

async function main(flags: Flags): Promise<number> {
  const model = readModel(findModel(flags.model, 'mnist', workspaceRoot));
  const dataset = await loadDataset('mnist');
  checkDataset(model, dataset);
  const device = await resolveDevice(flags.device);
  const chip = await DemoChip.start(model, device, {
    ...flags,
    onFlash: () => process.stderr.write(`flashing the board at ${device}\n`),
  });
  try {
    const server = await serveDemo({ chip, caption: captionOf(model, device), examples: dataset.test, ...flags });
    process.stdout.write(
      `draw digits at ${addresses(server.address() as AddressInfo).join(' or ')} (Ctrl-C ends it)\n`,
    );
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    server.close();
    server.closeAllConnections();
    return 0;
  } finally {
    await chip.close();
  }
}

function captionOf(model: Model, device: string): string {
  const chip = device === 'avr8js' ? 'an emulated ATmega328P' : `the ATmega328P at ${device}`;
  const macs = countMacs(model.architecture).total.toLocaleString('en-US');
  return `${chip} of 2,048 bytes of RAM and 16 MHz reads it, with the network ${model.name}: ${macs} multiply-accumulates`;
}

function addresses({ address, port }: AddressInfo): string[] {
  if (address !== '0.0.0.0') return [`http://${address}:${port}/`];
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return all.filter(({ family }) => family === 'IPv4').map((entry) => `http://${entry.address}:${port}/`);
}

await runCommand(program, main);
