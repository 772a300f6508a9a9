import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import pc from 'picocolors';
import { loadDataset } from '@sparrow/datasets';
import { findToolchain } from '@sparrow/hil';
import { architectureSchema, encodeModel, firstIssue, inferShapes, readModel, type Architecture } from '@sparrow/model';
import {
  decodeWeights,
  defaultRecipe,
  encodeWeights,
  phasesFor,
  trainModel,
  wasmEngine,
  type Ancestor,
  type Recipe,
} from '@sparrow/training';
import { percent } from '../cli/format.ts';
import {
  parseFactor,
  parseFraction,
  parsePositive,
  parsePositiveInteger,
  parseSeed,
  parseStudyName,
} from '../cli/parse.ts';
import { printResult } from '../cli/result.ts';
import { TerminalView } from '../cli/terminal-view.ts';
import { measureOnTestImages, writeDelivery } from '../deliver.ts';
import { augmentationFor } from '../evaluation/recipe.ts';
import { RunFolder, WEIGHTS_FILE_NAME } from '../run-folder.ts';

interface Flags {
  readonly dataset: string;
  readonly architecture: string;
  readonly epochs: number;
  readonly minibatch: number;
  readonly learningRate: number;
  readonly learningRateFloor: number;
  readonly weightDecay: number;
  readonly labelSmoothing: number;
  readonly learnSteps: boolean;
  readonly augmentation: number;
  readonly sparsity: number;
  readonly teacher?: string;
  readonly from?: string;
  readonly floatOnly: boolean;
  readonly seed: number;
  readonly jobs: number;
  readonly study: string;
}

const program = new Command('train')
  .description(
    'Trains a network that you name, without a search, and verifies it on the emulated chip with every test image.',
  )
  .requiredOption('--dataset <name>', 'what the network shall recognise')
  .requiredOption(
    '--architecture <file>',
    'JSON (input, layers, and preprocessing if wanted), or a model whose architecture is taken',
  )
  .requiredOption('--study <name>', 'folder under runs/ that the result goes to', parseStudyName)
  .option('--epochs <n>', 'passes over the training images', parsePositiveInteger, 40)
  .option('--minibatch <n>', 'images a step, a multiple of 8', parsePositiveInteger, defaultRecipe.batchSize)
  .option('--learning-rate <x>', 'its peak', parsePositive, defaultRecipe.learningRate)
  .option(
    '--learning-rate-floor <x>',
    'fraction of the peak that it falls to',
    parseFraction,
    defaultRecipe.learningRateFloor,
  )
  .option('--weight-decay <x>', 'decoupled', parseFraction, defaultRecipe.weightDecay)
  .option('--label-smoothing <x>', '0 to 1', parseFraction, defaultRecipe.labelSmoothing)
  .option('--learn-steps', 'of weights of 4 and 2 bits too: the better network mostly', false)
  .option(
    '--augmentation <x>',
    'strength of random shifts, rotations and scales; 1 is up to 2 pixels, 10°, 10 % (photographs: 4 pixels, 4°, 10 %)',
    parseFactor,
    0.6,
  )
  .option('--sparsity <x>', 'of the weights, by magnitude pruning', parseFraction, 0)
  .option('--teacher <folder>', 'of a network to learn from beside the labels: runs/<study>/trials/<id>')
  .option(
    '--from <folder>',
    'of a similar network to start from: layers of the same name and kind take over its weights',
  )
  .option(
    '--float-only',
    'to teach others, or for others to start from: stays in float, of any size, is not run on the chip',
    false,
  )
  .option('--seed <n>', 'of all random choices', parseSeed, 1)
  .option('--jobs <n>', 'chips to emulate at a time', parsePositiveInteger, availableParallelism())
  .showHelpAfterError('(nx run search:train -- --help lists the flags)');

