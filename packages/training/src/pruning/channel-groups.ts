import { inferShapes, isWeighted, symmetryOf, tieOf, type Architecture } from '@sparrow/model';

/** Tensors whose channels live and die together: what one layer makes and depthwise layers, pools and additions pass on. */
export interface ChannelGroup {
  readonly channels: number;
  /** Layers with a batch norm over these channels: what makes them, and depthwise layers that filter them. */
  readonly members: readonly string[];
}

export interface ChannelGroups {
  readonly groups: readonly ChannelGroup[];
  /** By tensor: index of its group; undefined for the input and the logits, whose channels are given. */
  readonly groupOfTensor: readonly (number | undefined)[];
}

/** Groups of channels that can be removed from a network without changing what the rest of it means; its layers must share no weights. */
export function channelGroups(architecture: Architecture): ChannelGroups {
  checkUnshared(architecture);
  const shapes = inferShapes(architecture);
  const root = architecture.layers.reduce<number[]>(
    (roots, layer, index) => {
      const makesChannels = layer.kind === 'conv2d' || layer.kind === 'dense';
      return [...roots, makesChannels ? index + 1 : roots[layer.inputs[0]]];
    },
    [0],
  );
  for (const layer of architecture.layers) {
    if (layer.kind === 'add') join(root, root[layer.inputs[0]], root[layer.inputs[1]]);
  }
  const fixed = new Set([0, root.length - 1].map((tensor) => root[tensor]));
  const groupRoots = [...new Set(root)].filter((tensor) => !fixed.has(tensor));
  const groups = groupRoots.map((tensor) => ({
    channels: shapes[tensor].channels,
    members: architecture.layers
      .filter((layer, index) => isWeighted(layer) && root[index + 1] === tensor)
      .map((layer) => layer.name),
  }));
  const position = new Map(groupRoots.map((tensor, index) => [tensor, index]));
  return { groups, groupOfTensor: root.map((tensor) => position.get(tensor)) };
}

/** @throws Error if layers or filters share weights: without some of their channels, these would not be the same any more */
export function checkUnshared({ layers }: Architecture): void {
  for (const layer of layers) {
    const [tie, symmetry] = [tieOf(layer), symmetryOf(layer)];
    if (tie !== undefined) {
      throw new Error(
        `layer ${layer.name} is tied to ${tie}: channels of tied layers cannot be pruned; prune single weights`,
      );
    }
    if (symmetry !== undefined) {
      throw new Error(
        `layer ${layer.name} has symmetry '${symmetry}': channels of orbits cannot be pruned; prune single weights`,
      );
    }
  }
}

/** All tensors of `b` now belong to `a`; the input's group, tensor 0, takes in others. */
function join(root: number[], a: number, b: number): void {
  const [into, from] = a < b ? [a, b] : [b, a];
  root.forEach((tensor, index) => {
    if (tensor === from) root[index] = into;
  });
}
