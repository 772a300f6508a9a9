import { setTimeout } from 'node:timers/promises';
import { openPseudoTerminal } from '../testing/pseudo-terminal.ts';
import { SerialLine } from './serial-line.ts';

test('a cable that is pulled is noticed at once, though nothing is sent; closing the line then takes no time', async () => {
  const terminal = await openPseudoTerminal();
  const line = await SerialLine.open(terminal.path, 115_200);
  const lost = new Promise<void>((resolve) => (line.onLost = resolve));
  await terminal.close();
  expect(await Promise.race([lost, setTimeout(2000, 'not noticed')])).toBeUndefined();
  expect(() => line.write(Uint8Array.of(1))).toThrow(/^the board at \S+ was unplugged$/);
  const start = performance.now();
  await line.close();
  expect(performance.now() - start).toBeLessThan(500);
});
