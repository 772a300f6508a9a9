import { InvalidArgumentError } from 'commander';

const secondsPerUnit = { s: 1, m: 60, h: 3600 } as const;

/** `90s`, `15m`, `1.5h` → milliseconds. @throws InvalidArgumentError in one line for anything else. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text.trim());
  if (!match || Number(match[1]) <= 0) {
    throw new InvalidArgumentError(`'${text}' is not a duration: write for example 90s, 15m or 1.5h`);
  }
  return Number(match[1]) * secondsPerUnit[match[2] as keyof typeof secondsPerUnit] * 1000;
}

export function parsePositiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError(`'${text}' is not a whole number of at least 1`);
  return value;
}

export function parsePositive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError(`'${text}' is not a number above 0`);
  return value;
}

/** `1024`, `16k`: bytes. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(k|kB|KiB)?$/i.exec(text.trim());
  const value = match ? Math.floor(Number(match[1]) * (match[2] ? 1024 : 1)) : 0;
  if (value < 1) throw new InvalidArgumentError(`'${text}' is not a number of bytes: write for example 1024 or 16k`);
  return value;
}

/** `99.2` → 0.992. */
export function parseAccuracy(text: string): number {
  const value = Number(text.replace(/\s*%$/, ''));
  if (!(value > 1 && value < 100))
    throw new InvalidArgumentError(`'${text}' is not a percentage: write for example 99.2`);
  return value / 100;
}

export function parseFactor(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value >= 0 && value < Infinity)) throw new InvalidArgumentError(`'${text}' is not a number of at least 0`);
  return value;
}

/** 0 to 1, without 1. */
export function parseFraction(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value >= 0 && value < 1)) throw new InvalidArgumentError(`'${text}' is not a number from 0 to below 1`);
  return value;
}

export function parseSeed(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0 || value > 0xffffffff) {
    throw new InvalidArgumentError(`'${text}' is not a whole number from 0 to 4294967295`);
  }
  return value;
}

/** A study's name is a folder's name. */
export function parseStudyName(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) {
    throw new InvalidArgumentError(`'${text}' is not a study name: use letters, digits, '.', '_' and '-'`);
  }
  return text;
}
