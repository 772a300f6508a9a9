import { findBoard } from './find-board.ts';
import type { Port } from './list-ports.ts';

const uno: Port = { path: '/dev/ttyACM0', vendorId: '2341', productId: '0043' };
const clone: Port = { path: '/dev/ttyUSB0', vendorId: '1A86', productId: '7523' };
const mega: Port = { path: '/dev/ttyACM1', vendorId: '2341', productId: '0042' };
const onboard: Port = { path: '/dev/ttyS0' };

const find = (...ports: Port[]): Promise<string> => findBoard(() => Promise.resolve(ports));

test('the only Uno is found among other ports', async () => {
  await expect(find(onboard, mega, clone)).resolves.toBe('/dev/ttyUSB0');
});

test('of several, all are named', async () => {
  await expect(find(uno, mega, clone)).rejects.toThrow(
    /^there are several boards, say which with --device: \/dev\/ttyACM0 \(Arduino Uno R3\), \/dev\/ttyUSB0 \(USB adapter CH340[^)]*\)$/,
  );
});

test('without one, it says what is there instead', async () => {
  await expect(find(onboard)).rejects.toThrow(
    /^no Uno was found: there is no USB serial port; is the board plugged in/,
  );
  await expect(find(onboard, mega)).rejects.toThrow(
    /^no Uno was found: there is \/dev\/ttyACM1 \(Arduino Mega 2560 R3\)$/,
  );
});
