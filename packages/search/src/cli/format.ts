const integer = new Intl.NumberFormat('en-US');

export const bytes = (value: number): string => `${integer.format(Math.round(value))} B`;
export const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`;
export const count = (value: number): string => integer.format(Math.round(value));

export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}

/** 75_000 → `1:15`. */
export function clock(durationMilliseconds: number): string {
  const seconds = Math.max(0, Math.round(durationMilliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
