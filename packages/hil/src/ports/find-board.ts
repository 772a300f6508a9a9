import { listPorts, type Port } from './list-ports.ts';
import { describePort, describeUno } from './usb-ids.ts';

/**
 * The port of the only Uno, for `--device auto`.
 *
 * @throws Error in one line, if there is none, or several: it names what there is
 */
export async function findBoard(list: () => Promise<readonly Port[]> = listPorts): Promise<string> {
  const ports = await list();
  const boards = ports.filter((port) => describeUno(port) !== undefined);
  if (boards.length === 1) return boards[0].path;
  if (boards.length > 1) {
    throw new Error(`there are several boards, say which with --device: ${boards.map(describePort).join(', ')}`);
  }
  throw new Error(`no Uno was found: ${describeUsbPorts(ports)}`);
}

/** For errors about a port: which others there are. */
export function describeUsbPorts(ports: readonly Port[]): string {
  const names = ports.filter(({ vendorId }) => vendorId !== undefined).map(describePort);
  return names.length === 0
    ? 'there is no USB serial port; is the board plugged in, with a cable that carries data?'
    : `there is ${names.join(', ')}`;
}
