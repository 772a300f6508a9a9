/** What a candidate may take. Bytes are those of the whole firmware, HIL program and stack included. */
export interface Limits {
  readonly ramBytes: number;
  readonly flashBytes: number;
  /** Bounds the time that training and the chip take; not a property of the chip. */
  readonly macs: number;
}

/** The Arduino Uno: 2,048 B of RAM, 32,768 B of flash less 512 B of bootloader (ATmega328P datasheet §8.2, §8.3). */
export const unoLimits: Limits = { ramBytes: 2048, flashBytes: 32_256, macs: 800_000 };