/** @throws Error in one line that names the file */
function readArchitecture(path: string): Architecture {
  if (!path.endsWith('.json')) return readModel(path).architecture;
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path}: cannot be read as JSON (${(error as Error).message})`, { cause: error });
  }
  const parsed = architectureSchema.safeParse(json);
  if (!parsed.success) throw new Error(`${path}: ${firstIssue(parsed.error)}`);
  inferShapes(parsed.data);
  return parsed.data;
}

/** @throws Error in one line that names the file */
function readTrained(folder: string): Ancestor & { readonly dataset: unknown } {
  const { architecture, provenance } = readModel(folder);
  const path = join(folder, WEIGHTS_FILE_NAME);
  return { architecture, weights: decodeWeights(readFileSync(path), path), dataset: provenance.dataset };
}

/** @throws Error if it has learned another data set */
function readTeacher(folder: string, pupil: string): Ancestor {
  const { dataset, ...network } = readTrained(folder);
  if (dataset !== pupil) throw new Error(`${folder}: has learned ${String(dataset)} and cannot teach ${pupil}`);
  return network;
}

/** Others learn from float answers, and start from float weights. */
const FLOAT_ONLY: Recipe['phases'] = { float: 1, quantized: 0 };

function recipeOf(flags: Flags, architecture: Architecture): Recipe {
  const { dataset, epochs, minibatch, learningRate, learningRateFloor, weightDecay, labelSmoothing } = flags;
  const { augmentation, sparsity, learnSteps } = flags;
  const pruning = sparsity > 0 ? ({ kind: 'magnitude', ratio: sparsity } as const) : defaultRecipe.pruning;
  const training = { epochs, batchSize: minibatch, learningRate, learningRateFloor, weightDecay, labelSmoothing };
  return {
    ...defaultRecipe,
    ...training,
    augmentation: augmentationFor(dataset, augmentation),
    pruning,
    phases: flags.floatOnly ? FLOAT_ONLY : phasesFor(architecture),
    learnsSteps: learnSteps,
  };
}

async function main(flags: Flags): Promise<void> {
  // At the end it is too late to say that it is missing.
  if (!flags.floatOnly) findToolchain();
  const architecture = readArchitecture(flags.architecture);
  const dataset = await loadDataset(flags.dataset);
  const teacher = flags.teacher === undefined ? undefined : readTeacher(flags.teacher, dataset.name);
  const ancestor = flags.from === undefined ? undefined : readTrained(flags.from);
  const folder = new RunFolder(join('runs', flags.study));
  const view = new TerminalView();
  view.phase(`Training ${flags.architecture} for ${flags.epochs} epochs`);
  const trained = await trainModel({
    engine: wasmEngine,
    architecture,
    dataset,
    recipe: recipeOf(flags, architecture),
    seed: flags.seed,
    teacher,
    ancestor,
    name: flags.study,
    onProgress: ({ epoch, epochs, loss, validationAccuracy, arithmetic }) =>
      view.status(
        epoch / epochs,
        `epoch ${epoch} (${arithmetic}): loss ${loss.toFixed(3)}, ${percent(validationAccuracy)} validation accuracy`,
      ),
  });
  folder.saveTrial(1, { model: encodeModel(trained.model), weights: encodeWeights(trained.weights) });
  if (flags.floatOnly) {
    view.note(`${percent(trained.floatAccuracy)} validation accuracy, in float`);
    const path = folder.trialPath(1);
    view.note(`to learn from it: --teacher ${path}, to start from it: --from ${path}`);
    view.close();
    return;
  }
  view.note(`${percent(trained.validationAccuracy)} validation accuracy (float ${percent(trained.floatAccuracy)})`);
  view.phase('Verifying on the emulated chip with every test image');
  const { measurement } = await measureOnTestImages({ dataset, view, jobs: flags.jobs }, trained.model);
  await writeDelivery(folder.bestPath, trained.model, measurement);
  view.close();
  printResult(measurement, folder.bestPath);
}

try {
  program.parse();
  await main(program.opts<Flags>());
} catch (error) {
  process.stderr.write(`${pc.red('error:')} ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
