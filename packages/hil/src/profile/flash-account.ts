import type { Architecture } from '@sparrow/model';
import { layerOf, type Purpose } from './attribution.ts';
import type { FlashSymbol } from './symbols.ts';

export interface LayerFlash {
  /** Weights, biases, multipliers. */
  readonly parameters: number;
  /** Code that no other layer has. */
  readonly code: number;
}

export interface FlashAccount {
  readonly layers: readonly LayerFlash[];
  readonly schedule: number;
  readonly preprocessing: number;
  readonly serialLine: number;
  /** Vectors, start-up, cycle counter, the compiler's library, code that several layers call. */
  readonly other: number;
}

/** `purposes`: by word address, up to the end of the program. */
export function accountFlash(
  purposes: readonly Purpose[],
  symbols: readonly FlashSymbol[],
  layers: Architecture['layers'],
  flashBytes: number,
): FlashAccount {
  const parameters = layers.map(() => 0);
  const code = layers.map(() => 0);
  const account = { schedule: 0, preprocessing: 0, serialLine: 0 };
  for (const { name, bytes } of symbols) {
    const layer = layerOf(name, layers);
    if (layer !== undefined && isTable(name)) parameters[layer] += bytes;
  }
  for (const purpose of purposes) {
    if (purpose.kind === 'layer') code[purpose.layer] += 2;
    else if (purpose.kind in account) account[purpose.kind as keyof typeof account] += 2;
  }
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const other = flashBytes - sum(parameters) - sum(code) - sum(Object.values(account));
  return {
    layers: layers.map((_, index) => ({ parameters: parameters[index], code: code[index] })),
    ...account,
    other,
  };
}

/** The generated tables, as opposed to functions. */
export const isTable = (name: string): boolean => /^(filters|weights|bias|multipliers)_/.test(name);
