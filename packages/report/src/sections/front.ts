import { MOST_TIMES_BEST, scatterPlot, type ScatterPoint } from '../charts/scatter.ts';
import { bytes, count, milliseconds, percent, shortPercent } from '../format.ts';
import { html, type Html } from '../html.ts';
import type { NetworkCost, ReportedTrial, StudyReport } from '../study-report.ts';
import { networkKey } from './results.ts';
import { scrolling, section } from './section.ts';

/** The same networks in three charts: what accuracy costs in RAM, flash and time. */
export function paretoFront(report: StudyReport): Html {
  const { trials } = report;
  const front = trials.filter((trial) => trial.isOnFront).sort((a, b) => a.error - b.error);
  return section(
    'front',
    'What accuracy costs',
    html`<p class="note">
      Each dot is a network; less is better in all directions. Point at one, or tap it, to see what it is, in all charts
      at once. Errors of more than ${MOST_TIMES_BEST} times the least lie at the upper edge.
    </p>`,
    html`<div class="charts">${DIMENSIONS.map((dimension) => plot(dimension, report))}</div>`,
    legend(report),
    html`<details class="table-of-front">
      <summary>The ${count(front.length)} networks that nothing beats, as a table</summary>
      ${scrolling('Pareto front', frontTable(front))}
    </details>`,
  );
}

export const trialKey = (id: number): string => `t${id}`;

interface Dimension {
  readonly name: 'RAM' | 'flash' | 'time';
  readonly label: string;
  readonly cost: 'ramBytes' | 'flashBytes' | 'milliseconds';
  readonly format: (value: number) => string;
}

const DIMENSIONS: readonly Dimension[] = [
  { name: 'RAM', label: 'RAM, in bytes', cost: 'ramBytes', format: count },
  { name: 'flash', label: 'flash, in bytes', cost: 'flashBytes', format: count },
  { name: 'time', label: 'time an image, in ms', cost: 'milliseconds', format: (value) => String(value) },
];

function plot(dimension: Dimension, report: StudyReport): Html {
  const { name, label, cost, format } = dimension;
  return scatterPlot({
    title: `error against ${name}`,
    xLabel: label,
    yLabel: 'error',
    formatX: format,
    formatY: shortPercent,
    points: pointsOf(report, cost),
    limits: limitsOf(report, cost),
  });
}

function pointsOf({ trials, networks }: StudyReport, cost: Dimension['cost']): ScatterPoint[] {
  const tried = trials.map((trial): ScatterPoint => ({
    key: trialKey(trial.id),
    x: trial.cost[cost],
    y: trial.error,
    ...(trial.isOnFront ? { kind: 'front', label: describeTrial(trial) } : { kind: 'trial' }),
  }));
  const finished = networks.flatMap(({ name, cost: costs, verification }, index): ScatterPoint[] => {
    if (verification === undefined) return [];
    const error = 1 - verification.correct / verification.images;
    const label = `${name}, finished: ${percent(error)} test error, ${describeCost(costs)}`;
    return [{ key: networkKey(index), x: costs[cost], y: error, kind: 'finished', label }];
  });
  return [...tried, ...finished];
}

/** Limits of the chip, and those of goals. */
function limitsOf({ chip, goals }: StudyReport, cost: Dimension['cost']) {
  const ofChip = cost === 'milliseconds' ? [] : [{ value: chip[cost], text: 'chip' }];
  const ofGoals = goals.flatMap(({ name, [cost]: value }) => (value === undefined ? [] : [{ value, text: name }]));
  return [...ofChip, ...ofGoals];
}

function legend({ networks }: StudyReport): Html {
  const entry = (kind: string, text: string) =>
    html`<li><svg viewBox="-8 -8 16 16" aria-hidden="true">${symbol(kind)}</svg> ${text}</li>`;
  return html`<ul class="legend">
    ${entry('front', 'nothing that fits is at least as good in everything')} ${entry('trial', 'all others')}
    ${networks.some(({ verification }) => verification) && entry('finished', 'trained to the end; its error is that of the test images')}
  </ul>`;
}

function symbol(kind: string): Html {
  if (kind === 'finished') return html`<path class="point finished" d="M0-7l7 7l-7 7l-7-7z" />`;
  return html`<circle class="point ${kind}" r="${kind === 'front' ? 4.5 : 2.8}" />`;
}

const describeTrial = ({ id, error, cost }: ReportedTrial): string =>
  `trial ${id}: ${percent(error)} validation error, ${describeCost(cost)}`;

const describeCost = ({ ramBytes, flashBytes, milliseconds: time }: NetworkCost): string =>
  `${bytes(ramBytes)} RAM, ${bytes(flashBytes)} flash, ${milliseconds(time)}`;

function frontTable(front: readonly ReportedTrial[]): Html {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">trial</th>
        <th scope="col">error</th>
        <th scope="col">RAM</th>
        <th scope="col">flash</th>
        <th scope="col">parameters</th>
        <th scope="col">time</th>
        <th scope="col">MACs</th>
        <th scope="col">layers</th>
      </tr>
    </thead>
    <tbody>
      ${front.map(({ id, error, cost, layers }) => {
        return html`<tr data-key="${trialKey(id)}">
          <th scope="row">${id}</th>
          <td>${percent(error)}</td>
          <td>${bytes(cost.ramBytes)}</td>
          <td>${bytes(cost.flashBytes)}</td>
          <td>${bytes(cost.parameterBytes)}</td>
          <td>${milliseconds(cost.milliseconds)}</td>
          <td>${count(cost.macs)}</td>
          <td class="layers">${layers.join(' · ')}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}
