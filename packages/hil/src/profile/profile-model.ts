import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planModel } from '@sparrow/codegen';
import { countMacs, type MemoryPlan, type Model } from '@sparrow/model';
import { createAvr8jsDevice } from '../avr8js-device.ts';
import { EMULATOR_BAUD_RATE, type Firmware } from '../build.ts';
import { buildModel } from '../build-model.ts';
import { createChip } from '../emulator/chip.ts';
import { checkRam } from '../fit.ts';
import { round } from '../measure.ts';
import { findToolchain } from '../toolchain.ts';
import { createAttribution, type Attribution, type Purpose } from './attribution.ts';
import { CycleAccount } from './cycle-account.ts';
import { accountFlash, isTable, type FlashAccount } from './flash-account.ts';
import { PHASES, type Phase } from './phases.ts';
import type { LayerProfile, PhaseCycles, Profile } from './profile.ts';
import { sourceLines } from './source-lines.ts';
import { flashSymbols, type FlashSymbol } from './symbols.ts';

/**
 * Runs each image once on the emulated chip, instruction by instruction. `images`: pixels, an array for each.
 *
 * @throws DoesNotFitError if the model needs more flash or RAM than the chip has
 */
export async function profileModel(model: Model, images: readonly Uint8Array[]): Promise<Profile> {
  const folder = await mkdtemp(join(tmpdir(), 'sparrow-profile-'));
  try {
    const { sources, firmware } = await buildModel(model, { folder, baudRate: EMULATOR_BAUD_RATE, debug: true });
    const plan = planModel(model);
    const symbols = await flashSymbols(join(folder, 'firmware.elf'), findToolchain());
    const attribution = createAttribution(model.architecture, plan, sources);
    const purposes = await findPurposes(join(folder, 'firmware.elf'), firmware.flashBytes, symbols, attribution);
    const run = await runImages(firmware, purposes, model, images);
    const flash = accountFlash(purposes, symbols, model.architecture.layers, firmware.flashBytes);
    return summarize({ model, plan, firmware, flash, images: images.length, ...run });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** By word address. Linker relaxation leaves debug information wrong around library functions: symbols have the last word. */
async function findPurposes(
  elf: string,
  flashBytes: number,
  symbols: readonly FlashSymbol[],
  attribution: Attribution,
): Promise<Purpose[]> {
  const addresses = Array.from({ length: Math.ceil(flashBytes / 2) }, (_, word) => 2 * word);
  const frames = await sourceLines(elf, addresses, findToolchain());
  const names = new Array<string | undefined>(addresses.length);
  for (const { name, address, bytes } of symbols) names.fill(name, address >> 1, (address + bytes) >> 1);
  return addresses.map((_, word): Purpose => {
    const name = names[word];
    if (name === undefined || isTable(name)) return { kind: 'shared' };
    return attribution(frames[word].at(-1)?.function === name ? frames[word] : [{ function: name, file: '', line: 0 }]);
  });
}

interface ProfiledRun {
  readonly account: CycleAccount;
  readonly stackBytes: number;
}

async function runImages(
  firmware: Firmware,
  purposes: readonly Purpose[],
  model: Model,
  images: readonly Uint8Array[],
): Promise<ProfiledRun> {
  const account = new CycleAccount(purposes, model.architecture.layers.length);
  const chip = createChip(firmware.flash, { onInstruction: account.charge });
  const device = createAvr8jsDevice(firmware, { chip });
  await device.identify();
  account.clear();
  for (const image of images) await device.infer(image);
  checkRam(firmware.staticRamBytes, device.stackBytes(), firmware.largestBuffer);
  return { account, stackBytes: device.stackBytes() };
}

interface Findings extends ProfiledRun {
  readonly model: Model;
  readonly plan: MemoryPlan;
  readonly firmware: Firmware;
  readonly flash: FlashAccount;
  readonly images: number;
}

function summarize({ model, plan, firmware, flash, images, account, stackBytes }: Findings): Profile {
  const mean = (cycles: number): number => Math.round(cycles / images);
  const macs = countMacs(model.architecture);
  const layers = model.architecture.layers.map(({ name, kind }, index): LayerProfile => {
    const phases = byPhase((phase) => mean(account.ofLayer(index, phase)));
    const cycles = sum(Object.values(phases));
    const layerMacs = macs.byLayer[index];
    const perMac = layerMacs > 0 ? { cyclesPerMac: round(cycles / layerMacs, 3) } : {};
    const resources = { flashBytes: flash.layers[index], ramBytes: bufferBytes(plan, index) };
    return { name, kind, macs: layerMacs, cycles, ...perMac, phases, ...resources };
  });
  const scheduleCycles = mean(account.ofKind('schedule'));
  const preprocessingCycles = mean(account.ofKind('preprocessing'));
  const cycleCounterCycles = mean(account.ofKind('cycleCounter'));
  const others = scheduleCycles + preprocessingCycles + cycleCounterCycles;
  const cycles = sum(layers.map((layer) => layer.cycles)) + others;
  const { schedule, preprocessing, serialLine, other } = flash;
  const { staticRamBytes, flashBytes } = firmware;
  return {
    model: model.name,
    images,
    layers,
    macs: macs.total,
    cycles,
    cyclesPerMac: round(cycles / macs.total, 3),
    phases: byPhase((phase) => sum(layers.map((layer) => layer.phases[phase]))),
    scheduleCycles,
    preprocessingCycles,
    cycleCounterCycles,
    serialLineCycles: mean(account.ofKind('serialLine')),
    flashBytes: { total: flashBytes, schedule, preprocessing, serialLine, other },
    ramBytes: {
      input: inputBytes(plan),
      buffers: plan.arenaBytes,
      static: staticRamBytes,
      stack: stackBytes,
      total: staticRamBytes + stackBytes,
    },
  };
}

function inputBytes({ rings, preprocessing }: MemoryPlan): number {
  const buffers = preprocessing ? [preprocessing.arrival, preprocessing.image, preprocessing.placement] : [];
  return (rings[0]?.bytes ?? 0) + sum(buffers.map(({ bytes }) => bytes));
}

/** Tensor 0 is the image, tensor n + 1 what layer n puts out. */
function bufferBytes({ rings, accumulators, steps }: MemoryPlan, layer: number): number {
  const sums = steps.map((step, index) => (step.layer === layer ? (accumulators[index]?.bytes ?? 0) : 0));
  return (rings[layer + 1]?.bytes ?? 0) + sum(sums);
}

function byPhase(cycles: (phase: Phase) => number): PhaseCycles {
  return Object.fromEntries(PHASES.map((phase) => [phase, cycles(phase)])) as PhaseCycles;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
