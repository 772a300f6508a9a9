import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { decodeFileEvents, ioctl, isHungUp, IOCTL, waitUntilReadable, watchOpenings } from './libc.ts';

/** struct termios2: four words of flags, line discipline, 19 control characters, two speeds in baud. */
const SETTINGS_BYTES = 44;
const CONTROL_FLAGS = 8;
const CONTROL_CHARACTERS = 17;
const OUTPUT_SPEED = 40;
const RAW_8N1 = 0x1000 | 0x0080 | 0x0030; // BOTHER: the speeds are in their fields; CREAD; CS8
const MINIMUM_CHARACTERS = 6;

/** What a host that does not read leaves in the way is kept up to here, then lost, as in the board's USB chip. */
const LARGEST_BACKLOG = 65_536;
const READ_BYTES = 4096;

/** The master side of a pseudo-terminal: a serial port that programs open at `path`, and the other end of its cable. */
export class PseudoTerminal {
  readonly path: string;
  private readonly master: number;
  private readonly openings: number;
  private holders = 0;
  private backlog: Buffer = Buffer.alloc(0);
  private readonly input = Buffer.alloc(READ_BYTES);

  constructor() {
    this.master = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    const number = Buffer.alloc(4);
    ioctl(this.master, IOCTL.unlockTerminal, number);
    ioctl(this.master, IOCTL.terminalNumber, number);
    this.path = `/dev/pts/${number.readUInt32LE()}`;
    this.makeRaw();
    // From the first closing on, the master hangs up while nobody has the port open.
    closeSync(openSync(this.path, constants.O_RDWR | constants.O_NOCTTY));
    this.openings = watchOpenings(this.path);
  }

  get isOpen(): boolean {
    return this.holders > 0;
  }

  /** As the program that has it open has set it, in baud. */
  get baudRate(): number {
    return this.settings().readUInt32LE(OUTPUT_SPEED);
  }

  /** Resolves when there is something to read, the port was opened or closed, or the time is over. */
  wait(milliseconds: number): Promise<void> {
    // The master of a port that nobody has open hangs up, which counts as readable.
    const descriptors = this.isOpen ? [this.openings, this.master] : [this.openings];
    return waitUntilReadable(descriptors, milliseconds);
  }

  /**
   * True if the port was opened that nobody had open: when a real port raises DTR. Of two programs that have it open at once, the second makes
   * no difference.
   */
  takeOpening(): boolean {
    let opened = false;
    let hungUp = false;
    let changes = this.takeChanges();
    do {
      for (const change of changes) {
        if (this.holders === 0 && change > 0) opened = true;
        this.holders = Math.max(0, this.holders + change);
      }
      hungUp = isHungUp(this.master);
      changes = this.takeChanges();
    } while (changes.length > 0);
    if (hungUp) this.holders = 0;
    if (!this.isOpen) this.backlog = Buffer.alloc(0);
    return opened;
  }

  read(): Buffer {
    return this.readFrom(this.master);
  }

  /** Bytes for a port that nobody has open are lost. */
  write(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.backlog = Buffer.concat([this.backlog, bytes]).subarray(0, LARGEST_BACKLOG);
    this.flush();
  }

  /** Writes on what the port could not take before. */
  flush(): void {
    if (this.backlog.length === 0) return;
    const written = unlessNotNow(() => writeSync(this.master, this.backlog)) ?? 0;
    this.backlog = this.backlog.subarray(written);
  }

  /** The port disappears, as if unplugged. */
  close(): void {
    closeSync(this.openings);
    closeSync(this.master);
  }

  private readFrom(descriptor: number): Buffer {
    const count = unlessNotNow(() => readSync(descriptor, this.input)) ?? 0;
    return Buffer.from(this.input.subarray(0, count));
  }

  private takeChanges(): number[] {
    return decodeFileEvents(this.readFrom(this.openings));
  }

  private settings(): Buffer {
    const settings = Buffer.alloc(SETTINGS_BYTES);
    ioctl(this.master, IOCTL.getSettings, settings);
    return settings;
  }

  /** No echo, no lines, no translation of characters, until a program sets the port as it wants it. */
  private makeRaw(): void {
    const settings = this.settings();
    settings.fill(0, 0, CONTROL_CHARACTERS);
    settings.writeUInt32LE(RAW_8N1, CONTROL_FLAGS);
    settings[CONTROL_CHARACTERS + MINIMUM_CHARACTERS] = 1;
    ioctl(this.master, IOCTL.setSettings, settings);
  }
}

/** EAGAIN: not now. EIO: nobody has the port open. */
function unlessNotNow(operation: () => number): number | undefined {
  try {
    return operation();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN' || code === 'EIO') return undefined;
    throw error;
  }
}
