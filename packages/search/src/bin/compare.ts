import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import pc from 'picocolors';
import { loadDataset } from '@sparrow/datasets';
import { findToolchain } from '@sparrow/hil';
import { renderComparison } from '@sparrow/report';
import { SAMPLER_NAMES, type SamplerName } from '@sparrow/optimizer';
import { comparisonTable } from '../cli/comparison-table.ts';
import { abortOnInterrupt, InterruptedError } from '../cli/interrupt.ts';
import { parseDuration, parsePositiveInteger, parseStudyName } from '../cli/parse.ts';
import { TerminalView } from '../cli/terminal-view.ts';
import { compareSamplers } from '../compare.ts';
import { unoLimits } from '../space/limits.ts';

interface Flags {
  readonly dataset: string;
  readonly samplers: readonly SamplerName[];
  readonly budget: number;
  readonly seeds: number;
  readonly jobs: number;
  readonly study: string;
}

function parseSamplers(text: string): readonly SamplerName[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(SAMPLER_NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`there is no sampler '${unknown}': choose from ${SAMPLER_NAMES.join(', ')}`);
  }
  return names as SamplerName[];
}

const program = new Command('compare')
  .description(
    'Searches with several samplers, each with the same budget and seeds, one after the other, and compares the hypervolumes of\n' +
      'their fronts (error, flash, RAM, time; no goals) over trials and time. Ctrl-C keeps everything; the same command goes on with it.',
  )
  .requiredOption('--dataset <name>', 'what the networks shall recognise')
  .addOption(
    new Option('--samplers <names>', 'with commas between them')
      .argParser(parseSamplers)
      .default(SAMPLER_NAMES, SAMPLER_NAMES.join(',')),
  )
  .addOption(
    new Option('--budget <duration>', 'of each run (90s, 5m, 1.5h)').argParser(parseDuration).default(300_000, '5m'),
  )
  .option('--seeds <n>', 'runs of each sampler, with the seeds 1, 2, …', parsePositiveInteger, 3)
  .option('--jobs <n>', 'networks to train at a time', parsePositiveInteger, availableParallelism())
  .option('--study <name>', 'folder under runs/', parseStudyName, 'compare')
  .showHelpAfterError('(nx run search:compare -- --help lists the flags)');

async function main(flags: Flags): Promise<void> {
  findToolchain();
  const dataset = await loadDataset(flags.dataset);
  const view = new TerminalView();
  const path = join('runs', flags.study);
  const runs = await compareSamplers({
    dataset,
    path,
    view,
    samplers: flags.samplers,
    seeds: Array.from({ length: flags.seeds }, (_, index) => index + 1),
    budgetMilliseconds: flags.budget,
    jobs: flags.jobs,
    limits: unoLimits,
    signal: abortOnInterrupt(() => {
      view.close();
      process.stderr.write('\nstopping; the same command goes on with it\n');
    }),
  });
  writeFileSync(join(path, 'comparison.json'), `${JSON.stringify(runs)}\n`);
  writeFileSync(join(path, 'comparison.html'), renderComparison(`Samplers on ${flags.dataset}`, runs));
  process.stdout.write(`\n${comparisonTable(runs, flags.budget)}\n\n`);
  process.stdout.write(
    `  plots      ${join(path, 'comparison.html')}\n  all of it  ${join(path, 'comparison.json')}\n`,
  );
}

try {
  program.parse();
  await main(program.opts<Flags>());
} catch (error) {
  if (error instanceof InterruptedError) process.exit(130);
  process.stderr.write(`${pc.red('error:')} ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
