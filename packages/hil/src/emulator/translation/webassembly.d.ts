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
  }

  interface Table {
    grow(entries: number): number;
    set(index: number, value: unknown): void;
  }

  const Module: new (bytes: Uint8Array<ArrayBuffer>) => Module;
  const Instance: new (module: Module, imports: Record<string, Record<string, Memory | Table>>) => Instance;
  const Memory: new (size: { initial: number; maximum: number }) => Memory;
  const Table: new (size: { element: 'anyfunc'; initial: number }) => Table;
}
