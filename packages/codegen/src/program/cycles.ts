import { type Ledger, addScaled, emptyLedger } from '../assembly/ledger.ts';
import { MAKE_ROW, PLACE_IMAGE, TAKE_ROW } from '../preprocessing/names.ts';
import type { AvrProgram } from './avr.ts';
import { BEGIN, DONE, type DriverFunction, PUSH_ROW, RUN_ROW } from './driver.ts';
import { NEXT, stepCycles } from './step-code.ts';

export interface ProgramCycles {
  /** By step: all of its iterations. */
  readonly steps: readonly Ledger[];
  /** What the driver takes for an image: `sparrow_begin`, and `sparrow_push_row` for each row, without the steps. */
  readonly driver: number;
}

const ONCE_A_ROW: readonly string[] = [TAKE_ROW, MAKE_ROW, RUN_ROW, DONE];
const ONCE_AN_IMAGE: readonly string[] = [BEGIN, PLACE_IMAGE];

/** Cycles of one inference, whatever the image. */
export function programCycles({ plan, steps, driver, schedule }: AvrProgram): ProgramCycles {
  const rows = plan.order.length;
  const entries = rows + plan.order.flat().length + schedule.cleared.length;
  const times = ({ name }: DriverFunction): number => {
    if (ONCE_A_ROW.includes(name)) return rows;
    if (name === NEXT) return entries;
    return ONCE_AN_IMAGE.includes(name) || name.startsWith('sparrow_clear_') ? 1 : 0;
  };
  const ledger = emptyLedger();
  for (const each of driver) {
    if (each.name !== PUSH_ROW) addScaled(ledger, each.assembly.cycles({}), times(each));
    // The first input row is 0; what preprocesses an image does it behind the last one.
    else for (let row = 0; row < rows; row++) addScaled(ledger, each.assembly.cycles({ row }), 1);
  }
  const total = ledger.calls + ledger.borders + ledger.compute + ledger.requantisation;
  return { steps: steps.map(stepCycles), driver: total };
}
