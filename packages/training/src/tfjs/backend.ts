import type * as TensorFlowModule from '@tensorflow/tfjs';

/** TensorFlow.js, whichever build could be loaded. */
export type TensorFlow = typeof TensorFlowModule;

let loading: Promise<TensorFlow> | undefined;

/** tfjs-node where its native library was installed, else plain TensorFlow.js on its cpu backend. Loaded on first use: it takes a second. */
export function loadTensorFlow(): Promise<TensorFlow> {
  loading ??= load();
  return loading;
}

async function load(): Promise<TensorFlow> {
  const tf = (await loadNative()) ?? unwrap(await import('@tensorflow/tfjs'));
  // Silences the advertisement for tfjs-node, which is an optional dependency already.
  tf.enableProdMode();
  await tf.ready();
  return tf;
}

async function loadNative(): Promise<TensorFlow | undefined> {
  // Not a literal: the package may be missing, and its types are those of @tensorflow/tfjs.
  const name = '@tensorflow/tfjs-node';
  try {
    return unwrap((await import(name)) as TensorFlow);
  } catch {
    return undefined;
  }
}

/** CommonJS packages arrive as the default export of a namespace. */
function unwrap(module: TensorFlow): TensorFlow {
  return 'default' in module ? (module.default as TensorFlow) : module;
}
