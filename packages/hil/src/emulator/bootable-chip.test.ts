import fc from 'fast-check';
import { compileAt } from '../testing/boot-program.ts';
import { describeWithOptiboot } from '../testing/with-optiboot.ts';
import { blankFlash } from '../virtual-uno/optiboot.ts';
import { BootableChip } from './bootable-chip.ts';
import { CLOCK_HZ } from './memory-map.ts';
import { BOOT_START } from './self-programming.ts';

const MCUSR = 0x54;
const IN_SYNC_OK = [0x14, 0x10];
const END = 0x20;
const PAGE_BYTES = 128;

/** A chip, what it has sent, and a line to it that waits until it is ready for each byte. */
class Bench {
  readonly chip: BootableChip;
  readonly sent: number[] = [];
  private readonly queue: number[] = [];

  constructor(flash: Uint8Array) {
    this.chip = new BootableChip(flash, { onTransmit: (byte) => this.sent.push(byte), onReady: () => this.deliver() });
  }

  /** What the chip sends until it waits for more. */
  ask(...bytes: number[]): number[] {
    this.sent.length = 0;
    this.queue.push(...bytes);
    this.deliver();
    while (!this.chip.run(this.chip.cycles + CLOCK_HZ / 100, true));
    return this.sent.slice();
  }

  /** STK500v1, as the bootloader speaks it. */
  writePage(address: number, page: Uint8Array): void {
    const word = address / 2;
    expect(this.ask(0x55, word & 0xff, word >> 8, END)).toEqual(IN_SYNC_OK);
    expect(this.ask(0x64, 0, PAGE_BYTES, 0x46, ...page, END)).toEqual(IN_SYNC_OK);
  }

  private deliver(): void {
    while (this.queue.length > 0 && this.chip.uart.isReady) {
      this.chip.uart.receive({ byte: this.queue.shift() as number, frameError: false });
    }
  }
}

/** Answers each character with `letter`, out of a function that is called often enough to be translated. */
async function answering(letter: string): Promise<Uint8Array> {
  const { flash } = await compileAt(
    0,
    `#include <avr/io.h>
     __attribute__((noinline)) static uint8_t answer(void) { volatile uint8_t i = 200; while (i) i--; return '${letter}'; }
     __attribute__((naked, section(".init9"))) int main(void) {
       __asm__ volatile("clr r1");
       UBRR0L = 16; UCSR0A = _BV(U2X0); UCSR0B = _BV(RXEN0) | _BV(TXEN0);
       for (;;) { while (!(UCSR0A & _BV(RXC0))); (void)UDR0; for (uint16_t i = 0; i < 100; i++) answer(); UDR0 = answer(); }
     }`,
  );
  return flash;
}

