import { linearAxis, type Axis } from './axis.ts';

/** Of values in milliseconds. Time has its own round numbers: whole seconds, minutes or hours. */
export function timeAxis(label: string, values: readonly number[]): Axis {
  const unit = timeUnit(Math.max(...values));
  const inUnits = values.map((value) => value / unit.milliseconds);
  const { ticks, position } = linearAxis(`${label}, in ${unit.name}`, inUnits, String);
  return {
    label: `${label}, in ${unit.name}`,
    ticks: ticks.map(({ value, text }) => ({ value: value * unit.milliseconds, text })),
    position: (value) => position(value / unit.milliseconds),
  };
}

function timeUnit(longest: number): { readonly name: string; readonly milliseconds: number } {
  if (longest < 180_000) return { name: 'seconds', milliseconds: 1_000 };
  if (longest < 3 * 3_600_000) return { name: 'minutes', milliseconds: 60_000 };
  return { name: 'hours', milliseconds: 3_600_000 };
}
