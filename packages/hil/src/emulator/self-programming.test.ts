import { compileAt } from '../testing/boot-program.ts';
import { BootableChip } from './bootable-chip.ts';
import { BOOT_START } from './self-programming.ts';

const PAGE = 0x1000;
const NEXT_PAGE = 0x1080;

/** A boot program that does `body` and tells its observations by `tell`; avr-libc's boot.h is the other opinion on how SPM works. */
const bootProgram = (body: string, functions = ''): string => `
  #include <avr/boot.h>
  #include <avr/pgmspace.h>
  #define PAGE ${PAGE}
  ${functions}
  static inline void tell(uint8_t byte) { while (!(UCSR0A & _BV(UDRE0))); UDR0 = byte; }
  static inline void fill(uint16_t word) { for (uint8_t i = 0; i < SPM_PAGESIZE; i += 2) boot_page_fill(PAGE + i, word + i); }
  __attribute__((naked, section(".init9"))) int main(void) {
    __asm__ volatile("clr r1");
    UCSR0A = _BV(U2X0);
    UCSR0B = _BV(TXEN0);
    ${body}
    for (;;);
  }`;

async function observe(source: string, patch: (flash: Uint8Array) => void = () => {}) {
  const { flash } = await compileAt(BOOT_START, source);
  patch(flash);
  const told: number[] = [];
  const at: number[] = [];
  const chip: BootableChip = new BootableChip(flash, {
    onTransmit: (byte) => {
      told.push(byte);
      at.push(chip.cycles);
    },
    onReady: () => {},
  });
  chip.run(1_000_000);
  return { told, at, flash: chip.flash, before: flash };
}

test('a page is erased, then written; meanwhile the section cannot be read; its neighbours stay', async () => {
  const { told, at, flash } = await observe(
    bootProgram(`
      tell(pgm_read_byte(PAGE));
      boot_page_erase(PAGE);
      tell(boot_spm_busy() != 0);
      boot_spm_busy_wait();
      tell(boot_rww_busy() != 0);
      tell(pgm_read_byte(PAGE - 1));
      boot_rww_enable();
      tell(boot_rww_busy() != 0);
      tell(pgm_read_byte(PAGE - 1));
      tell(pgm_read_byte(PAGE));
      fill(0xAB00);
      boot_page_write(PAGE);
      boot_spm_busy_wait();
      boot_rww_enable();
      tell(pgm_read_byte(PAGE + 1));`),
    (image) => image.fill(0x12, PAGE - 1, NEXT_PAGE + 1),
  );
  expect(told).toEqual([0x12, 1, 1, 0xff, 0, 0x12, 0xff, 0xab]);
  const milliseconds = (at[2] - at[1]) / 16_000;
  expect(milliseconds).toBeGreaterThanOrEqual(3.7);
  expect(milliseconds).toBeLessThanOrEqual(4.6);
  const page = Array.from({ length: 64 }, (_, word) => [2 * word, 0xab]).flat();
  expect([...flash.subarray(PAGE - 1, NEXT_PAGE + 1)]).toEqual([0x12, ...page, 0x12]);
});

test('what is written onto what is not erased clears bits only', async () => {
  const { flash } = await observe(bootProgram('fill(0x5500); boot_page_write(PAGE); boot_spm_busy_wait();'), (image) =>
    image.fill(0x0f, PAGE, NEXT_PAGE),
  );
  expect(flash[PAGE + 1]).toBe(0x05);
});

test('a word of the buffer is filled once, until it is written', async () => {
  const { flash } = await observe(
    bootProgram('fill(0x1100); fill(0x2200); boot_page_write(PAGE); boot_spm_busy_wait();'),
  );
  expect(flash[PAGE + 1]).toBe(0x11);
});

test.each([
  ['the boot section is locked', `boot_page_erase(${BOOT_START});`],
  [
    'SPM later than four cycles after SPMCSR does nothing',
    'SPMCSR = 3; __asm__ volatile("nop\\nnop\\nnop\\nnop\\nnop\\nspm" :: "z" (PAGE));',
  ],
  ['SPM outside of the boot section does nothing', 'from_application(PAGE);'],
])('%s', async (_, body) => {
  const functions = `
    __attribute__((noinline, section(".application"))) static void from_application(uint16_t page) { boot_page_erase(page); }`;
  const { told, flash, before } = await observe(bootProgram(`${body} tell(7);`, functions), (image) =>
    image.fill(0x12, PAGE, NEXT_PAGE),
  );
  expect(told).toEqual([7]);
  expect(Buffer.compare(flash, before)).toBe(0);
});
