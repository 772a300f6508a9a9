import { BOARD_BAUD_RATE, buildFirmware, type Firmware } from './build.ts';
import { deviceContract } from './device.contract.ts';
import { createChip } from './emulator/chip.ts';
import { openSerialDevice } from './serial-device.ts';
import { handWrittenNetwork, SUM_NETWORK, sumNetworkLogits } from './testing/hand-written.ts';
import { attachChip, openPseudoTerminal, type PseudoTerminal } from './testing/pseudo-terminal.ts';

/** A board: an emulated chip behind a pseudo-terminal, with whatever firmware, and flashing as a test needs it. */
async function plugIn(firmware: Firmware): Promise<PseudoTerminal> {
  const terminal = await openPseudoTerminal();
  attachChip(createChip(firmware.flash), terminal);
  terminals.push(terminal);
  return terminal;
}

const terminals: PseudoTerminal[] = [];
afterAll(() => Promise.all(terminals.map((terminal) => terminal.close())));

deviceContract(
  'serial port',
  { baudRate: BOARD_BAUD_RATE },
  async (firmware) => {
    const chip = createChip(firmware.flash);
    const terminal = await openPseudoTerminal();
    terminals.push(terminal);
    attachChip(chip, terminal);
    return { device: await openSerialDevice(terminal.path, firmware), disturb: (garbage) => chip.sendToChip(garbage) };
  },
  5,
);

test('a board that runs another firmware is flashed first', async () => {
  const [wanted, other] = await Promise.all([
    buildFirmware(handWrittenNetwork(SUM_NETWORK)),
    buildFirmware(handWrittenNetwork({ pushRow: 'logits[0]++;' })),
  ]);
  const terminal = await plugIn(other);
  const flashed: string[] = [];
  const device = await openSerialDevice(terminal.path, wanted, {
    flash: async (path, hex) => {
      flashed.push(path);
      expect(hex).toBe(wanted.hex);
      attachChip(createChip(wanted.flash), terminal);
    },
  });
  expect(flashed).toEqual([terminal.path]);
  const image = new Uint8Array(24).fill(9);
  expect([...(await device.infer(image)).logits]).toEqual(sumNetworkLogits(image, 6));
  await device.close();

  const again = await openSerialDevice(terminal.path, wanted, {
    flash: () => Promise.reject(new Error('flashed a board that runs the firmware already')),
  });
  await again.close();
});

test('a board that does not run what was flashed is an error', async () => {
  const [wanted, other] = await Promise.all([
    buildFirmware(handWrittenNetwork(SUM_NETWORK)),
    buildFirmware(handWrittenNetwork({ pushRow: 'logits[0]++;' })),
  ]);
  const terminal = await plugIn(other);
  await expect(openSerialDevice(terminal.path, wanted, { flash: async () => {} })).rejects.toThrow(
    /was flashed, but does not run the firmware/,
  );
});

test('a port that does not exist is an error in one line', async () => {
  const firmware = await buildFirmware(handWrittenNetwork(SUM_NETWORK));
  await expect(openSerialDevice('/dev/ttyNowhere', firmware)).rejects.toThrow(
    /^cannot open \/dev\/ttyNowhere: [^\n]+$/,
  );
});
