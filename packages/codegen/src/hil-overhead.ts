/**
 * What the program around the network adds when it is measured on the chip (`firmware/hil`). Not computed but counted once; the test of
 * random networks (`tests/random-networks`) fails if they change.
 */
export const HIL = {
  /** Vectors, start-up code, serial program; a few less for very small networks. */
  flashBytes: 714,
  /** Its own deepest stack, when no network is deeper; around a network's; of the cycle counter's interrupt. */
  stackBytes: 9,
  callerStackBytes: 2,
  interruptStackBytes: 2,
  /** Of each call that is measured: `sparrow_begin`, and `sparrow_push_row` for each row. */
  cyclesPerCall: 5,
  /** The cycle counter's interrupt, and how often it comes. */
  cyclesPerOverflow: 21,
  cyclesBetweenOverflows: 65_536,
} as const;
