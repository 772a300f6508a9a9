import { flashUno } from './avrdude.ts';

test('a missing avrdude is one line with what to install', async () => {
  await expect(flashUno('/dev/ttyACM0', ':00000001FF\n', 'no-such-avrdude')).rejects.toThrow(
    /^avrdude is missing[^\n]*apt-get install avrdude[^\n]*$/,
  );
});

test('a failing avrdude is one line with the port', async () => {
  await expect(flashUno('/dev/ttyNowhere', ':00000001FF\n', 'false')).rejects.toThrow(
    /^flashing the board at \/dev\/ttyNowhere failed: [^\n]+$/,
  );
});
