import Table from 'cli-table3';
import pc from 'picocolors';
import { ATMEGA328P, millisecondsOf, USABLE_FLASH_BYTES } from '../atmega328p.ts';
import { PHASES } from './phases.ts';
import type { LayerProfile, Profile } from './profile.ts';

const count = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });
const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

/** A profile for people: a row a layer, then what belongs to none. */
export function formatProfile(profile: Profile): string {
  const { cycles, flashBytes, ramBytes } = profile;
  const table = new Table({
    head: ['layer', 'MACs', 'cycles', 'share', 'a MAC', ...PHASES, 'parameters, B', 'code, B', 'RAM, B'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', ...Array.from({ length: 6 + PHASES.length }, () => 'right' as const)],
  });
  const row = (name: string, rowCycles: number, code: number): string[] => [
    ...[name, '', count(rowCycles), percent(rowCycles, cycles), ''],
    ...PHASES.map(() => ''),
    ...['', count(code), ''],
  ];
  table.push(['input', ...Array.from({ length: 6 + PHASES.length }, () => ''), count(ramBytes.input)]);
  for (const layer of profile.layers) table.push(layerRow(layer, cycles));
  if (profile.preprocessingCycles > 0) {
    table.push(row('preprocessing', profile.preprocessingCycles, flashBytes.preprocessing));
  }
  table.push(row('schedule', profile.scheduleCycles, flashBytes.schedule));
  table.push(row('cycle counter, library, start-up', profile.cycleCounterCycles, flashBytes.other));
  const milliseconds = millisecondsOf(cycles);
  const phases = PHASES.map((phase) => `${phase} ${percent(profile.phases[phase], cycles)}`);
  return [
    `${pc.bold(profile.model)}, mean of ${profile.images} images`,
    table.toString(),
    `  cycles      ${count(cycles)} (${milliseconds.toFixed(2)} ms), ${profile.cyclesPerMac.toFixed(2)} a MAC: ${phases.join(', ')}`,
    `  serial line ${count(profile.serialLineCycles)} cycles an image besides, with a line that is never waited for; ${count(flashBytes.serialLine)} B of flash`,
    `  flash       ${count(flashBytes.total)} B of ${count(USABLE_FLASH_BYTES)}`,
    `  RAM         ${count(ramBytes.total)} B of ${count(ATMEGA328P.ramBytes)}: buffers ${count(ramBytes.buffers)} (shared where lives do not overlap), other static ${count(ramBytes.static - ramBytes.buffers)}, stack ${count(ramBytes.stack)}`,
  ].join('\n');
}

function layerRow({ name, macs, cycles, cyclesPerMac, phases, flashBytes, ramBytes }: LayerProfile, all: number) {
  return [
    ...[name, macs > 0 ? count(macs) : '', count(cycles), percent(cycles, all), cyclesPerMac?.toFixed(2) ?? ''],
    ...PHASES.map((phase) => percent(phases[phase], cycles)),
    ...[count(flashBytes.parameters), count(flashBytes.code), count(ramBytes)],
  ];
}
