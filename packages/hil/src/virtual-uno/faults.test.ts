import { FAULTS, FaultyLine, noFaults, parseFaults, type FaultName, type FaultOptions } from './faults.ts';

const BYTES = Uint8Array.from({ length: 10_000 }, (_, index) => index);

function send(faults: FaultOptions, { seed = 1, spared = false } = {}) {
  const counts = noFaults();
  let now = 0;
  const line = new FaultyLine(faults, counts, seed, () => now);
  const arrived: number[] = [];
  for (const byte of BYTES) {
    line.push(Uint8Array.of(byte), spared);
    arrived.push(...line.take());
    now++;
  }
  now += 10_000;
  arrived.push(...line.take());
  return { arrived, counts };
}

test.each(Object.keys(FAULTS) as FaultName[])(
  '%s happens as often as it should, the same for the same seed',
  (name) => {
    const faults = { [name]: 0.01 };
    const { arrived, counts } = send(faults);
    expect(counts[name]).toBeGreaterThan(70);
    expect(counts[name]).toBeLessThan(130);
    expect(send(faults)).toEqual({ arrived, counts });
    expect(send(faults, { seed: 2 }).counts).not.toEqual(counts);
    expect(send(faults, { spared: true })).toEqual({ arrived: [...BYTES], counts: noFaults() });
  },
);

test('each fault does what it says', () => {
  const flipped = send({ flip: 0.01 });
  const differences = flipped.arrived.map((byte, index) => byte ^ BYTES[index]).filter((bits) => bits !== 0);
  expect(differences).toHaveLength(flipped.counts.flip);
  expect(differences.every((bits) => Number.isInteger(Math.log2(bits)))).toBe(true);
  const dropped = send({ drop: 0.01 });
  expect(dropped.arrived).toHaveLength(BYTES.length - dropped.counts.drop);
  const doubled = send({ double: 0.01 });
  expect(doubled.arrived).toHaveLength(BYTES.length + doubled.counts.double);
  expect(send({ delay: 0.001 }).arrived).toEqual([...BYTES]);
  const stopped = send({ stop: 0.0001 });
  expect(stopped.arrived).toHaveLength(BYTES.length - 1000 * stopped.counts.stop);
});

test('what is not a fault is refused', () => {
  expect(parseFaults('flip=0.001,cut=1e-5')).toEqual({ flip: 0.001, cut: 1e-5 });
  for (const text of ['', 'flip', 'flip=', 'flip=2', 'melt=0.1']) expect(() => parseFaults(text)).toThrow(/flip, drop/);
});
