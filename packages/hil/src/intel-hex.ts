/**
 * Intel HEX, the 16-bit kind that `avr-objcopy -O ihex` writes for up to 64 KB: records 00 (data) and 01 (end), with
 * segment records (02, 03) that address 0 only.
 */
export interface HexImage {
  /** `size` bytes; 0xFF, erased flash, where the file says nothing. */
  readonly bytes: Uint8Array;
  /** Bytes that the file gives. */
  readonly usedBytes: number;
  /** Address behind the last of them. */
  readonly end: number;
}

/** @throws Error naming the line, if a record is malformed, its checksum is wrong or it lies outside of `size` bytes */
export function parseIntelHex(text: string, size: number): HexImage {
  const bytes = new Uint8Array(size).fill(0xff);
  let usedBytes = 0;
  let end = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === '') continue;
    const complain = (what: string): Error => new Error(`HEX file, line ${index + 1}: ${what}`);
    const record = parseRecord(line);
    if (record === undefined) throw complain('not a record with a valid checksum');
    if (record.type === 1) return { bytes, usedBytes, end };
    if (record.type !== 0) {
      if (record.data.some((byte) => byte !== 0)) throw complain('addresses beyond 64 KB are not supported');
      continue;
    }
    if (record.address + record.data.length > size) throw complain(`address beyond ${size} bytes`);
    bytes.set(record.data, record.address);
    usedBytes += record.data.length;
    end = Math.max(end, record.address + record.data.length);
  }
  throw new Error('HEX file: ends without an end record, it is truncated');
}

function parseRecord(line: string): { address: number; type: number; data: Uint8Array } | undefined {
  if (!/^:([0-9a-f]{2}){5,}$/i.test(line)) return undefined;
  const record = Buffer.from(line.slice(1), 'hex');
  const sum = record.reduce((total, byte) => total + byte, 0) & 0xff;
  if (sum !== 0 || record.length !== record[0] + 5) return undefined;
  return { address: record.readUInt16BE(1), type: record[3], data: record.subarray(4, -1) };
}