describeWithOptiboot('Optiboot on the emulated chip', () => {
  let blank: Uint8Array;
  beforeAll(async () => {
    blank = await blankFlash();
  });

  test('after an external reset it answers STK_GET_SYNC, with its version and the signature', () => {
    const bench = new Bench(blank);
    bench.chip.reset('external');
    expect(bench.ask(0x30, END)).toEqual(IN_SYNC_OK);
    expect(bench.ask(0x41, 0x81, END)).toEqual([0x14, 4, 0x10]);
    expect(bench.ask(0x75, END)).toEqual([0x14, 0x1e, 0x95, 0x0f, 0x10]);
  });

  test('it starts the program 1.4 s after the reset, by the watchdog', async () => {
    const flash = blank.slice();
    flash.set((await answering('x')).subarray(0, BOOT_START));
    const { chip } = new Bench(flash);
    chip.reset('external');
    chip.run(Math.round(1.38 * CLOCK_HZ));
    expect(chip.isInBootloader).toBe(true);
    chip.run(Math.round(1.42 * CLOCK_HZ));
    expect(chip.isInBootloader).toBe(false);
  });

  test('power-on starts the program at once, and a character that is no command after 16 ms', async () => {
    const flash = blank.slice();
    flash.set((await answering('x')).subarray(0, BOOT_START));
    const bench = new Bench(flash);
    bench.chip.run(100);
    expect(bench.chip.isInBootloader).toBe(false);
    bench.chip.reset('external');
    bench.ask();
    const start = bench.chip.cycles;
    bench.ask(0x00, 0x00);
    while (bench.chip.isInBootloader) bench.chip.run(bench.chip.cycles + 1000);
    expect((bench.chip.cycles - start) / (CLOCK_HZ / 1000)).toBeLessThan(18);
  });

  test('a program that ran and was translated is replaced by another', async () => {
    const bench = new Bench(blank);
    const programs = await Promise.all(['A', 'B'].map(answering));
    for (const [index, program] of [...programs.entries(), ...programs.entries()]) {
      bench.chip.reset('external');
      for (let address = 0; address < 2 * PAGE_BYTES; address += PAGE_BYTES) {
        bench.writePage(address, program.subarray(address, address + PAGE_BYTES));
      }
      expect(Buffer.compare(bench.chip.flash.subarray(0, BOOT_START), program.subarray(0, BOOT_START))).toBe(0);
      bench.ask(0x51, END);
      while (bench.chip.isInBootloader) bench.chip.run(bench.chip.cycles + 1000);
      expect(bench.ask(0)).toEqual(['AB'.charCodeAt(index)]);
      expect(bench.ask(0)).toEqual(['AB'.charCodeAt(index)]);
    }
  });
});

test('a reset keeps SRAM and tells its cause; a power-on leaves anything in it', async () => {
  const source = `
    #include <avr/io.h>
    __attribute__((naked, section(".init9"))) int main(void) {
      UCSR0A = _BV(U2X0);
      UCSR0B = _BV(TXEN0);
      UDR0 = *(volatile uint8_t *)0x200;
      *(volatile uint8_t *)0x200 = 0x77;
      while (!(UCSR0A & _BV(UDRE0)));
      UDR0 = *(volatile uint8_t *)${MCUSR};
      for (;;);
    }`;
  const { chip, sent } = new Bench((await compileAt(BOOT_START, source)).flash);
  chip.run(10_000);
  chip.reset('external');
  chip.run(chip.cycles + 10_000);
  chip.reset('powerOn');
  chip.run(chip.cycles + 10_000);
  const [anything] = sent;
  expect(anything).not.toBe(0);
  expect(sent).toEqual([anything, 0x01, 0x77, 0x03, anything, 0x01]);
});

test('however a run is sliced, every byte leaves at the same cycle', async () => {
  const source = `
    #include <avr/io.h>
    __attribute__((naked, section(".init9"))) int main(void) {
      __asm__ volatile("clr r1");
      UCSR0A = _BV(U2X0);
      UCSR0B = _BV(TXEN0);
      TCCR1B = _BV(CS10);
      for (uint16_t state = 1;;) {
        for (uint8_t turns = state; turns != 0; turns--) state = state * 25173u + 13849u;
        while (!(TIFR1 & _BV(OCF1A)));
        OCR1A = TCNT1 + 2000;
        TIFR1 = _BV(OCF1A);
        UDR0 = state >> 8;
        while (!(UCSR0A & _BV(UDRE0)));
      }
    }`;
  const { flash } = await compileAt(BOOT_START, source);
  const trace = (slices: readonly number[]) => {
    const sent: (readonly [cycle: number, byte: number])[] = [];
    const chip: BootableChip = new BootableChip(flash, {
      onTransmit: (byte) => sent.push([chip.cycles, byte]),
      onReady: () => {},
    });
    for (let slice = 0; chip.cycles < 300_000; slice++) chip.run(chip.cycles + slices[slice % slices.length]);
    return sent.filter(([cycle]) => cycle < 300_000);
  };
  const whole = trace([300_000]);
  expect(whole.length).toBeGreaterThan(50);
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1, max: 20_000, noNaN: true }), { minLength: 1, maxLength: 20 }),
      (slices) => {
        expect(trace(slices)).toEqual(whole);
      },
    ),
    { numRuns: 20 },
  );
});
