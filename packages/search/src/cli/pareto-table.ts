import Table from 'cli-table3';
import type { NetworkTrial } from '../trials.ts';
import { bytes, count, milliseconds, percent } from './format.ts';

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** The Pareto front, most accurate first. */
export function paretoTable(front: readonly NetworkTrial[]): string {
  const table = new Table({
    head: ['trial', 'validation error', 'flash', 'RAM', 'time', 'MACs', 'rung'],
    colAligns: ['right', 'right', 'right', 'right', 'right', 'right', 'right'],
    chars: borderless,
    style: { head: ['bold'], 'padding-left': 0, 'padding-right': 0 },
  });
  const sorted = [...front].sort((a, b) => a.objectives.error - b.objectives.error);
  for (const { id, objectives, attributes, rung } of sorted) {
    table.push([
      id,
      percent(objectives.error),
      bytes(objectives.flashBytes),
      bytes(objectives.ramBytes),
      milliseconds(Number(attributes.milliseconds)),
      count(Number(attributes.macs)),
      rung,
    ]);
  }
  return table.toString();
}
