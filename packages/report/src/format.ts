const integer = new Intl.NumberFormat('en-US');

export const count = (value: number): string => integer.format(Math.round(value));
export const bytes = (value: number): string => `${count(value)} B`;
export const percent = (fraction: number): string => `${(100 * fraction).toFixed(2)} %`;
/** For axes: as few digits as it takes. */
export const shortPercent = (fraction: number): string => `${Number((100 * fraction).toPrecision(3))} %`;
export const share = (fraction: number): string => `${Math.round(100 * fraction)} %`;
export const perMac = (cycles: number, macs: number): string => (macs > 0 ? (cycles / macs).toFixed(1) : '–');
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : count(value)} ms`;
}

/** 4_530_000 → `1 h 15 min`. */
export function duration(value: number): string {
  const seconds = Math.round(value / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Universal time, since a report may be read anywhere. */
export function time(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
