import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { loadDataset, parseDatasetName, slice } from '@sparrow/datasets';
import { readModel } from '@sparrow/model';
import { datasetOf } from '../dataset-of.ts';
import { findModel } from '../find-model.ts';
import { formatProfile } from '../profile/format-profile.ts';
import { profileModel } from '../profile/profile-model.ts';
import { workspaceRoot } from '../toolchain.ts';
import { checkDataset } from '../verify.ts';
import { checkWritable, parseCount, runCommand } from './flags.ts';

interface Flags {
  readonly model?: string;
  readonly images: number;
  readonly json?: string;
  readonly dataset?: string;
}

const program = new Command('profile')
  .description('Where cycles, flash and RAM of a model go on the emulated ATmega328P, layer by layer.')
  .option('--model <path>', "file, zoo folder or run folder (default: the newest run's best, else the zoo's)")
  .option('--images <n>', 'mean over the first n test images', parseCount, 10)
  .option('--json <file>', 'also writes the profile there')
  .option('--dataset <name>', 'whose test images (default: what the model was trained on)')
  .showHelpAfterError('(nx run hil:profile -- --help lists the flags)');

async function main(flags: Flags): Promise<number> {
  if (flags.json !== undefined) checkWritable(flags.json);
  const named = flags.dataset === undefined ? undefined : parseDatasetName(flags.dataset);
  const model = readModel(findModel(flags.model, named ?? 'mnist', workspaceRoot));
  const dataset = await loadDataset(named ?? datasetOf(model));
  checkDataset(model, dataset);
  const count = Math.min(flags.images, dataset.test.count);
  const images = Array.from({ length: count }, (_, index) => slice(dataset.test, index, index + 1).images);
  const profile = await profileModel(model, images);
  process.stdout.write(`${formatProfile(profile)}\n`);
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(profile, null, 2)}\n`);
  return 0;
}

await runCommand(program, main);
