import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import pc from 'picocolors';
import { loadDataset } from '@sparrow/datasets';
import { openStudyForReading } from '@sparrow/optimizer';
import { parsePositiveInteger, parseStudyName } from '../cli/parse.ts';
import { TerminalView } from '../cli/terminal-view.ts';
import { measureForReport } from '../report/measure.ts';
import { reportPath, writeReport } from '../report.ts';
import { RunFolder } from '../run-folder.ts';
import type { Configuration } from '../space/configuration.ts';

interface Flags {
  readonly study: string;
  readonly measure?: true;
  readonly jobs: number;
}

const program = new Command('report')
  .description(
    'Writes report.html of a study: Pareto front, networks layer by layer, mistakes, history, importance of hyperparameters.\n' +
      'A search does so by itself, while it runs and at its end; this is for studies that others wrote.',
  )
  .requiredOption('--study <name>', 'folder under runs/', parseStudyName)
  .option('--measure', 'runs finished networks on the emulated chip again, where it is not kept what the chip answered')
  .option('--jobs <n>', 'emulated chips at a time', parsePositiveInteger, availableParallelism())
  .showHelpAfterError('(nx run search:report -- --help lists the flags)');

async function main({ study: name, measure, jobs }: Flags): Promise<void> {
  const folder = new RunFolder(join('runs', name));
  if (!folder.exists) throw new Error(`${folder.path}: there is no study; searches write into runs/, see \`ls runs\``);
  const study = openStudyForReading<Configuration>(folder.studyPath);
  try {
    const dataset = await loadDataset(String(study.settings.fixed.dataset));
    if (measure) {
      const view = new TerminalView();
      await measureForReport(folder, { dataset, view, jobs });
      view.close();
    }
    writeReport(folder, study, { dataset, state: 'finished' });
  } finally {
    study.close();
  }
  process.stdout.write(`${pathToFileURL(reportPath(folder)).href}\n`);
}

try {
  program.parse();
  await main(program.opts<Flags>());
} catch (error) {
  process.stderr.write(`${pc.red('error:')} ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
