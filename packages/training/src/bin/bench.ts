import { availableParallelism, cpus } from 'node:os';
import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import { countMacs, referenceArchitecture } from '@sparrow/model';
import { measureInThreads } from '../bench/threads.ts';
import type { ThroughputTask } from '../bench/throughput.ts';
import { loadTensorFlow } from '../tfjs/backend.ts';

interface Flags {
  readonly seconds: number;
  readonly json?: boolean;
}

interface Row extends Pick<ThroughputTask, 'engine' | 'arithmetic'> {
  readonly threads: number;
  readonly imagesPerSecond: number;
  /** Over the fastest line of TensorFlow.js in the same run. */
  readonly ratio: number;
}

const program = new Command('training:bench')
  .description(
    'Images a second of a full training step (forward, backward, update) on the reference network\n' +
      '28×28×1 → conv3×3×8 → maxpool2 → conv3×3×16 → maxpool2 → conv3×3×24 → global average → dense10,\n' +
      'in WebAssembly on one core and on all, beside TensorFlow.js in the same run. About a minute.',
  )
  .option('--seconds <n>', 'to measure each line', parseSeconds, 5)
  .option(
    '--json',
    'print JSON: {"processor","backend","rows":[{"engine","arithmetic","threads","imagesPerSecond","ratio"}]}',
  )
  .showHelpAfterError('(nx run training:bench -- --help lists the flags)');

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0)) throw new InvalidArgumentError(`'${text}' is not a number of seconds above 0`);
  return seconds;
}

async function measureAll(seconds: number): Promise<Row[]> {
  const lines = [
    { engine: 'tfjs', arithmetic: 'float', threads: 1 },
    { engine: 'tfjs', arithmetic: 'quantized', threads: 1 },
    { engine: 'wasm', arithmetic: 'float', threads: 1 },
    { engine: 'wasm', arithmetic: 'quantized', threads: 1 },
    { engine: 'wasm', arithmetic: 'integer', threads: 1 },
    { engine: 'wasm', arithmetic: 'quantized', threads: availableParallelism() },
  ] as const;
  const measured: Omit<Row, 'ratio'>[] = [];
  for (const { threads, ...line } of lines) {
    measured.push({ ...line, threads, imagesPerSecond: await measureInThreads({ ...line, seconds }, threads) });
  }
  const baseline = Math.max(...measured.filter(({ engine }) => engine === 'tfjs').map((row) => row.imagesPerSecond));
  return measured.map((row) => ({ ...row, ratio: row.imagesPerSecond / baseline }));
}

/** Multiply-accumulates of a step, an image: forward, towards the weights, and towards the input but for the first layer's, the image. */
function trainingMacs(): number {
  const { total, byLayer } = countMacs(referenceArchitecture());
  return 3 * total - byLayer[0];
}

function print(rows: readonly Row[], backend: string): void {
  const table = new Table({
    head: ['engine', 'arithmetic', 'threads', 'images/s', 'GFLOP/s', '× TensorFlow.js'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
  });
  for (const { engine, arithmetic, threads, imagesPerSecond, ratio } of rows) {
    const name = engine === 'tfjs' ? `TensorFlow.js (${backend})` : engine;
    const gigaflops = (imagesPerSecond * trainingMacs() * 2) / 1e9;
    const numbers = [
      threads,
      Math.round(imagesPerSecond).toLocaleString('en-US'),
      gigaflops.toFixed(2),
      ratio.toFixed(1),
    ];
    table.push([name, arithmetic, ...numbers]);
  }
  process.stdout.write(`${cpus()[0]?.model ?? 'unknown processor'}\n${table.toString()}\n`);
}

program.parse();
const { seconds, json } = program.opts<Flags>();
const rows = await measureAll(seconds);
const backend = (await loadTensorFlow()).getBackend();
if (json) process.stdout.write(`${JSON.stringify({ processor: cpus()[0]?.model, backend, rows }, null, 2)}\n`);
else print(rows, backend);
