import { ATMEGA328P, USABLE_FLASH_BYTES } from './atmega328p.ts';

/** A network that the chip has no room for. The message says how much, of what, and where it goes. */
export class DoesNotFitError extends Error {
  override readonly name = 'DoesNotFitError';
  readonly resource: 'flash' | 'RAM';
  readonly neededBytes: number;

  constructor(resource: 'flash' | 'RAM', neededBytes: number, availableBytes: number, details: readonly string[]) {
    const summary = `model needs ${bytes(neededBytes)} of ${resource}, the ${ATMEGA328P.name} has ${bytes(availableBytes)}`;
    const over = ` (${bytes(neededBytes - availableBytes)} over)`;
    super(summary + over + (details.length === 0 ? '' : `: ${details.join('; ')}`));
    this.resource = resource;
    this.neededBytes = neededBytes;
  }
}

/**
 * `largest`: the part that takes most.
 *
 * @throws DoesNotFitError if the program is larger than what the bootloader leaves
 */
export function checkFlash(flashBytes: number, largest: string | undefined): void {
  if (flashBytes <= USABLE_FLASH_BYTES) return;
  const details = largest === undefined ? [] : [`largest part is ${largest}`];
  throw new DoesNotFitError('flash', flashBytes, USABLE_FLASH_BYTES, details);
}

/**
 * `stackBytes`: what is known of it, 0 before the program has run. `largest`: the buffer that takes most.
 *
 * @throws DoesNotFitError if static data and stack are larger than the RAM
 */
export function checkRam(staticBytes: number, stackBytes: number, largest: string | undefined): void {
  const total = staticBytes + stackBytes;
  if (total <= ATMEGA328P.ramBytes) return;
  throw new DoesNotFitError('RAM', total, ATMEGA328P.ramBytes, [
    ...(stackBytes > 0 ? [`${bytes(staticBytes)} static and ${bytes(stackBytes)} of stack`] : []),
    ...(largest === undefined ? [] : [`largest buffer is ${largest}`]),
  ]);
}

export function bytes(count: number): string {
  return `${count.toLocaleString('en-US')} B`;
}
