import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logits, sequential } from '@sparrow/model';
import { randomModel } from '@sparrow/model/testing';
import { BOARD_BAUD_RATE, buildFirmware, EMULATOR_BAUD_RATE } from './build.ts';
import { buildModel, describeLargestBuffer } from './build-model.ts';
import { parseIntelHex } from './intel-hex.ts';
import { handWrittenNetwork, SUM_NETWORK } from './testing/hand-written.ts';

test('the same network is the same firmware but for the baud rate', async () => {
  const sources = handWrittenNetwork(SUM_NETWORK);
  const [board, emulator, again] = await Promise.all([
    buildFirmware(sources, { baudRate: BOARD_BAUD_RATE }),
    buildFirmware(sources, { baudRate: EMULATOR_BAUD_RATE }),
    buildFirmware(sources),
  ]);
  expect(again.hex).toBe(board.hex);
  expect(emulator.hex).not.toBe(board.hex);
  expect(emulator.flashBytes).toBe(board.flashBytes);
  expect(emulator.id).toBe(board.id);
});

test('debug information changes nothing in the program', async () => {
  const model = randomModel(3);
  const [plain, debug] = await Promise.all([buildModel(model), buildModel(model, { debug: true })]);
  expect(debug.firmware.hex).toBe(plain.firmware.hex);
});

test('another network has another id', async () => {
  const [one, other] = await Promise.all([
    buildFirmware(handWrittenNetwork(SUM_NETWORK)),
    buildFirmware(handWrittenNetwork({ pushRow: 'logits[0] = 1;' })),
  ]);
  expect(other.id).not.toBe(one.id);
});

test('a given folder keeps sources, ELF and HEX', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sparrow-build-test-'));
  try {
    const { firmware, sources } = await buildModel(randomModel(1), { folder });
    const hex = await readFile(join(folder, 'firmware.hex'), 'utf8');
    expect(hex).toBe(firmware.hex);
    expect(parseIntelHex(hex, 32768)).toMatchObject({ bytes: firmware.flash, usedBytes: firmware.flashBytes });
    expect(await readFile(join(folder, 'network.c'), 'utf8')).toBe(sources.files.get('network.c'));
    expect(new Uint8Array(await readFile(join(folder, 'firmware.elf')))).toEqual(firmware.elf);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('too much RAM is said before anything runs', async () => {
  const globals = 'static uint8_t ring[2200];';
  const network = handWrittenNetwork({ globals, pushRow: 'ring[row[0]] = row[1]; logits[0] += ring[row[2]];' });
  await expect(buildFirmware(network)).rejects.toThrow(
    'model needs 2,214 B of RAM, the ATmega328P has 2,048 B (166 B over): largest buffer is ring, 2,200 B',
  );
});

test('too much flash is said with what takes most', async () => {
  const globals = `
    #define TABLE __attribute__((section(".progmem.data"), used)) static const uint8_t
    TABLE weights_conv2[20000] = {1};
    TABLE weights_conv1[18000] = {1};
    static const uint8_t *volatile table;`;
  const network = handWrittenNetwork({ globals, pushRow: 'table = row[0] ? weights_conv1 : weights_conv2;' });
  await expect(buildFirmware(network)).rejects.toThrow(
    /^model needs 38,\d{3} B of flash, the ATmega328P has 32,256 B \([\d,]+ B over\): largest part is weights_conv2, 20,000 B$/,
  );
});

test('parameters that alone take too much flash are not even compiled', async () => {
  const wide = sequential({ height: 64, width: 64, channels: 1 }, [logits(10)]);
  const weights = new Int8Array(40_960).fill(1);
  const parameters = [{ kind: 'weighted', weights, bias: new Int32Array(10) }] as const;
  await expect(buildModel({ name: 'wide', architecture: wide, parameters, provenance: {} })).rejects.toThrow(
    /^model needs 4[01],\d{3} B of flash, the ATmega328P has 32,256 B \([\d,]+ B over\): largest part is its parameters, [^\n]+$/,
  );
});

test('what the compiler complains of is one line', async () => {
  await expect(buildFirmware(handWrittenNetwork({ pushRow: 'nonsense();' }))).rejects.toThrow(
    /^building the firmware failed: network\.c:\d+:\d+: error: [^\n]+$/,
  );
});

test('the largest buffer is named after its layer', () => {
  expect(describeLargestBuffer(randomModel(0))).toMatch(/^\S+('s| input's) (ring, \d+ rows × \d+ × \d+|sums, \d+ B)$/);
});
