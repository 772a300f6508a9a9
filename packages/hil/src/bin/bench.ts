import { cpus } from 'node:os';
import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import { randomImage, seededRandom } from '@sparrow/model/testing';
import { ATMEGA328P } from '../atmega328p.ts';
import { createAvr8jsDevice } from '../avr8js-device.ts';
import { EMULATOR_BAUD_RATE, type Firmware } from '../build.ts';
import { buildModel } from '../build-model.ts';
import { EXECUTORS, type ExecutorName } from '../emulator/chip.ts';
import { referenceModel } from '../testing/reference-model.ts';

interface Flags {
  readonly seconds: number;
  readonly json: boolean;
}

interface Row {
  readonly executor: ExecutorName;
  readonly images: number;
  /** Serial line included. */
  readonly cycles: number;
  readonly cyclesPerSecond: number;
  /** The first image: translation, if any, included. */
  readonly firstImageMilliseconds: number;
}

const program = new Command('hil:bench')
  .description(
    'Cycles a second that one core emulates of the reference network\n' +
      '28×28×1 → conv3×3×8 → maxpool2 → conv3×3×16 → maxpool2 → conv3×3×24 → global average → dense10,\n' +
      'with random weights, by both executors in the same run.',
  )
  .option('--seconds <n>', 'to measure each executor, and to warm it up', parseSeconds, 3)
  .option('--json', 'print JSON', false)
  .showHelpAfterError('(nx run hil:bench -- --help lists the flags)');

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new InvalidArgumentError(`'${text}' is not a number of seconds above 0`);
  return seconds;
}

async function measure(firmware: Firmware, executor: ExecutorName, seconds: number): Promise<Row> {
  const device = createAvr8jsDevice(firmware, { executor });
  const random = seededRandom(1);
  const inferFor = async (milliseconds: number): Promise<Omit<Row, 'executor' | 'firstImageMilliseconds'>> => {
    const [firstCycle, start] = [device.cycles(), performance.now()];
    let images = 0;
    for (; performance.now() < start + milliseconds || images === 0; images++) {
      await device.infer(randomImage(model.architecture.input, random));
    }
    const cycles = device.cycles() - firstCycle;
    return { images, cycles, cyclesPerSecond: Math.round((1000 * cycles) / (performance.now() - start)) };
  };
  const start = performance.now();
  await inferFor(0);
  const firstImageMilliseconds = Math.round(performance.now() - start);
  await inferFor(1000 * seconds);
  return { executor, ...(await inferFor(1000 * seconds)), firstImageMilliseconds };
}

function print(rows: readonly Row[]): void {
  const table = new Table({
    head: ['executor', 'first image, ms', 'images', 'M cycles/s', '× real time'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'right'],
  });
  for (const { executor, firstImageMilliseconds, images, cyclesPerSecond } of rows) {
    const realTimes = cyclesPerSecond / ATMEGA328P.clockHz;
    table.push([executor, firstImageMilliseconds, images, (cyclesPerSecond / 1e6).toFixed(0), realTimes.toFixed(1)]);
  }
  process.stdout.write(`${cpus()[0]?.model ?? 'unknown processor'}\n${table.toString()}\n`);
}

program.parse();
const { seconds, json } = program.opts<Flags>();
const model = referenceModel();
const { firmware } = await buildModel(model, { baudRate: EMULATOR_BAUD_RATE });
const rows: Row[] = [];
for (const executor of EXECUTORS) rows.push(await measure(firmware, executor, seconds));
if (json) process.stdout.write(`${JSON.stringify({ processor: cpus()[0]?.model, rows }, null, 2)}\n`);
else print(rows);
