import { linearAxis, logAxis } from '../charts/axis.ts';
import { MOST_TIMES_BEST } from '../charts/scatter.ts';
import { stepChart } from '../charts/steps.ts';
import { timeAxis } from '../charts/time-axis.ts';
import { count, duration, percent, shortPercent } from '../format.ts';
import { html, type Html } from '../html.ts';
import type { HistoryStep, StudyReport } from '../study-report.ts';
import { trialKey } from './front.ts';
import { section } from './section.ts';

/** How the study got where it is. */
export function history({ history: steps }: StudyReport): Html {
  if (steps.length === 0) {
    return section('history', 'How it went', html`<p class="empty">No trial is complete yet.</p>`);
  }
  return section(
    'history',
    'How it went',
    html`<p class="note">
      Validation error: dots are trials, the line is the best that fits. Hypervolume: how much of what is wanted at all
      the Pareto front covers, in logarithms of error, flash, RAM and cycles; more is better.
    </p>`,
    html`<div class="charts">
      ${errorChart('best error over trials', 'complete trials', steps, ({ trials }) => trials, count)}
      ${errorChart('best error over time', 'time', steps, ({ milliseconds }) => milliseconds, duration)}
      ${volumeChart(steps)}
    </div>`,
  );
}

function errorChart(
  title: string,
  label: string,
  steps: readonly HistoryStep[],
  position: (step: HistoryStep) => number,
  format: (value: number) => string,
): Html {
  const line = steps.flatMap((step) =>
    step.bestError === undefined ? [] : [{ x: position(step), y: step.bestError }],
  );
  const best = line.at(-1);
  return stepChart({
    title,
    summary: best === undefined ? 'nothing fits yet' : `${percent(best.y)} after ${format(best.x)}`,
    x: (format === duration ? timeAxis : linearAxis)(label, steps.map(position), format),
    y: logAxis(
      'validation error',
      steps.map(({ error }) => error),
      shortPercent,
      MOST_TIMES_BEST,
    ),
    lines: [{ points: line }],
    dots: steps.map((step) => ({ key: trialKey(step.trial), x: position(step), y: step.error })),
  });
}

function volumeChart(steps: readonly HistoryStep[]): Html {
  const volumes = steps.map(({ hypervolume }) => hypervolume);
  const last = volumes[volumes.length - 1];
  return stepChart({
    title: 'hypervolume over trials',
    summary: `${last.toFixed(1)} after ${steps.length} trials`,
    x: linearAxis(
      'complete trials',
      steps.map(({ trials }) => trials),
      count,
    ),
    y: linearAxis('hypervolume', volumes, (value) => String(value)),
    lines: [{ points: steps.map(({ trials, hypervolume }) => ({ x: trials, y: hypervolume })) }],
  });
}
