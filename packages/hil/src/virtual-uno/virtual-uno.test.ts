import { closeSync, constants, existsSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { execa } from 'execa';
import { createAvr8jsDevice } from '../avr8js-device.ts';
import { buildFirmware, type Firmware } from '../build.ts';
import { SerialLine } from '../ports/serial-line.ts';
import { openSerialDevice } from '../serial-device.ts';
import { compileAt } from '../testing/boot-program.ts';
import { handWrittenNetwork, SUM_NETWORK } from '../testing/hand-written.ts';
import { describeWithOptiboot } from '../testing/with-optiboot.ts';
import { startVirtualUno, type VirtualUno, type VirtualUnoOptions } from './index.ts';

const BOOTLOADER_BAUD_RATE = 115_200;
const GET_SYNC = [0x30, 0x20];
const IN_SYNC = [0x14, 0x10];
const LEAVE_BOOTLOADER = [0x51, 0x20];

/** A program that sends back each byte, plus how many there were before. */
const COUNTING_ECHO = `
  #include <avr/io.h>
  __attribute__((naked, section(".init9"))) int main(void) {
    __asm__ volatile("clr r1");
    UBRR0L = 16; UCSR0A = _BV(U2X0); UCSR0B = _BV(RXEN0) | _BV(TXEN0);
    for (uint8_t count = 0;; count++) {
      while (!(UCSR0A & _BV(RXC0)));
      uint8_t byte = UDR0;
      while (!(UCSR0A & _BV(UDRE0)));
      UDR0 = byte + count;
    }
  }`;

/** An open port, with all that has arrived. */
class Host {
  private readonly line: SerialLine;
  private readonly received: number[] = [];

  private constructor(line: SerialLine) {
    this.line = line;
    line.onData = (bytes) => this.received.push(...bytes);
  }

  static async open(path: string, baudRate = BOOTLOADER_BAUD_RATE): Promise<Host> {
    return new Host(await SerialLine.open(path, baudRate));
  }

  get isLost(): boolean {
    return this.line.lost !== undefined;
  }

  /** What arrives within the time after sending, until there are `count` bytes. */
  async ask(bytes: readonly number[], count: number, milliseconds = 5000): Promise<number[]> {
    this.received.length = 0;
    this.line.write(Uint8Array.from(bytes));
    const end = performance.now() + milliseconds;
    while (this.received.length < count && performance.now() < end) await setTimeout(5);
    return this.received.slice();
  }

  /** Has the bootloader start the program, which may take its time. @returns how many bytes the program has had by then */
  async startProgram(): Promise<number> {
    expect(await this.ask(LEAVE_BOOTLOADER, 2)).toEqual(IN_SYNC);
    for (;;) {
      await setTimeout(60);
      const [count] = await this.ask([0], 1, 1000);
      if (count !== undefined) return count + 1;
    }
  }

  close(): Promise<void> {
    return this.line.close();
  }
}

async function upload(path: string, hex: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sparrow-test-'));
  const hexPath = join(folder, 'firmware.hex');
  await writeFile(hexPath, hex);
  const line = ['-c', 'arduino', '-p', 'm328p', '-P', path, '-b', String(BOOTLOADER_BAUD_RATE), '-D'];
  await execa('avrdude', [...line, '-U', `flash:w:${hexPath}:i`]);
  await rm(folder, { recursive: true });
}

describeWithOptiboot('the virtual Uno', () => {
  const unos: VirtualUno[] = [];
  const start = async (options: VirtualUnoOptions = {}): Promise<VirtualUno> => {
    const uno = await startVirtualUno(options);
    unos.push(uno);
    return uno;
  };
  let firmware: Firmware;
  let echo: string;
  beforeAll(async () => {
    firmware = await buildFirmware(handWrittenNetwork(SUM_NETWORK));
    echo = (await compileAt(0, COUNTING_ECHO)).hex;
  });
  afterEach(() => Promise.all(unos.splice(0).map((uno) => uno.close())));

  test('avrdude flashes a blank chip and reads back; the program runs, with the cycles of the emulator', async () => {
    const { path } = await start();
    await upload(path, firmware.hex);
    const device = await openSerialDevice(path, firmware);
    const emulated = createAvr8jsDevice(firmware);
    for (const fill of [0, 9, 255]) {
      const image = new Uint8Array(24).fill(fill);
      await expect(device.infer(image)).resolves.toEqual(await emulated.infer(image));
    }
    await device.close();
  });

  test('at 16 MHz by the wall clock, too', async () => {
    const { path } = await start({ pace: 'real' });
    await upload(path, echo);
    const host = await Host.open(path);
    await setTimeout(500); // at this pace, three characters wait while the bootloader flashes its LED
    const count = await host.startProgram();
    expect(await host.ask([10, 10], 2)).toEqual([count + 10, count + 11]);
    await host.close();
  });

  test('opening the port resets the chip', async () => {
    const { path } = await start({ firmwareHex: echo });
    for (let opening = 0; opening < 3; opening++) {
      const host = await Host.open(path);
      expect(await host.ask(GET_SYNC, 2)).toEqual(IN_SYNC);
      expect(await host.startProgram()).toBeLessThan(50);
      expect(await host.ask(new Array<number>(100).fill(0), 100)).toHaveLength(100);
      await host.close();
    }
  });

  test('a host at another rate is not understood', async () => {
    const { path } = await start();
    const host = await Host.open(path, 57_600);
    expect(await host.ask(GET_SYNC, 2, 300)).not.toEqual(IN_SYNC);
    await host.close();
  });

  test('an unplugged port is gone; plugged in again, it has its name and what was flashed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sparrow-test-'));
    const link = join(folder, 'ttyUno');
    const uno = await start({ firmwareHex: echo, link });
    expect({ path: uno.path, port: await readlink(link) }).toEqual({
      path: link,
      port: expect.stringMatching(/^\/dev/),
    });
    const port = openSync(link, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    uno.unplug();
    await setTimeout(100);
    expect(() => writeSync(port, 'x')).toThrow(/EIO/);
    closeSync(port);
    await expect(readlink(link)).rejects.toThrow(/ENOENT/);
    uno.plugIn();
    const after = await Host.open(link);
    expect(await after.startProgram()).toBeLessThan(50);
    await after.close();
    await rm(folder, { recursive: true });
  });

  test('faults damage what the program gets and sends, not what the bootloader does', async () => {
    const uno = await start({ firmwareHex: echo, faults: { drop: 0.05 }, seed: 3 });
    const host = await Host.open(uno.path);
    for (let sync = 0; sync < 50; sync++) expect(await host.ask(GET_SYNC, 2)).toEqual(IN_SYNC);
    expect(uno.faultCounts.drop).toBe(0);
    await host.startProgram();
    for (let exchange = 0; uno.faultCounts.drop < 10 && exchange < 20; exchange++) {
      const before = uno.faultCounts.drop;
      const answers = await host.ask(new Array<number>(200).fill(0), 200, 1000);
      expect(answers).toHaveLength(200 - (uno.faultCounts.drop - before));
    }
    expect(uno.faultCounts.drop).toBeGreaterThanOrEqual(10);
    await host.close();
  });

  test('a cut cable is plugged in again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sparrow-test-'));
    const uno = await start({ firmwareHex: echo, faults: { cut: 1 }, link: join(folder, 'ttyUno') });
    const host = await Host.open(uno.path);
    expect(await host.ask(LEAVE_BOOTLOADER, 2)).toEqual(IN_SYNC);
    for (; !host.isLost; await setTimeout(20)) await host.ask([0], 1, 20);
    expect(uno.faultCounts.cut).toBe(1);
    await host.close();
    while (!existsSync(uno.path)) await setTimeout(20);
    const again = await Host.open(uno.path);
    expect(await again.ask(GET_SYNC, 2)).toEqual(IN_SYNC);
    await again.close();
    await rm(folder, { recursive: true });
  });

  test('a link that is no link is refused', async () => {
    await expect(startVirtualUno({ link: tmpdir() })).rejects.toThrow(/is there and not a link/);
  });
});
