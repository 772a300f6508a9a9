/** The part of the WebAssembly API that is used here: TypeScript's own declarations come only with those of a browser. */
declare namespace WebAssembly {
  interface Module {
    readonly __module: never;
  }

  interface Instance {
    readonly exports: Record<string, unknown>;
  }

  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }

  interface Global {
    readonly value: number;
  }

  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: Record<string, never>): Promise<Instance>;
}
