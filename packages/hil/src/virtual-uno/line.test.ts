import type { Character, Uart } from '../emulator/uart.ts';
import { Line } from './line.ts';

/** A receiver whose readiness and clock the test sets, and what it was given when. */
function receiver() {
  const heard: (readonly [cycle: number, byte: number])[] = [];
  const uart = { baudRate: 115_200, isReady: false, isTransmitting: false };
  const end = {
    cycles: 0,
    uart: Object.assign(uart, { receive: ({ byte }: Character) => heard.push([end.cycles, byte]) }) as Uart & {
      isReady: boolean;
    },
  };
  return { end, heard };
}

test('paced, each frame takes ten bits at the rate of the host, ready or not', () => {
  const { end, heard } = receiver();
  const line = new Line(end, true);
  end.cycles = 1000;
  line.send(Uint8Array.of(7, 8), 115_200);
  while (line.nextArrival < Infinity) {
    end.cycles = line.nextArrival;
    line.deliver();
  }
  expect(heard).toEqual([
    [1000 + 1389, 7],
    [1000 + 2 * 1389, 8],
  ]);
});

test('unpaced, it waits for the receiver', () => {
  const { end, heard } = receiver();
  const line = new Line(end, false);
  line.send(Uint8Array.of(7, 8), 115_200);
  expect(heard).toEqual([]);
  end.uart.isReady = true;
  line.deliver();
  expect(heard.map(([, byte]) => byte)).toEqual([7, 8]);
});

test('at another rate the receiver hears something else', () => {
  const { end, heard } = receiver();
  end.uart.isReady = true;
  new Line(end, false).send(Uint8Array.of(0x30), 57_600);
  expect(heard.map(([, byte]) => byte)).not.toEqual([0x30]);
});
