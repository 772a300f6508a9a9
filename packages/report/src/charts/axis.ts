import { scaleLinear, scaleLog } from 'd3-scale';

/** One direction of a chart. */
export interface Axis {
  readonly label: string;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
  /** From a value to a fraction of the axis; outside of [0, 1] for values outside of its domain. */
  readonly position: (value: number) => number;
}

/** From 0, or the least value, to a round number at or beyond the greatest. */
export function linearAxis(label: string, values: readonly number[], format: (value: number) => string): Axis {
  const finite = values.filter(Number.isFinite);
  const scale = scaleLinear([Math.min(0, ...finite), Math.max(0, ...finite) || 1], [0, 1]).nice(5);
  return { label, position: (value) => scale(value), ticks: labelled(scale.ticks(5), format) };
}

/** What is smaller counts as 0: its half, or its ratio to others, would not be a number of full precision. */
const LEAST_VALUE = 1e-300;

/** More than six decades would show nothing. */
const MOST_RATIO = 1e6;

/**
 * Values outside of its domain are at its edges: what is not above 0, what is six decades below the greatest value, and what is more than
 * `mostTimesLowest` times the lowest.
 */
export function logAxis(
  label: string,
  values: readonly number[],
  format: (value: number) => string,
  mostTimesLowest = Infinity,
): Axis {
  const positive = values.filter((value) => value > LEAST_VALUE && Number.isFinite(value));
  const greatest = positive.length === 0 ? 10 : Math.max(...positive);
  const lowest = Math.max(Math.min(greatest / 2, ...positive), greatest / MOST_RATIO);
  const highest = Math.min(greatest, lowest * mostTimesLowest);
  const [from, to] = [lowest / 1.12, highest * 1.12];
  const scale = scaleLog([from, to], [0, 1]);
  return {
    label,
    position: (value) => scale(Math.min(to, Math.max(from, value))),
    ticks: labelled(roundNumbers(from, to), format),
  };
}

const labelled = (values: readonly number[], format: (value: number) => string): Axis['ticks'] =>
  values.map((value) => ({ value, text: format(value) }));

const MOST_TICKS = 7;
/** Of an axis; texts of neighbours would touch. */
const LEAST_DISTANCE = 0.13;

/** From coarse to fine, within a decade. */
const STEPS = [
  [1],
  [1, 3],
  [1, 2, 5],
  [1, 1.5, 2, 3, 5, 7],
  Array.from({ length: 18 }, (_, i) => 1 + i / 2),
  Array.from({ length: 90 }, (_, i) => 1 + i / 10),
];

/** The finest row of round numbers that is not too many of them. */
function roundNumbers(from: number, to: number): number[] {
  const lowest = Math.floor(Math.log10(from));
  const decades = Array.from({ length: Math.ceil(Math.log10(to)) - lowest + 1 }, (_, i) => 10 ** (lowest + i));
  const rows = STEPS.map((steps) =>
    decades
      .flatMap((decade) => steps.map((step) => Number((step * decade).toPrecision(6))))
      .filter((value) => value >= from && value <= to),
  );
  const distance = (a: number, b: number): number => Math.log(b / a) / Math.log(to / from);
  const isReadable = (row: readonly number[]): boolean =>
    row.length <= MOST_TICKS && row.every((value, i) => i === 0 || distance(row[i - 1], value) >= LEAST_DISTANCE);
  return rows.findLast(isReadable) ?? rows[0];
}
