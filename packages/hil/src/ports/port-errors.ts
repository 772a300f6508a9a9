import { readFile, stat } from 'node:fs/promises';
import { describeUsbPorts } from './find-board.ts';
import { listPorts } from './list-ports.ts';

/** Why a serial port did not open, in one line that says what to do. `complaint`: what serialport said. */
export async function explainOpening(path: string, complaint: string): Promise<Error> {
  if (/no such file|file not found|not a valid port/i.test(complaint)) {
    return new Error(`there is no serial port ${path}: ${describeUsbPorts(await listPorts())}`);
  }
  if (/permission|access denied/i.test(complaint)) {
    const group = await groupOf(path);
    return new Error(
      `no permission to open ${path}: add yourself to its group (\`sudo usermod -aG ${group} $USER\`), log out and in again`,
    );
  }
  if (/busy|temporarily unavailable|cannot lock/i.test(complaint)) {
    return new Error(
      `${path} is busy: another program has it open, close it (Arduino's serial monitor, screen, another run; \`fuser ${path}\` tells which)`,
    );
  }
  return new Error(`cannot open ${path}: ${complaint}: is it the serial port of a board?`);
}

const USUAL_GROUP = 'dialout';

/** The group that owns the port; root's says that udev has given it to nobody. */
async function groupOf(path: string): Promise<string> {
  try {
    const { gid } = await stat(path);
    const entries = (await readFile('/etc/group', 'utf8')).split('\n').map((line) => line.split(':'));
    return (gid === 0 ? undefined : entries.find((entry) => Number(entry[2]) === gid)?.[0]) ?? USUAL_GROUP;
  } catch {
    return USUAL_GROUP;
  }
}
