import { flashWithAvrdude } from './avrdude.ts';

const PROGRAM = ':0400000000000000FC\n:00000001FF\n';

test('a missing avrdude is one line with what to do', async () => {
  await expect(flashWithAvrdude('/dev/ttyACM0', PROGRAM, 'no-such-avrdude')).rejects.toThrow(
    /^avrdude is missing[^\n]*apt-get install avrdude[^\n]*$/,
  );
});

test('a failing avrdude is one line with the port', async () => {
  await expect(flashWithAvrdude('/dev/ttyNowhere', PROGRAM, 'false')).rejects.toThrow(
    /^flashing the board at \/dev\/ttyNowhere failed: [^\n]+$/,
  );
});
