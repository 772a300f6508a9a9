import { chmod } from 'node:fs/promises';
import { flashBoard, openSerialDevice } from '../serial-device.ts';
import { buildFirmware } from '../build.ts';
import { handWrittenNetwork, SUM_NETWORK } from '../testing/hand-written.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../testing/pseudo-terminal.ts';
import { SerialLine } from './serial-line.ts';

/** The six lines, each for what only it is about; foreign firmware is in serial-device.test.ts, too. */
const LINES = {
  noSuchPort: /^there is no serial port \/dev\/ttyNowhere: [^\n]+$/,
  noPermission: /^no permission to open [^\n]+ add yourself to its group \(`sudo usermod -aG \w+ \$USER`\)[^\n]*$/,
  busy: /^\S+ is busy: another program has it open, close it [^\n]+$/,
  bootloaderSilent: /^the bootloader of the board at \S+ is silent: [^\n]+\?$/,
  wrongBoard:
    /^the board at \S+ is none with an ATmega328P \(signature 1E 95 0F\), its chip says 1E 98 01 \(ATmega2560\): plug in an Uno$/,
  foreignFirmware: /^the board at \S+ does not run this model's firmware but another program[^\n]*--no-flash\)$/,
};

/** The error's message matches its own line, and no other. */
async function expectLine(attempt: Promise<unknown>, expected: keyof typeof LINES): Promise<void> {
  const message = await attempt.then(
    () => 'no error',
    (error: Error) => error.message,
  );
  const matches = Object.entries(LINES).filter(([, line]) => line.test(message));
  expect({ message, lines: matches.map(([name]) => name) }).toEqual({ message, lines: [expected] });
}

const PROGRAM = ':0400000000000000FC\n:00000001FF\n';
const BAUD_RATE = 115_200;

describe('a port', () => {
  let terminal: PseudoTerminal;
  beforeEach(async () => {
    terminal = await openPseudoTerminal();
  });
  afterEach(() => terminal.close());

  test('that is not there', () => expectLine(SerialLine.open('/dev/ttyNowhere', BAUD_RATE), 'noSuchPort'));

  test('that belongs to others', async () => {
    await chmod(terminal.path, 0);
    // Root may open anything, so it is somebody else for a moment.
    const wasRoot = process.geteuid?.() === 0;
    if (wasRoot) process.seteuid?.(65_534);
    const attempt = SerialLine.open(terminal.path, BAUD_RATE);
    await expectLine(attempt, 'noPermission').finally(() => {
      if (wasRoot) process.seteuid?.(0);
    });
  });

  test('that another program has open', async () => {
    const line = await SerialLine.open(terminal.path, BAUD_RATE);
    await expectLine(SerialLine.open(terminal.path, BAUD_RATE), 'busy');
    await line.close();
  });

  test('behind which nothing answers', () => expectLine(flashBoard(terminal.path, PROGRAM), 'bootloaderSilent'));

  test('of a board with another chip', async () => {
    // The answers of Optiboot on another chip; an emulated ATmega328P cannot be made to give them.
    const answers: Record<string, number[]> = { '3020': [0x14, 0x10], '7520': [0x14, 0x1e, 0x98, 0x01, 0x10] };
    terminal.onData = (bytes) => {
      const answer = answers[Buffer.from(bytes).toString('hex')];
      if (answer) terminal.write(Uint8Array.from(answer));
    };
    await expectLine(flashBoard(terminal.path, PROGRAM), 'wrongBoard');
  });

  test('of a board with another program, if that is to be left alone', async () => {
    const firmware = await buildFirmware(handWrittenNetwork(SUM_NETWORK));
    await expectLine(openSerialDevice(terminal.path, firmware, { flash: false }), 'foreignFirmware');
  });
});
