/*
 * USART0, polled: no buffer in RAM, no interrupt. The receiver's own FIFO of two bytes is enough, because the host sends a row only
 * when it was asked for one (docs/protocol.md).
 */
#ifndef SPARROW_SERIAL_H
#define SPARROW_SERIAL_H

#include <avr/io.h>
#include <stdint.h>

#ifndef BAUD_RATE
#define BAUD_RATE 1000000UL
#endif

/* ATmega328P datasheet, table 19-1, double speed: baud = f / (8 · (UBRR + 1)), rounded to the nearest. */
#define SERIAL_UBRR ((F_CPU / 8 + BAUD_RATE / 2) / BAUD_RATE - 1)
/* Neither a reset nor the bootloader leaves anything in UBRR0H. */
#if SERIAL_UBRR > 255
#error "The baud rate is too low: the divider has one byte"
#endif

static inline void serial_begin(void)
{
    uint8_t divider = SERIAL_UBRR;
    /* Hides the value: the code has the same size at every baud rate, so the emulator's build measures the board's flash. */
    __asm__("" : "+d"(divider));
    UBRR0L = divider;
    UCSR0A = _BV(U2X0);
    UCSR0C = _BV(UCSZ01) | _BV(UCSZ00); /* 8 data bits, no parity, 1 stop bit */
    UCSR0B = _BV(RXEN0) | _BV(TXEN0);
}

__attribute__((always_inline)) static inline uint8_t serial_receive(void)
{
    while (!(UCSR0A & _BV(RXC0))) {
    }
    return UDR0;
}

__attribute__((always_inline)) static inline void serial_send(uint8_t byte)
{
    while (!(UCSR0A & _BV(UDRE0))) {
    }
    UDR0 = byte;
}

#endif
