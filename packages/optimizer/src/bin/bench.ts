import Table from 'cli-table3';
import { Command, InvalidArgumentError, Option } from 'commander';
import { compareOn, randomFactor, type Result } from '../benchmark/compare.ts';
import { benchmarkProblems, type AnalyticProblem } from '../benchmark/problems.ts';

interface Flags {
  readonly trials: number;
  readonly seeds: number;
  readonly problems: readonly AnalyticProblem[];
  readonly json?: boolean;
  readonly markdown?: boolean;
}

const names = benchmarkProblems.map(({ name }) => name).join(', ');

const program = new Command('optimizer:bench')
  .description(
    'Samplers on analytic problems: median hypervolume of the feasible front after some trials, beside random search with ' +
      `${randomFactor} times as many, and the processor time of a proposal. Some minutes. Problems: ${names}.`,
  )
  .option('--trials <n>', 'of each run', parsePositiveInteger, 60)
  .option('--seeds <n>', 'runs of each sampler on each problem, with the seeds 1, 2, …', parsePositiveInteger, 5)
  .addOption(
    new Option('--problems <names>', 'with commas between them')
      .argParser(parseProblems)
      .default(benchmarkProblems, 'all of them'),
  )
  .option('--json', 'print JSON: [{"problem","sampler","trials","hypervolume","askMilliseconds":{"median","largest"}}]')
  .option('--markdown', 'print the table of docs/optimizer.md')
  .showHelpAfterError('(nx run optimizer:bench -- --help lists the flags)');

function parsePositiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError(`'${text}' is not a whole number above 0`);
  return value;
}

function parseProblems(text: string): readonly AnalyticProblem[] {
  return text.split(',').map((part) => {
    const found = benchmarkProblems.find(({ name }) => name.toLowerCase() === part.trim().toLowerCase());
    if (!found) throw new InvalidArgumentError(`there is no problem '${part.trim()}': choose from ${names}`);
    return found;
  });
}

const head = ['problem', 'sampler', 'trials', 'hypervolume', 'ask, median ms', 'ask, largest ms'];

function cells({ problem, sampler, trials, hypervolume, askMilliseconds }: Result): string[] {
  const { median, largest } = askMilliseconds;
  return [problem, sampler, String(trials), hypervolume.toPrecision(5), median.toFixed(1), largest.toFixed(0)];
}

function plainTable(results: readonly Result[]): string {
  const table = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
  });
  table.push(...results.map(cells));
  return table.toString();
}

function markdownTable(results: readonly Result[]): string {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
  return [
    line(head),
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...results.map((result) => line(cells(result))),
  ].join('\n');
}

function measure({ problems, trials, seeds }: Flags): Result[] {
  return problems.flatMap((problem) => {
    process.stderr.write(`${problem.name} …\n`);
    return [...compareOn(problem, trials, seeds)];
  });
}

program.parse();
const flags = program.opts<Flags>();
const results = measure(flags);
const print = flags.json
  ? (rows: Result[]) => JSON.stringify(rows, null, 2)
  : flags.markdown
    ? markdownTable
    : plainTable;
process.stdout.write(`${print(results)}\n`);
