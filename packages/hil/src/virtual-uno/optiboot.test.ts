import { tmpdir } from 'node:os';
import { describeWithOptiboot } from '../testing/with-optiboot.ts';
import { buildOptiboot, findOptiboot } from './optiboot.ts';

test('without its source, it is said how to get it', async () => {
  expect(findOptiboot([tmpdir()])).toBeNull();
  await expect(buildOptiboot(null)).rejects.toThrow(/apt install arduino-core-avr/);
});

describeWithOptiboot('Optiboot', () => {
  test('fills the boot section: code at its start, version 4.4 at its end', async () => {
    const image = await buildOptiboot();
    expect(image).toHaveLength(512);
    expect([...image.subarray(0, 2)]).toEqual([0x11, 0x24]); // clr r1
    expect([...image.subarray(-2)]).toEqual([4, 4]);
  });
});
