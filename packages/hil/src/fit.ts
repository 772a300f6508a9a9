import { ATMEGA328P, USABLE_FLASH_BYTES } from './atmega328p.ts';

/** A network that the chip has no room for. The message says how much, of what, and where it goes. */
export class DoesNotFitError extends Error {
  override readonly name = 'DoesNotFitError';
  readonly resource: 'flash' | 'RAM';
  readonly neededBytes: number;

  constructor(resource: 'flash' | 'RAM', neededBytes: number, availableBytes: number, detail: string) {
    const over = bytes(neededBytes - availableBytes);
    super(
      `model needs ${bytes(neededBytes)} of ${resource}, the ${ATMEGA328P.name} has ${bytes(availableBytes)} (${over} over)${detail}`,
    );
    this.resource = resource;
    this.neededBytes = neededBytes;
  }
}

export interface LinkedSymbol {
  readonly name: string;
  readonly bytes: number;
}

/** @throws DoesNotFitError if the program is larger than what the bootloader leaves */
export function checkFlash(flashBytes: number, largest: LinkedSymbol | undefined): void {
  if (flashBytes <= USABLE_FLASH_BYTES) return;
  throw new DoesNotFitError('flash', flashBytes, USABLE_FLASH_BYTES, describe('largest part', largest));
}

/**
 * `stackBytes`: what is known of it, 0 before the program has run.
 *
 * @throws DoesNotFitError if static data and stack are larger than the RAM
 */
export function checkRam(staticBytes: number, stackBytes: number, largest: LinkedSymbol | undefined): void {
  const total = staticBytes + stackBytes;
  if (total <= ATMEGA328P.ramBytes) return;
  const stack = stackBytes > 0 ? `: ${bytes(staticBytes)} static and ${bytes(stackBytes)} of stack` : '';
  throw new DoesNotFitError('RAM', total, ATMEGA328P.ramBytes, stack + describe('largest buffer', largest, stack));
}

function describe(what: string, symbol: LinkedSymbol | undefined, before = ''): string {
  if (symbol === undefined) return '';
  return `${before === '' ? ':' : ','} ${what} is ${symbol.name}, ${bytes(symbol.bytes)}`;
}

function bytes(count: number): string {
  return `${count.toLocaleString('en-US')} B`;
}
