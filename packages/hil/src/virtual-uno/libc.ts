import koffi from 'koffi';

/**
 * The calls of Linux's C library that a pseudo-terminal takes and Node does not have. Numbers are those of <asm-generic/ioctls.h>,
 * <sys/inotify.h> and <poll.h>.
 */
function bind() {
  const library = koffi.load(null);
  return {
    ioctl: library.func('int ioctl(int descriptor, unsigned long request, _Inout_ uint8_t *argument)'),
    poll: library.func('int poll(_Inout_ uint8_t *descriptors, unsigned long count, int milliseconds)'),
    inotifyInit: library.func('int inotify_init1(int flags)'),
    inotifyAddWatch: library.func('int inotify_add_watch(int descriptor, const char *path, uint32_t mask)'),
  };
}

let functions: ReturnType<typeof bind> | undefined;

/** Bound on first use: other systems may load this file. */
const libc = (): ReturnType<typeof bind> => (functions ??= bind());

export const IOCTL = {
  unlockTerminal: 0x4004_5431, // TIOCSPTLCK
  terminalNumber: 0x8004_5430, // TIOCGPTN
  getSettings: 0x802c_542a, // TCGETS2
  setSettings: 0x402c_542b, // TCSETS2
} as const;

/** `argument`: what the request reads, and writes. */
export function ioctl(descriptor: number, request: number, argument: Buffer): void {
  check(libc().ioctl(descriptor, request, argument) as number, 'ioctl');
}

const POLL_IN = 0x01;
const POLL_HANG_UP = 0x10;
const POLL_ENTRY_BYTES = 8;

function pollEntries(descriptors: readonly number[]): Buffer {
  const entries = Buffer.alloc(POLL_ENTRY_BYTES * descriptors.length);
  descriptors.forEach((descriptor, index) => {
    entries.writeInt32LE(descriptor, POLL_ENTRY_BYTES * index);
    entries.writeInt16LE(POLL_IN, POLL_ENTRY_BYTES * index + 4);
  });
  return entries;
}

/** True of the master of a terminal that nobody has open, and somebody had. */
export function isHungUp(descriptor: number): boolean {
  const entry = pollEntries([descriptor]);
  check(libc().poll(entry, 1, 0) as number, 'poll');
  return (entry.readInt16LE(6) & POLL_HANG_UP) !== 0;
}

/** Resolves when one of the descriptors can be read (or never will again), or the time is over. It occupies a thread of libuv's pool. */
export function waitUntilReadable(descriptors: readonly number[], milliseconds: number): Promise<void> {
  const entries = pollEntries(descriptors);
  return new Promise((resolve, reject) => {
    libc().poll.async(entries, descriptors.length, milliseconds, (error: Error | null) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

const INOTIFY_NONBLOCK_CLOEXEC = 0x80800;
const IN_CLOSE_WRITE = 0x08;
const IN_CLOSE_NOWRITE = 0x10;
const IN_OPEN = 0x20;

/**
 * A descriptor from which `decodeFileEvents` gets every opening and closing of a file. The kernel makes one of several openings, or closings,
 * in a row that have not been read.
 */
export function watchOpenings(path: string): number {
  const descriptor = check(libc().inotifyInit(INOTIFY_NONBLOCK_CLOEXEC) as number, 'inotify_init1');
  check(
    libc().inotifyAddWatch(descriptor, path, IN_OPEN | IN_CLOSE_WRITE | IN_CLOSE_NOWRITE) as number,
    'inotify_add_watch',
  );
  return descriptor;
}

/** What was read from an inotify descriptor, in order: +1 for an opening, −1 for a closing. */
export function decodeFileEvents(bytes: Buffer): number[] {
  const changes: number[] = [];
  for (let offset = 0; offset < bytes.length; offset += 16 + bytes.readUInt32LE(offset + 12)) {
    const mask = bytes.readUInt32LE(offset + 4);
    if (mask & IN_OPEN) changes.push(1);
    if (mask & (IN_CLOSE_WRITE | IN_CLOSE_NOWRITE)) changes.push(-1);
  }
  return changes;
}

function check(result: number, name: string): number {
  if (result < 0) throw new Error(`${name} failed with error ${koffi.errno()}`);
  return result;
}
