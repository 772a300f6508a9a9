/*
 * Peak stack by paint. Before main, all RAM from the end of the static data to RAMEND is filled with a pattern; the lowest byte that
 * has lost it marks the peak. SP points at the next free byte, so a program whose lowest SP was s has used RAMEND − s bytes, and the
 * lowest painted-over byte is s + 1.
 */
#ifndef SPARROW_STACK_H
#define SPARROW_STACK_H

#include <stdint.h>

/* RAMEND + 1 − (address of the lowest byte that was ever pushed). */
uint16_t stack_peak_bytes(void);

#endif
