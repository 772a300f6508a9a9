import type { NetworkTrial } from '../trials.ts';
import { bytes, count, milliseconds, percent } from './format.ts';
import { plainTable } from './plain-table.ts';

/** The Pareto front, most accurate first. */
export function paretoTable(front: readonly NetworkTrial[]): string {
  const sorted = [...front].sort((a, b) => a.objectives.error - b.objectives.error);
  const rows = sorted.map(({ id, objectives, attributes, rung }) => [
    id,
    percent(objectives.error),
    bytes(objectives.flashBytes),
    bytes(objectives.ramBytes),
    milliseconds(Number(attributes.milliseconds)),
    count(Number(attributes.macs)),
    rung,
  ]);
  return plainTable(['trial', 'validation error', 'flash', 'RAM', 'time', 'MACs', 'rung'], rows);
}
