/*
 * The program that a network is measured in: takes images by rows from the serial line straight into the network's own row buffer,
 * computes, answers with logits and cycles. docs/protocol.md is the protocol. No RAM of its own but a few return addresses.
 */
#include <stdint.h>
#include <util/crc16.h>

#include "cycles.h"
#include "network.h"
#include "serial.h"
#include "stack.h"

/* CRC-32 of all that the program is compiled from, by whoever compiles it; tells a host whether a board runs what it has built. */
#ifndef FIRMWARE_ID
#define FIRMWARE_ID 0UL
#endif

#define PROTOCOL_VERSION 1
#define FRAME_START 0xA5
#define CRC_INITIAL 0xFFFF
/* From which the start of a frame leads to CRC_INITIAL, so that it can be sent like any other byte. */
#define CRC_BEFORE_START 0x30DD

/* Of the conversions of the supply: a quarter of a second, by which a host knows the clock, in whole turns of the compiler's loop. */
#define SUPPLY_CYCLES 4000002UL

enum __attribute__((packed)) command { IDENTIFY = 'I', BEGIN = 'B', ROW = 'R', STACK = 'S', SUPPLY = 'V', DAMAGED = 0 };
enum __attribute__((packed)) reply { IDENTITY = 'I', ROW_WANTED = 'W', REJECTED = 'N', RESULT = 'L', STACK_PEAK = 'S', BANDGAP = 'V' };

#define NO_IMAGE SPARROW_INPUT_ROWS

#if SPARROW_INPUT_ROWS > 254
#error "The protocol counts rows in one byte: at most 254"
#endif
#if SPARROW_LOGITS > 62
#error "A reply holds at most 255 bytes: 62 logits"
#endif

/* CRC of the frame under way. In a register that called functions preserve: a variable would take RAM, an argument stack. */
register uint16_t crc __asm__("r2");

/* CRC-16/MCRF4XX: polynomial 0x1021 reflected. Returns the byte: what calls it last needs no place for it. */
__attribute__((noinline)) static uint8_t crc_add(uint8_t byte)
{
    crc = _crc_ccitt_update(crc, byte);
    return byte;
}

__attribute__((noinline)) static uint8_t receive_byte(void)
{
    return crc_add(serial_receive());
}

__attribute__((noinline)) static void reply_byte(uint8_t byte)
{
    serial_send(byte);
    crc_add(byte);
}

static inline void reply_word(uint16_t word)
{
    reply_byte((uint8_t)word);
    reply_byte((uint8_t)(word >> 8));
}

static inline void reply_double_word(uint32_t value)
{
    reply_word((uint16_t)value);
    reply_word((uint16_t)(value >> 16));
}

__attribute__((noinline)) static void reply_start(void)
{
    crc = CRC_BEFORE_START;
    reply_byte(FRAME_START);
}

static inline void reply_begin(enum reply type, uint8_t payload_bytes)
{
    reply_start();
    reply_word((uint16_t)(type | payload_bytes << 8));
}

/* Low byte first, so that the CRC of the whole frame is 0. */
static inline void reply_end(void)
{
    reply_word(crc);
}

static inline void reply_row(enum reply type, uint8_t row)
{
    reply_begin(type, 1);
    reply_byte(row);
    reply_end();
}

static inline void reply_identity(void)
{
    reply_begin(IDENTITY, 15);
    reply_byte(PROTOCOL_VERSION);
    reply_double_word(SPARROW_MODEL_ID);
    reply_double_word(FIRMWARE_ID);
    reply_word(SPARROW_INPUT_ROWS);
    reply_word(SPARROW_INPUT_ROW_BYTES);
    reply_word(SPARROW_LOGITS);
    reply_end();
}

static inline void reply_result(void)
{
    reply_begin(RESULT, 4 + 4 * SPARROW_LOGITS);
    reply_byte(CYCLES_BYTE_0);
    reply_byte(CYCLES_BYTE_1);
    reply_byte(CYCLES_BYTE_2);
    reply_byte(CYCLES_BYTE_3);
    const uint8_t *logits = (const uint8_t *)sparrow_logits();
    for (uint8_t count = 4 * SPARROW_LOGITS; count != 0; count--)
        reply_byte(*logits++);
    reply_end();
}

/* The peak is read when the reply itself has been as deep as it gets. */
static inline void reply_stack_peak(void)
{
    reply_begin(STACK_PEAK, 2);
    reply_word(stack_peak_bytes());
    reply_end();
}

/*
 * The bandgap of 1.1 V in parts of the supply (datasheet, sections 24.5 and 24.9): converted over and over at 125 kHz while it settles.
 * Afterwards the converter is off, as before.
 */
static inline void reply_bandgap(void)
{
    ADMUX = _BV(REFS0) | _BV(MUX3) | _BV(MUX2) | _BV(MUX1);
    ADCSRA = _BV(ADEN) | _BV(ADSC) | _BV(ADATE) | _BV(ADPS2) | _BV(ADPS1) | _BV(ADPS0);
    __builtin_avr_delay_cycles(SUPPLY_CYCLES);
    uint16_t bandgap = ADC;
    ADCSRA = 0;
    reply_begin(BANDGAP, 2);
    reply_word(bandgap);
    reply_end();
}

static inline void receive_row(void)
{
    uint8_t *pixel = sparrow_row_buffer();
    for (uint16_t count = SPARROW_INPUT_ROW_BYTES; count != 0; count--)
        *pixel++ = receive_byte();
}

/* Skips everything up to a frame of a known command. A row that nobody waits for has no place to go and is skipped too. */
static inline enum command receive_command(uint8_t next_row)
{
    for (;;) {
        if (receive_byte() != FRAME_START)
            continue;
        crc = CRC_INITIAL;
        enum command command = receive_byte();
        switch (command) {
        case ROW:
            if (next_row == NO_IMAGE)
                continue;
            receive_row();
            break;
        case IDENTIFY:
        case BEGIN:
        case STACK:
        case SUPPLY:
            break;
        default:
            continue;
        }
        receive_byte();
        receive_byte();
        return crc == 0 ? command : DAMAGED;
    }
}

static inline void begin_image(void)
{
    cycles_reset();
    cycles_start();
    sparrow_begin();
    cycles_stop();
}

static inline void push_row(void)
{
    cycles_start();
    sparrow_push_row();
    cycles_stop();
}

__attribute__((OS_main)) int main(void)
{
    uint8_t next_row = NO_IMAGE;
    serial_begin();
    cycles_begin();
    for (;;) {
        enum command command = receive_command(next_row);
        if (command == IDENTIFY) {
            reply_identity();
            continue;
        }
        if (command == STACK) {
            reply_stack_peak();
            continue;
        }
        if (command == SUPPLY) {
            reply_bandgap();
            continue;
        }
        if (command == BEGIN) {
            begin_image();
            next_row = 0;
        }
        if (command == ROW) {
            push_row();
            next_row++;
            if (next_row == NO_IMAGE) {
                reply_result();
                continue;
            }
        }
        reply_row(command == DAMAGED ? REJECTED : ROW_WANTED, next_row);
    }
}
