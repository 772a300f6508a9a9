import type { Purpose } from './attribution.ts';
import { PHASES, type Phase } from './phases.ts';

const KINDS = ['schedule', 'preprocessing', 'cycleCounter', 'serialLine'] as const;
type Kind = (typeof KINDS)[number];

/**
 * Cycles by purpose. Shared code works for the layer and phase that ran before it, since layers call it and are not interrupted by each
 * other.
 */
export class CycleAccount {
  private readonly slots: readonly (number | Extract<Purpose, { kind: 'shared' }>)[];
  private readonly cycles: Float64Array;
  private readonly layers: number;
  /** Where the last instruction was booked that was not shared. */
  private last: number;

  /** `purposes`: by word address. */
  constructor(purposes: readonly Purpose[], layers: number) {
    this.layers = layers;
    this.slots = purposes.map((purpose) => {
      if (purpose.kind === 'shared') return purpose;
      return purpose.kind === 'layer' ? this.layerSlot(purpose.layer, purpose.phase) : this.kindSlot(purpose.kind);
    });
    this.cycles = new Float64Array(layers * PHASES.length + KINDS.length);
    this.last = this.kindSlot('serialLine');
  }

  /** An `InstructionListener`. */
  readonly charge = (address: number, cycles: number): void => {
    const slot = this.slots[address];
    if (typeof slot !== 'number') this.cycles[this.sharedSlot(slot?.phase)] += cycles;
    else {
      this.cycles[slot] += cycles;
      if (slot !== this.kindSlot('cycleCounter')) this.last = slot;
    }
  };

  clear(): void {
    this.cycles.fill(0);
  }

  ofLayer(layer: number, phase: Phase): number {
    return this.cycles[this.layerSlot(layer, phase)];
  }

  ofKind(kind: Kind): number {
    return this.cycles[this.kindSlot(kind)];
  }

  private sharedSlot(phase: Phase | undefined): number {
    const isLayer = this.last < this.layers * PHASES.length;
    return isLayer && phase ? this.layerSlot(Math.floor(this.last / PHASES.length), phase) : this.last;
  }

  private layerSlot(layer: number, phase: Phase): number {
    return layer * PHASES.length + PHASES.indexOf(phase);
  }

  private kindSlot(kind: Kind): number {
    return this.layers * PHASES.length + KINDS.indexOf(kind);
  }
}
