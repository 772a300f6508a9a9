import type { Assembly } from '../../assembly/assembly.ts';
import { addToPair } from '../../assembly/idioms.ts';
import { r, X } from '../../assembly/registers.ts';
import type { OutputVariables } from './outputs.ts';
import type { Tile } from './tile.ts';
import { phaseIsCounted, shareOfPhase, shareOfWraps } from './tile-run.ts';

/** The first tile begins with a window of the max-pool. */
export function setPhase({ emit }: Assembly, { registers: { high }, run }: Tile, { phase }: OutputVariables): void {
  if (run.phases.length === 1 || phaseIsCounted(run)) return;
  emit('ldi', r(high), 0);
  emit('sts', phase, r(high));
}

/** To the next tile's phase; X, which has moved by whole windows only, moves on if a further one is done. */
export function nextPhase(
  assembly: Assembly,
  { registers: { high }, pixels, run }: Tile,
  { phase }: OutputVariables,
  back: number,
): void {
  const { emit } = assembly;
  const { poolWidth } = run;
  const step = (pixels - back) % poolWidth;
  if (run.phases.length === 1 || phaseIsCounted(run) || step === 0) return;
  const same = assembly.newLabel('window');
  const wraps = shareOfWraps(run, back);
  emit('lds', r(high), phase);
  emit('subi', r(high), -step);
  emit('cpi', r(high), poolWidth);
  emit('brlo', same);
  assembly.spend(1 - wraps);
  assembly.sometimes(wraps, () => {
    emit('subi', r(high), poolWidth);
    addToPair(assembly, X, 1);
  });
  assembly.label(same);
  emit('sts', phase, r(high));
}

/** Emits `body` for each phase, and what jumps to the one that it is. */
export function forPhase(
  assembly: Assembly,
  { registers: { high }, run }: Tile,
  { phase: address }: OutputVariables,
  body: (phase: number) => void,
): void {
  const { emit } = assembly;
  const { phases } = run;
  const end = assembly.newLabel('stored');
  if (phases.length > 1) emit('lds', r(high), address);
  let share = 1;
  phases.forEach((phase, index) => {
    const own = shareOfPhase(run, phase);
    if (index === phases.length - 1) return assembly.sometimes(own, () => body(phase));
    const [here, other] = [assembly.newLabel('phase'), assembly.newLabel('other')];
    assembly.sometimes(share, () => {
      emit('cpi', r(high), phaseIsCounted(run) ? run.tiles : phase);
      emit('breq', here);
    });
    assembly.sometimes(share - own, () => emit('rjmp', other));
    assembly.label(here);
    assembly.sometimes(own, () => {
      assembly.spend(1);
      body(phase);
      emit('rjmp', end);
    });
    assembly.label(other);
    share -= own;
  });
  assembly.label(end);
}
