import type { Measurement } from '@sparrow/hil';

/** Bytes that an interrupt takes if it comes when the stack is deepest: with fewer images it may not. */
const INTERRUPT_BYTES = 2;

/**
 * Where a measurement of fewer images contradicts the recorded one of all: a line each, none if it reproduces. What does
 * not depend on the images must be equal, the rest lie within the recorded bounds.
 */
export function contradictions(recorded: Measurement, measured: Measurement): string[] {
  const same = (what: string, before: unknown, now: unknown): string[] =>
    before === now ? [] : [`${what} is ${String(now)}, recorded is ${String(before)}`];
  const within = (what: string, now: number, least: number, most: number): string[] =>
    now >= least && now <= most ? [] : [`${what} is ${now}, recorded is ${least} to ${most}`];
  const { cycles, ramBytes } = recorded;
  return [
    ...same('model', recorded.model, measured.model),
    ...same('mismatched logits', 0, recorded.mismatchedLogits),
    ...same('mismatched logits', 0, measured.mismatchedLogits),
    ...same('flashBytes', recorded.flashBytes, measured.flashBytes),
    ...same('modelBytes', recorded.modelBytes, measured.modelBytes),
    ...same('macs', recorded.macs, measured.macs),
    ...same('ramBytes.static', ramBytes.static, measured.ramBytes.static),
    ...within('ramBytes.stack', measured.ramBytes.stack, ramBytes.stack - INTERRUPT_BYTES, ramBytes.stack),
    ...within('cycles.min', measured.cycles.min, cycles.min, cycles.max),
    ...within('cycles.max', measured.cycles.max, cycles.min, cycles.max),
    ...inconsistencies(recorded),
  ];
}

/** Recorded numbers that follow from others, and do not. */
function inconsistencies({ images, correct, accuracy, ramBytes, cycles, macs, cyclesPerMac }: Measurement): string[] {
  const claims: [string, boolean][] = [
    ['accuracy is correct / images', accuracy === correct / images],
    ['ramBytes.total is static + stack', ramBytes.total === ramBytes.static + ramBytes.stack],
    ['cycles.mean lies between min and max', cycles.min <= cycles.mean && cycles.mean <= cycles.max],
    ['cyclesPerMac is cycles.mean / macs', Math.abs(cyclesPerMac - cycles.mean / macs) < 0.001],
  ];
  return claims.filter(([, holds]) => !holds).map(([claim]) => `recorded: it does not hold that ${claim}`);
}
