import { BOARD_BAUD_RATE, buildFirmware, type Firmware } from './build.ts';
import { deviceContract } from './device.contract.ts';
import { createChip } from './emulator/chip.ts';
import { openSerialDevice, PROGRAMMERS } from './serial-device.ts';
import { handWrittenNetwork, SUM_NETWORK, sumNetworkLogits } from './testing/hand-written.ts';
import { describeWithOptiboot } from './testing/with-optiboot.ts';
import { attachChip, openPseudoTerminal, type PseudoTerminal } from './testing/pseudo-terminal.ts';
import { startVirtualUno, type VirtualUno, type VirtualUnoOptions } from './virtual-uno/index.ts';

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

describeWithOptiboot('a board', () => {
  let wanted: Firmware;
  let other: Firmware;
  let uno: VirtualUno;
  beforeAll(async () => {
    [wanted, other] = await Promise.all([
      buildFirmware(handWrittenNetwork(SUM_NETWORK)),
      buildFirmware(handWrittenNetwork({ pushRow: 'logits[0]++;' })),
    ]);
  });
  afterEach(() => uno.close());
  const plugIn = async (options: VirtualUnoOptions = {}): Promise<string> => {
    uno = await startVirtualUno(options);
    return uno.path;
  };

  async function expectToWork(path: string, options = {}): Promise<string[]> {
    const events: string[] = [];
    const device = await openSerialDevice(path, wanted, { onFlash: () => events.push('flash'), ...options });
    const image = new Uint8Array(24).fill(9);
    expect([...(await device.infer(image)).logits]).toEqual(sumNetworkLogits(image, 6));
    await device.close();
    return events;
  }

  test.each(PROGRAMMERS)('that is blank is flashed with programmer %s, once', async (programmer) => {
    const path = await plugIn();
    await expect(expectToWork(path, { programmer })).resolves.toEqual(['flash']);
    await expect(expectToWork(path, { programmer })).resolves.toEqual([]);
  });

  test('that runs another firmware is left alone if so wanted, in one line, else flashed', async () => {
    const path = await plugIn({ firmwareHex: other.hex });
    await expect(openSerialDevice(path, wanted, { flash: false })).rejects.toThrow(
      /^the board at \S+ does not run this model's firmware[^\n]*--no-flash[^\n]*$/,
    );
    await expect(expectToWork(path)).resolves.toEqual(['flash']);
  });
});
