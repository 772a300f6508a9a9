import type { Port } from './list-ports.ts';

/** USB vendor and product ids of boards with an ATmega328P and the Uno's bootloader, and what they mean. */
const UNO_IDS: Readonly<Record<string, string>> = {
  '2341:0043': 'Arduino Uno R3',
  '2341:0001': 'Arduino Uno',
  '2341:0243': 'Arduino Uno R3',
  '2A03:0043': 'Arduino Uno R3 of arduino.org',
  '2A03:0001': 'Arduino Uno of arduino.org',
  '2341:006A': 'Arduino Uno Mini',
  '1A86:7523': 'USB adapter CH340, as on most Uno clones',
  '1A86:5523': 'USB adapter CH341, as on some Uno clones',
  '0403:6001': 'USB adapter FT232R of FTDI, as on older boards',
  '0403:6015': 'USB adapter FT231X of FTDI',
  '10C4:EA60': 'USB adapter CP2102 of Silicon Labs, as on some Uno clones',
};

/** Boards that people plug in by mistake. */
const OTHER_IDS: Readonly<Record<string, string>> = {
  '2341:0010': 'Arduino Mega 2560',
  '2341:0042': 'Arduino Mega 2560 R3',
  '2341:0036': "Arduino Leonardo's bootloader",
  '2341:8036': 'Arduino Leonardo',
  '2341:0058': 'Arduino Nano Every',
  '2341:0069': 'Arduino Uno R4 Minima',
  '2341:1002': 'Arduino Uno R4 WiFi',
};

/** What may be an Uno, by its USB ids; undefined if they say nothing, or something else. */
export function describeUno(port: Port): string | undefined {
  return UNO_IDS[idsOf(port)];
}

/** `/dev/ttyACM0 (Arduino Uno R3)` */
export function describePort(port: Port): string {
  const ids = idsOf(port);
  const meaning = UNO_IDS[ids] ?? OTHER_IDS[ids] ?? (port.vendorId === undefined ? undefined : `USB ids ${ids}`);
  return meaning === undefined ? port.path : `${port.path} (${meaning})`;
}

function idsOf({ vendorId, productId }: Port): string {
  return `${vendorId}:${productId}`;
}
