import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { execa } from 'execa';
import { PseudoTerminal } from './pseudo-terminal.ts';

const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

describeOnLinux('the pseudo-terminal', () => {
  let terminal: PseudoTerminal;
  beforeEach(() => {
    terminal = new PseudoTerminal();
  });
  afterEach(() => terminal.close());
  const open = (): number => openSync(terminal.path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);

  test('notices every opening, however soon after a closing, but not that of a second program', () => {
    expect({ opened: terminal.takeOpening(), isOpen: terminal.isOpen }).toEqual({ opened: false, isOpen: false });
    const first = open();
    expect({ opened: terminal.takeOpening(), isOpen: terminal.isOpen }).toEqual({ opened: true, isOpen: true });
    const second = open();
    expect(terminal.takeOpening()).toBe(false);
    closeSync(second);
    expect({ opened: terminal.takeOpening(), isOpen: terminal.isOpen }).toEqual({ opened: false, isOpen: true });
    closeSync(first);
    const third = open();
    expect({ opened: terminal.takeOpening(), isOpen: terminal.isOpen }).toEqual({ opened: true, isOpen: true });
    const fourth = open();
    terminal.takeOpening();
    closeSync(third);
    closeSync(fourth);
    expect({ opened: terminal.takeOpening(), isOpen: terminal.isOpen }).toEqual({ opened: false, isOpen: false });
  });

  test('passes every byte on as it is, both ways', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const port = open();
    terminal.takeOpening();
    writeSync(port, bytes);
    expect([...terminal.read()]).toEqual([...bytes]);
    terminal.write(bytes);
    const buffer = Buffer.alloc(512);
    expect(readSync(port, buffer)).toBe(256);
    expect([...buffer.subarray(0, 256)]).toEqual([...bytes]);
    closeSync(port);
  });

  test('bytes for a port that nobody has open are lost', () => {
    closeSync(open());
    terminal.takeOpening();
    terminal.write(Uint8Array.of(1));
    const port = open();
    terminal.takeOpening();
    terminal.write(Uint8Array.of(2));
    const buffer = Buffer.alloc(8);
    expect(readSync(port, buffer)).toBe(1);
    expect(buffer[0]).toBe(2);
    closeSync(port);
  });

  test('a host that does not read loses what is sent last', () => {
    const port = open();
    terminal.takeOpening();
    for (let kilobyte = 0; kilobyte < 200; kilobyte++) terminal.write(Buffer.alloc(1024, kilobyte));
    const buffer = Buffer.alloc(1024);
    let total = 0;
    for (let count = readSync(port, buffer); count > 0;) {
      total += count;
      terminal.flush();
      try {
        count = readSync(port, buffer);
      } catch {
        break; // EAGAIN: that was all
      }
    }
    expect(total).toBeGreaterThan(65_536 - 1);
    expect(total).toBeLessThan(200 * 1024);
    closeSync(port);
  });

  test('knows the rate that a program has set', async () => {
    const port = open();
    for (const baudRate of [57_600, 500_000]) {
      await execa('stty', ['-F', terminal.path, String(baudRate)]);
      expect(terminal.baudRate).toBe(baudRate);
    }
    closeSync(port);
  });

  test('waits until something happens', async () => {
    const start = performance.now();
    const waiting = terminal.wait(5000);
    const port = open();
    await waiting;
    terminal.takeOpening();
    const reading = terminal.wait(5000);
    writeSync(port, 'x');
    await reading;
    expect(performance.now() - start).toBeLessThan(4000);
    closeSync(port);
  });
});
