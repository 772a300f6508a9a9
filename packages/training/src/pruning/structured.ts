import type { Architecture } from '@sparrow/model';
import type { Batch, Network, StepOptions, Weights } from '../engine.ts';
import { channelGroups, type ChannelGroup } from './channel-groups.ts';
import { removeChannels, type PrunedNetwork } from './remove-channels.ts';

/** By layer: importance of each of its channels. */
export type ChannelImportance = ReadonlyMap<string, Float64Array>;

/**
 * How much the loss would change without a channel, to first order, squared: `(γ·∂L/∂γ + β·∂L/∂β)²` at its batch norm,
 * summed over batches (Molchanov et al. 2019, "Importance estimation for neural network pruning", eq. 8 and §3.2).
 */
export function channelImportance(
  network: Network,
  batches: Iterable<Batch>,
  options: Pick<StepOptions, 'arithmetic' | 'labelSmoothing'>,
): ChannelImportance {
  const weights = network.readWeights();
  const importance = new Map([...weights].map(([name, { gamma }]) => [name, new Float64Array(gamma.length)]));
  for (const batch of batches) {
    const { gradients } = network.gradients(batch, options);
    for (const [name, { gamma, beta }] of gradients) {
      const learned = weights.get(name)!;
      const sums = importance.get(name)!;
      sums.forEach((_, channel) => {
        const change = learned.gamma[channel] * gamma[channel] + learned.beta[channel] * beta[channel];
        sums[channel] += change * change;
      });
    }
  }
  return importance;
}

/**
 * Removes the `ratio` least important of all channels of the network, but never the last of a group.
 */
export function pruneChannels(
  architecture: Architecture,
  weights: Weights,
  importance: ChannelImportance,
  ratio: number,
): PrunedNetwork {
  const groups = channelGroups(architecture);
  const scores = groups.groups.map((group) => groupImportance(group, importance));
  return removeChannels(architecture, weights, groups, chooseKept(scores, ratio));
}

function groupImportance({ channels, members }: ChannelGroup, importance: ChannelImportance): Float64Array {
  const sums = new Float64Array(channels);
  for (const name of members) importance.get(name)?.forEach((value, channel) => (sums[channel] += value));
  return sums;
}

/** By group: the channels to keep, ascending. */
function chooseKept(scores: readonly Float64Array[], ratio: number): number[][] {
  const all = scores.flatMap((group, index) => [...group].map((score, channel) => ({ index, channel, score })));
  all.sort((a, b) => a.score - b.score || a.index - b.index || a.channel - b.channel);
  const left = scores.map((group) => group.length);
  const removed = scores.map(() => new Set<number>());
  let toRemove = Math.floor(ratio * all.length);
  for (const { index, channel } of all) {
    if (toRemove === 0) break;
    if (left[index] === 1) continue;
    removed[index].add(channel);
    left[index]--;
    toRemove--;
  }
  return scores.map((group, index) => [...group.keys()].filter((channel) => !removed[index].has(channel)));
}
