/*
 * A 32-bit cycle counter that stands still outside of what it measures: Timer1 at the CPU's clock has the lower 16 bits, its overflow
 * interrupt counts the upper 16 in OCR0B of the idle Timer0 and in EEDR of the idle EEPROM: networks use the general purpose I/O registers.
 * No RAM. Timer1 stops between measured parts and keeps its count.
 */
#ifndef SPARROW_CYCLES_H
#define SPARROW_CYCLES_H

#include <avr/interrupt.h>
#include <avr/io.h>
#include <stdint.h>

/* Byte 0 is the lowest; reading it latches byte 1 (datasheet section 15.3), so they are read in this order. */
#define CYCLES_BYTE_0 TCNT1L
#define CYCLES_BYTE_1 TCNT1H
#define CYCLES_BYTE_2 OCR0B
#define CYCLES_BYTE_3 EEDR

/* Whatever a bootloader left in the timer is undone. */
static inline void cycles_begin(void)
{
    TCCR1B = 0;
    TCCR1A = 0;
    TIMSK1 = _BV(TOIE1);
    sei();
}

static inline void cycles_reset(void)
{
    TCNT1 = 0;
    CYCLES_BYTE_2 = 0;
    CYCLES_BYTE_3 = 0;
}

static inline void cycles_start(void)
{
    TCCR1B = _BV(CS10);
}

static inline void cycles_stop(void)
{
    TCCR1B = 0;
}

#endif
