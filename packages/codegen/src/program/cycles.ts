import { type Ledger, addScaled, emptyLedger } from '../assembly/ledger.ts';
import type { AvrProgram } from './avr.ts';
import { type DriverFunction, RUN_ROW } from './driver.ts';
import { NEXT, stepCycles } from './step-code.ts';

export interface ProgramCycles {
  /** By step: all of its iterations. */
  readonly steps: readonly Ledger[];
  /** What the driver takes for an image: `sparrow_begin`, and `sparrow_push_row` for each row, without the steps. */
  readonly driver: number;
}

/** Cycles of one inference, whatever the image. */
export function programCycles({ plan, steps, driver, schedule }: AvrProgram): ProgramCycles {
  const rows = plan.order.length;
  const entries = rows + plan.order.flat().length + schedule.cleared.length;
  const times = ({ name }: DriverFunction): number => {
    if (name === 'sparrow_push_row' || name === RUN_ROW || name === 'sparrow_done') return rows;
    if (name === NEXT) return entries;
    return name === 'sparrow_begin' || name.startsWith('sparrow_clear_') ? 1 : 0;
  };
  const ledger = emptyLedger();
  for (const each of driver) {
    // The first input row is 0; what preprocesses an image does it behind the last one.
    for (let row = 0; row < times(each); row++) addScaled(ledger, each.assembly.cycles({ row }), 1);
  }
  const total = ledger.calls + ledger.borders + ledger.compute + ledger.requantisation;
  return { steps: steps.map(stepCycles), driver: total };
}
