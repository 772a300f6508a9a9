/** A network, a model or a model file that is not valid. The message is one line for people: what is wrong, where, what to do. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

/** `conv2 (layer 3): kernel 5×5 …`: every complaint about a layer starts by naming it. Layers count from 1. */
export function layerError(layer: { readonly name: string }, index: number, complaint: string): ModelError {
  return new ModelError(`${layer.name} (layer ${index + 1}): ${complaint}`);
}
