import type { Architecture } from './architecture.ts';
import { ModelError } from './errors.ts';

/**
 * From an accumulator to an unsigned 8-bit activation (docs/numerics.md §3):
 * `min(255, floor(max(0, accumulator) · multiplier / 2^shift))`.
 * The shift is by whole bytes because AVR has no barrel shifter.
 */
export interface Requantization {
  /** One for each output channel, 1…65535; layers without weights have one for all channels. */
  readonly multipliers: Uint16Array;
  readonly shift: 0 | 8 | 16 | 24;
}

/** Parameters of conv2d, depthwiseConv2d and dense. */
export interface WeightedParameters {
  readonly kind: 'weighted';
  /**
   * conv2d: `[filters][kernelHeight][kernelWidth][inputChannels]`; depthwiseConv2d: `[kernelHeight][kernelWidth][channels]`;
   * dense: `[units][inputHeight][inputWidth][inputChannels]`. Integers within the layer's `weightBits`.
   */
  readonly weights: Int8Array;
  /** One for each output channel, in accumulator units; the rounding offset of the requantisation is folded in. */
  readonly bias: Int32Array;
  /** Absent on the last layer, whose accumulators are the logits. */
  readonly requantization?: Requantization;
}

/** Parameters of averagePool and globalAveragePool: the accumulator is the window's sum plus `bias`. */
export interface PoolParameters {
  readonly kind: 'pool';
  readonly bias: number;
  readonly requantization: Requantization;
}

/** Parameters of add: the accumulator is `a·multipliers[0] + b·multipliers[1] + bias`, shifted right by `shift` bits. */
export interface AddParameters {
  readonly kind: 'add';
  readonly multipliers: readonly [number, number];
  readonly bias: number;
  readonly shift: 0 | 8 | 16 | 24;
}

/** Parameters of maxPool. */
export interface NoParameters {
  readonly kind: 'none';
}

export type LayerParameters = WeightedParameters | PoolParameters | AddParameters | NoParameters;

/** Narrows parameters to the kind that their layer needs. Throws if the model is broken (`validateModel` says where). */
export function parametersOfKind<Kind extends LayerParameters['kind']>(
  kind: Kind,
  parameters: LayerParameters,
): Extract<LayerParameters, { kind: Kind }> {
  if (!isOfKind(kind, parameters)) throw new ModelError(`parameters are of kind ${parameters.kind}, not ${kind}`);
  return parameters;
}

function isOfKind<Kind extends LayerParameters['kind']>(
  kind: Kind,
  parameters: LayerParameters,
): parameters is Extract<LayerParameters, { kind: Kind }> {
  return parameters.kind === kind;
}

/** A trained int8 network. Input: unsigned 8-bit pixels, used as they are. Output: one int32 logit a class. */
export interface Model {
  readonly name: string;
  readonly architecture: Architecture;
  /** `parameters[i]` belongs to `architecture.layers[i]`. */
  readonly parameters: readonly LayerParameters[];
  /** Where it came from: dataset, seed, float accuracy, the command that made it. Free form, never used in arithmetic. */
  readonly provenance: Readonly<Record<string, string | number | boolean>>;
}
