#include "stack.h"

#include <avr/io.h>

/* Not the high byte of any return address (flash has 0x4000 words), so a call at the deepest point always shows. */
#define PAINT 0xC5

/* From the linker: the first byte after the static data. */
extern const uint8_t _end;

/* Runs in .init3: SP is set (.init2), nothing is on the stack yet, static data is initialised later (.init4). */
__attribute__((naked, used, section(".init3"))) static void stack_paint(void)
{
    __asm__ volatile("ldi r30, lo8(_end)\n\t"
                     "ldi r31, hi8(_end)\n\t"
                     "ldi r24, %[paint]\n\t"
                     "ldi r25, hi8(%[end])\n\t"
                     "rjmp 2f\n"
                     "1:\tst Z+, r24\n"
                     "2:\tcpi r30, lo8(%[end])\n\t"
                     "cpc r31, r25\n\t"
                     "brlo 1b"
                     :
                     : [paint] "M"(PAINT), [end] "i"(RAMEND + 1));
}

uint16_t stack_peak_bytes(void)
{
    const uint8_t *lowest = &_end;
    while (lowest <= (const uint8_t *)RAMEND && *lowest == PAINT)
        lowest++;
    return (uint16_t)(RAMEND + 1 - (uint16_t)lowest);
}
