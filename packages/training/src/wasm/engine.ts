import { readFile } from 'node:fs/promises';
import type { Architecture } from '@sparrow/model';
import type { Engine, Network, NetworkOptions } from '../engine.ts';
import type { KernelExports } from './arena.ts';
import { WasmNetwork } from './network.ts';

/** Built from kernels/*.c by `nx run training:kernels`. */
const KERNELS = new URL('../../kernels/kernels.wasm', import.meta.url);

let compiling: Promise<WebAssembly.Module> | undefined;

async function compile(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(KERNELS));
}

/** Training in C compiled to WebAssembly SIMD: works everywhere, one core a network. */
export const wasmEngine: Engine = {
  name: 'wasm',
  async createNetwork(architecture: Architecture, options: NetworkOptions): Promise<Network> {
    compiling ??= compile();
    const instance = await WebAssembly.instantiate(await compiling, {});
    return new WasmNetwork(instance.exports as unknown as KernelExports, architecture, options);
  },
};
