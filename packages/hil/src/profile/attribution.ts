import { basename } from 'node:path';
import { type GeneratedSources, PREPROCESSING_FUNCTIONS } from '@sparrow/codegen';
import type { Architecture, MemoryPlan } from '@sparrow/model';
import { phaseOfStatement, phasesOfAssembly, type Phase } from './phases.ts';
import type { Frame } from './source-lines.ts';

/** What an instruction is executed for. */
export type Purpose =
  | { readonly kind: 'layer'; readonly layer: number; readonly phase: Phase }
  /** Deciding which layer can run next. */
  | { readonly kind: 'schedule' }
  /** Making the image that the network reads of the one that came. */
  | { readonly kind: 'preprocessing' }
  /** The interrupt that extends the hardware timer. */
  | { readonly kind: 'cycleCounter' }
  /** The program around the network: the serial line and the protocol. */
  | { readonly kind: 'serialLine' }
  /** Something that several layers call: it works for the one that ran last. */
  | { readonly kind: 'shared'; readonly phase?: Phase };

/** What the program around the network asks of it before and after the time that is measured. */
const OUTSIDE = ['sparrow_row_buffer', 'sparrow_logits'];

export type Attribution = (frames: readonly Frame[]) => Purpose;

/**
 * The generated C has one function `run_<layer>` a step, its kernels and tables end in `_<layer>`, and what folds a max-pool into the
 * layer before it is `fold_<layer>`. The compiler inlines most of them; debug information still tells them apart.
 */
export function createAttribution(
  { layers }: Architecture,
  { steps }: Pick<MemoryPlan, 'steps'>,
  { files }: Pick<GeneratedSources, 'files'>,
): Attribution {
  const statements = (files.get('network.c') ?? '').split('\n');
  const assembly = new Map([...files].map(([name, text]) => [name, phasesOfAssembly(text.split('\n'))]));
  const hasKernel = layers.map(({ name }) => [...files.values()].some((text) => kernelOf(name).test(text)));

  const purposeOf = ({ function: name, file, line }: Frame): Purpose | undefined => {
    if (name === '__vector_13') return { kind: 'cycleCounter' };
    if (file.startsWith('hil/') || OUTSIDE.includes(name)) return { kind: 'serialLine' };
    if (name === 'open_window') return { kind: 'shared', phase: 'borders' };
    if (PREPROCESSING_FUNCTIONS.includes(name)) return { kind: 'preprocessing' };
    // Before layers are looked for: one may be called `row`.
    if (name.startsWith('sparrow_')) return { kind: 'schedule' };
    const layer = layerOf(name, layers);
    if (layer === undefined) return undefined;
    const inLayer = (phase: Phase, index = layer): Purpose => ({ kind: 'layer', layer: index, phase });
    if (file.endsWith('.S')) return inLayer(assembly.get(basename(file))?.[line - 1] ?? 'calls');
    if (name.startsWith('fold_')) return inLayer('compute', steps.find((step) => step.layer === layer)?.pool);
    if (name.startsWith('requantize_')) return inLayer('requantisation');
    if (!name.startsWith('run_')) return inLayer('compute');
    return inLayer(phaseOfStatement(statements[line - 1] ?? '', hasKernel[layer] ? 'calls' : 'compute'));
  };

  return (frames) => {
    const purposes = frames.map(purposeOf).filter((purpose) => purpose !== undefined);
    const [first = { kind: 'shared' } as const, ...outer] = purposes;
    if (first.kind !== 'shared') return first;
    const caller = outer.find((purpose) => purpose.kind === 'layer');
    return caller && first.phase ? { ...caller, phase: first.phase } : first;
  };
}

/** The layer whose name a function or table ends in, the longest if several fit. */
export function layerOf(name: string, layers: Architecture['layers']): number | undefined {
  const fitting = layers.flatMap((layer, index) => (name.endsWith(`_${layer.name}`) ? [index] : []));
  return fitting.sort((a, b) => layers[b].name.length - layers[a].name.length)[0];
}

const kernelOf = (layer: string): RegExp => new RegExp(`\\b(conv2d|depthwise_conv2d|dense)_\\w+_${layer}\\b`);
