import { createAvr8jsDevice } from './avr8js-device.ts';
import { buildFirmware, EMULATOR_BAUD_RATE } from './build.ts';
import { deviceContract } from './device.contract.ts';
import { createChip } from './emulator/chip.ts';
import { ProtocolDevice, type Transport } from './protocol-device.ts';
import { handWrittenNetwork, SUM_NETWORK, sumNetworkLogits } from './testing/hand-written.ts';

const options = { baudRate: EMULATOR_BAUD_RATE };

deviceContract('avr8js', options, async (firmware) => {
  const chip = createChip(firmware.flash);
  return { device: createAvr8jsDevice(firmware, { chip }), disturb: (garbage) => chip.sendToChip(garbage) };
});

test('the cycle counter counts the network alone, beyond 16 bits', async () => {
  const delay = 1_000_003;
  const firmware = await buildFirmware(
    handWrittenNetwork({ rows: 3, pushRow: `logits[0] += row[0]; __builtin_avr_delay_cycles(${delay}UL);` }),
    options,
  );
  const device = createAvr8jsDevice(firmware);
  const { cycles } = await device.infer(new Uint8Array(18));
  // 3 calls of begin and push_row (under 60 cycles each), and 45 overflows of Timer1 at 23 to 30 cycles.
  expect(cycles - 3 * delay).toBeGreaterThan(45 * 23);
  expect(cycles - 3 * delay).toBeLessThan(45 * 30 + 4 * 60);
});

test('the clock that a check-up finds is that of the chip', async () => {
  const firmware = await buildFirmware(handWrittenNetwork(SUM_NETWORK), options);
  const { clockMegahertz = 0 } = await createAvr8jsDevice(firmware).checkUp();
  expect(Math.abs(clockMegahertz / 16 - 1)).toBeLessThan(0.0001);
});

test('the stack pointer and the paint agree on a stack of any depth', async () => {
  const globals = `
    static uint8_t __attribute__((noinline)) descend(uint8_t depth) {
      volatile uint8_t here = depth;
      return depth == 0 ? here : (uint8_t)(descend((uint8_t)(depth - 1)) + here);
    }`;
  const firmware = await buildFirmware(
    handWrittenNetwork({ globals, pushRow: 'logits[0] += descend(row[0]);' }),
    options,
  );
  const device = createAvr8jsDevice(firmware);
  let before = 0;
  for (const depth of [0, 1, 10, 50, 200]) {
    await device.infer(new Uint8Array(24).fill(depth));
    expect(await device.paintedStackBytes()).toBe(device.stackBytes());
    expect(device.stackBytes() - before).toBeGreaterThanOrEqual(depth === 0 ? 4 : 3);
    before = device.stackBytes();
  }
});

/** The program around the network, to the byte: whoever makes it larger sees it here. */
test('the HIL program takes no static RAM and 7 bytes of stack of its own', async () => {
  const sources = handWrittenNetwork({ pushRow: 'logits[0] = row[0];' });
  const firmware = await buildFirmware(sources, options);
  expect(firmware.staticRamBytes).toBe(sources.bufferBytes);
  const device = createAvr8jsDevice(firmware);
  await device.infer(new Uint8Array(24));
  await device.paintedStackBytes();
  expect(device.stackBytes()).toBe(7);
});

test('a line that damages one byte in 200 both ways changes no logit', async () => {
  const firmware = await buildFirmware(handWrittenNetwork(SUM_NETWORK), options);
  const chip = createChip(firmware.flash);
  let seed = 1;
  const random = (): number => (seed = (seed * 48271) % 0x7fffffff) / 0x7fffffff;
  let damaged = 0;
  const damage = (byte: number): number => {
    if (random() >= 0.005) return byte;
    damaged++;
    return byte ^ (1 << Math.floor(8 * random()));
  };
  const line: Transport = {
    name: 'noisy line',
    onByte: () => {},
    send: (bytes) => chip.sendToChip(bytes.map(damage)),
    listen: async (done) => {
      try {
        chip.run(done, 200_000);
        return true;
      } catch {
        return false;
      }
    },
    now: () => performance.now(),
    close: async () => {},
  };
  chip.serialFromChip = (byte) => line.onByte(damage(byte));
  const device = new ProtocolDevice(line);
  for (let index = 0; index < 100; index++) {
    const image = Uint8Array.from({ length: 24 }, () => Math.floor(256 * random()));
    expect([...(await device.infer(image)).logits]).toEqual(sumNetworkLogits(image, 6));
  }
  expect(damaged).toBeGreaterThan(20);
});

test('firmware that hangs is an error, not an endless wait', async () => {
  const firmware = await buildFirmware(handWrittenNetwork({ pushRow: 'for (;;) __asm__ volatile("");' }), options);
  await expect(createAvr8jsDevice(firmware, { patienceCycles: 1_000_000 }).infer(new Uint8Array(24))).rejects.toThrow(
    /hang/,
  );
});
