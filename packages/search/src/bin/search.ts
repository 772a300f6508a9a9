import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import pc from 'picocolors';
import { loadDataset } from '@sparrow/datasets';
import { checkPort, findBoard, findToolchain } from '@sparrow/hil';
import { DEFAULT_SAMPLER, openStudyForReading, SAMPLER_NAMES, type SamplerName } from '@sparrow/optimizer';
import { abortOnInterrupt, InterruptedError } from '../cli/interrupt.ts';
import {
  parseAccuracy,
  parseBytes,
  parseDuration,
  parsePositive,
  parsePositiveInteger,
  parseSeed,
  parseStudyName,
} from '../cli/parse.ts';
import { printOutcomes } from '../cli/result.ts';
import { TerminalView } from '../cli/terminal-view.ts';
import { describeGoal, GOAL_OBJECTIVES, unoGoals, type Goal, type GoalObjective } from '../goals.ts';
import { RunFolder } from '../run-folder.ts';
import { runSearch } from '../run.ts';
import { unoLimits } from '../space/limits.ts';

interface Flags {
  readonly dataset: string;
  readonly budget: number;
  readonly jobs: number;
  readonly seed?: number;
  readonly study?: string;
  readonly sampler: SamplerName;
  readonly device?: readonly string[];
  readonly maxMacs: number;
  readonly maxRam?: number;
  readonly maxFlash?: number;
  readonly maxModel?: number;
  readonly maxMs?: number;
  readonly minAccuracy?: number;
  readonly objective: GoalObjective;
}

const program = new Command('search')
  .description(
    'Searches for networks that fit an Arduino Uno, trains the best to the end, and verifies them on the emulated chip\n' +
      'with every test image. Ctrl-C keeps everything; --study NAME goes on with it.\n\n' +
      'Without limits of yours it looks for one network for each of these:\n' +
      unoGoals.map((goal) => `  ${goal.name.padEnd(6)} ${describeGoal(goal)}`).join('\n'),
  )
  .requiredOption('--dataset <name>', 'what the network shall recognise')
  .addOption(
    new Option('--budget <duration>', 'time for all of it: search, final training, verification (90s, 15m, 1.5h)')
      .argParser(parseDuration)
      .default(900_000, '15m'),
  )
  .option('--jobs <n>', 'networks to train at a time', parsePositiveInteger, availableParallelism())
  .option(
    '--device <ports>',
    'boards that measure candidates in place of the emulated chip: serial ports with commas between them, or auto',
    parseDevices,
  )
  .option('--seed <n>', 'of all random choices; default 1, or the seed of the study that is gone on with', parseSeed)
  .option(
    '--study <name>',
    'folder under runs/; one that exists is gone on with (default: dataset and time)',
    parseStudyName,
  )
  .addOption(
    new Option('--sampler <name>', 'how networks are proposed').choices(SAMPLER_NAMES).default(DEFAULT_SAMPLER),
  )
  .option(
    '--max-macs <n>',
    'multiply-accumulates an image: bounds the time that training takes',
    parsePositiveInteger,
    unoLimits.macs,
  )
  .option('--max-ram <bytes>', 'RAM in total, at most (2k is all)', parseBytes)
  .option('--max-flash <bytes>', 'flash in total, at most (32256 is all)', parseBytes)
  .option('--max-model <bytes>', 'flash of the parameters alone, at most', parseBytes)
  .option('--max-ms <milliseconds>', 'time an image, at most', parsePositive)
  .option(
    '--min-accuracy <percent>',
    'of validation images; then the objective is made as small as possible',
    parseAccuracy,
  )
  .addOption(
    new Option('--objective <name>', 'what to make as small as possible within the limits')
      .choices(GOAL_OBJECTIVES)
      .default('error'),
  )
  .addHelpText('after', '\nExamples: nx run search:mnist --budget 5m --study first-try')
  .addHelpText('after', '          nx run search:mnist --max-ram 1024 --max-ms 50 --min-accuracy 99 --objective time')
  .showHelpAfterError('(nx run search:mnist -- --help lists the flags)');

async function main(flags: Flags): Promise<void> {
  // At the end it is too late to say that it is missing.
  findToolchain();
  const goals = goalsOf(flags);
  const devices = flags.device && (await findDevices(flags.device));
  const dataset = await loadDataset(flags.dataset);
  const study = flags.study ?? defaultStudyName(flags.dataset);
  const folder = new RunFolder(join('runs', study));
  const view = new TerminalView();
  const signal = abortOnInterrupt(() => {
    view.close();
    process.stderr.write(`\nstopping; go on with: nx run search:${flags.dataset} --study ${study}\n`);
  });
  process.stdout.write(`Study ${pc.bold(study)} in ${folder.path}\n`);
  const outcomes = await runSearch({
    dataset,
    goals,
    folder,
    view,
    signal,
    sampler: flags.sampler,
    limits: { ...unoLimits, macs: flags.maxMacs },
    budgetMilliseconds: flags.budget,
    jobs: flags.jobs,
    devices,
    seed: flags.seed ?? storedSeed(folder) ?? 1,
  });
  printOutcomes(outcomes);
  const wrong = outcomes.find(({ measurement }) => measurement.mismatchedLogits > 0);
  if (wrong) {
    const { mismatchedLogits } = wrong.measurement;
    throw new Error(
      `${mismatchedLogits} logits of the chip differ from the interpreter's: a bug; please report it with ${wrong.path}`,
    );
  }
}

/** The flag may be given several times. */
function parseDevices(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((name) => name.trim())].filter((name) => name !== '');
}

/** Ports that can be opened: what is wrong with one shall not be found out after minutes. */
async function findDevices(names: readonly string[]): Promise<readonly string[]> {
  const paths = await Promise.all(names.map(async (name) => (name === 'auto' ? findBoard() : name)));
  const devices = [...new Set(paths)];
  await Promise.all(devices.map(checkPort));
  return devices;
}

/** What the flags demand; without demands, what people want of an Uno. */
function goalsOf({ maxRam, maxFlash, maxModel, maxMs, minAccuracy, objective }: Flags): readonly Goal[] {
  if (objective !== 'error' && minAccuracy === undefined) {
    throw new Error(
      `--objective ${objective} needs --min-accuracy: the least ${objective} is that of a network that knows nothing`,
    );
  }
  const demands = [maxRam, maxFlash, maxModel, maxMs, minAccuracy];
  if (demands.every((demand) => demand === undefined)) return unoGoals;
  return [
    {
      name: 'best',
      ramBytes: maxRam,
      flashBytes: maxFlash,
      modelBytes: maxModel,
      milliseconds: maxMs,
      accuracy: minAccuracy,
      objective,
    },
  ];
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
