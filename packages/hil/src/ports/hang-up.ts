import type { EventEmitter } from 'node:events';
import { read } from 'node:fs';
import { promisify } from 'node:util';
import type { SerialPort } from 'serialport';

const readFrom = promisify(read);

/** What serialport has underneath on Linux. */
interface LinuxBinding {
  readonly fd: number | null;
  readonly isOpen: boolean;
  readonly poller: EventEmitter;
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
}

/**
 * Has an open port notice at once that its cable was pulled. Linux lets a read of a line that has hung up return 0 bytes; serialport 13
 * then tries again without end, until all memory is used up. Here it counts as a lost connection. Elsewhere nothing is changed.
 */
export function noticeHangUp({ port }: SerialPort): void {
  if (process.platform !== 'linux') return;
  const binding = port as unknown as LinuxBinding;
  binding.read = async (buffer, offset, length) => {
    for (;;) {
      if (binding.fd === null) throw cancelled();
      try {
        const { bytesRead } = await readFrom(binding.fd, buffer, offset, length, null);
        if (bytesRead > 0) return { buffer, bytesRead };
        throw new Error('the line has hung up');
      } catch (error) {
        if (!isNothingYet(error)) throw error;
      }
      await readable(binding);
    }
  };
}

function isNothingYet(error: unknown): boolean {
  return ['EAGAIN', 'EWOULDBLOCK', 'EINTR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function readable(binding: LinuxBinding): Promise<void> {
  if (!binding.isOpen) throw cancelled();
  return new Promise((resolve, reject) => {
    binding.poller.once('readable', (error: Error | null) => (error ? reject(error) : resolve()));
  });
}

/** serialport's own way to say that the port was closed meanwhile, which is no loss. */
function cancelled(): Error {
  return Object.assign(new Error('Port is not open'), { canceled: true });
}
