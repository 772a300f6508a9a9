import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import pc from 'picocolors';
import { loadDataset } from '@sparrow/datasets';
import { findToolchain } from '@sparrow/hil';
import { openStudyForReading } from '@sparrow/optimizer';
import { abortOnInterrupt, InterruptedError } from '../cli/interrupt.ts';
import { parseDuration, parsePositiveInteger, parseSeed, parseStudyName } from '../cli/parse.ts';
import { printResult } from '../cli/result.ts';
import { TerminalView } from '../cli/terminal-view.ts';
import { RunFolder } from '../run-folder.ts';
import { runSearch } from '../run.ts';
import { unoLimits } from '../space/limits.ts';

interface Flags {
  readonly dataset: string;
  readonly budget: number;
  readonly jobs: number;
  readonly seed?: number;
  readonly study?: string;
}

const program = new Command('search')
  .description(
    'Searches for a network that fits an Arduino Uno, trains the best one to the end, and verifies it on the emulated chip\n' +
      'with every test image. Ctrl-C keeps everything; --study NAME goes on with it.',
  )
  .requiredOption('--dataset <name>', 'what the network shall recognise')
  .option(
    '--budget <duration>',
    'time for all of it: search, final training, verification (90s, 15m, 1.5h)',
    parseDuration,
    900_000,
  )
  .option('--jobs <n>', 'networks to train at a time', parsePositiveInteger, availableParallelism())
  .option('--seed <n>', 'of all random choices; default 1, or the seed of the study that is gone on with', parseSeed)
  .option(
    '--study <name>',
    'folder under runs/; one that exists is gone on with (default: dataset and time)',
    parseStudyName,
  )
  .addHelpText('after', '\nExample: nx run search:mnist --budget 5m --study first-try')
  .showHelpAfterError('(nx run search:mnist -- --help lists the flags)');

async function main(flags: Flags): Promise<void> {
  // At the end it is too late to say that it is missing.
  findToolchain();
  const dataset = await loadDataset(flags.dataset);
  const study = flags.study ?? defaultStudyName(flags.dataset);
  const folder = new RunFolder(join('runs', study));
  const view = new TerminalView();
  const signal = abortOnInterrupt(() => {
    view.close();
    process.stderr.write(`\nstopping; go on with: nx run search:${flags.dataset} --study ${study}\n`);
  });
  process.stdout.write(`Study ${pc.bold(study)} in ${folder.path}\n`);
  const measurement = await runSearch({
    dataset,
    folder,
    view,
    signal,
    limits: unoLimits,
    budgetMilliseconds: flags.budget,
    jobs: flags.jobs,
    seed: flags.seed ?? storedSeed(folder) ?? 1,
  });
  printResult(measurement, folder);
  if (measurement.mismatchedLogits > 0) {
    throw new Error(
      `${measurement.mismatchedLogits} logits of the chip differ from the interpreter's: a bug; please report it with ${folder.bestPath}`,
    );
  }
}

function storedSeed(folder: RunFolder): number | undefined {
  if (!folder.exists) return undefined;
  const reader = openStudyForReading(folder.studyPath);
  try {
    return reader.settings.seed;
  } finally {
    reader.close();
  }
}

function defaultStudyName(dataset: string): string {
  const time = new Date().toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
  return `${dataset}-${time}`;
}

try {
  program.parse();
  await main(program.opts<Flags>());
} catch (error) {
  if (error instanceof InterruptedError) process.exit(130);
  process.stderr.write(`${pc.red('error:')} ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
