import { linearAxis } from './charts/axis.ts';
import { SERIES_COLOURS, stepChart } from './charts/steps.ts';
import { timeAxis } from './charts/time-axis.ts';
import { count, plural } from './format.ts';
import { html, type Html } from './html.ts';
import { page } from './page.ts';
import { section } from './sections/section.ts';

/** One search among several that are compared. */
export interface ComparisonRun {
  readonly sampler: string;
  readonly seed: number;
  /** Of the front after each complete trial; hypervolume in logarithms of the objectives. */
  readonly progress: readonly ProgressStep[];
}

interface ProgressStep {
  readonly milliseconds: number;
  readonly trials: number;
  readonly hypervolume: number;
}

/** Hypervolumes over time and over trials, a line a run and a colour a sampler: a page that opens offline. */
export function renderComparison(title: string, runs: readonly ComparisonRun[]): string {
  const samplers = [...new Set(runs.map(({ sampler }) => sampler))];
  const chartOf = (over: 'time' | 'trials'): Html => volumeChart(over, runs, samplers);
  const content = section(
    'comparison',
    title,
    html`<p class="note">
      Hypervolume: how much of what is wanted at all the Pareto front covers, in logarithms of error, flash, RAM and
      cycles; more is better. A line is a search, a colour a sampler.
    </p>`,
    html`<ul class="legend">
      ${samplers.map((sampler, index) => {
        const own = runs.filter((run) => run.sampler === sampler);
        return html`<li>
          <i class="swatch phase-${index % SERIES_COLOURS}"></i> ${sampler}, ${plural(own.length, 'run')}
        </li>`;
      })}
    </ul>`,
    html`<div class="charts">${chartOf('time')} ${chartOf('trials')}</div>`,
  );
  return page({ title, state: 'finished', main: content });
}

function volumeChart(over: 'time' | 'trials', runs: readonly ComparisonRun[], samplers: readonly string[]): Html {
  const position = over === 'time' ? 'milliseconds' : 'trials';
  const steps = runs.flatMap(({ progress }) => progress);
  const positions = steps.map((step) => step[position]);
  return stepChart({
    title: `hypervolume over ${over}`,
    summary: runs
      .map(
        ({ sampler, seed, progress }) => `${sampler}, seed ${seed}: ${(progress.at(-1)?.hypervolume ?? 0).toFixed(1)}`,
      )
      .join('; '),
    x: over === 'time' ? timeAxis('time', positions) : linearAxis('complete trials', positions, count),
    y: linearAxis(
      'hypervolume',
      steps.map(({ hypervolume }) => hypervolume),
      String,
    ),
    lines: runs.map(({ sampler, progress }) => ({
      series: samplers.indexOf(sampler),
      points: progress.map((step) => ({ x: step[position], y: step.hypervolume })),
    })),
  });
}
