/** Instances of the kernels: one memory, no imports. The functions take addresses of the records of kernels/network.h. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  readonly __heap_base: WebAssembly.Global;
  prepare(network: number, arithmetic: number, batchStatistics: number): void;
  evaluate(network: number, arithmetic: number, groups: number): void;
  gradients(network: number, arithmetic: number, updateRunning: number): number;
  update(
    network: number,
    useAdam: number,
    learningRate: number,
    momentum: number,
    weightDecay: number,
    step: number,
  ): void;
}

/** A field of a record: an integer or address as it is, or a float. Both take four bytes. */
export type Field = number | { readonly float: number };

const PAGE_BYTES = 65536;
/** A cache line. */
const ALIGNMENT = 64;

/**
 * Memory of one network: allocates upwards, zeroed, frees nothing. Views are of the memory as it is now; allocating may detach them, so
 * take those that are kept after the last allocation.
 */
export class Arena {
  readonly #memory: WebAssembly.Memory;
  #end: number;

  constructor({ memory, __heap_base }: Pick<KernelExports, 'memory' | '__heap_base'>) {
    this.#memory = memory;
    this.#end = __heap_base.value;
  }

  /** @throws RangeError if WebAssembly cannot have that much memory */
  allocate(bytes: number): number {
    const address = Math.ceil(this.#end / ALIGNMENT) * ALIGNMENT;
    this.#end = address + bytes;
    const missing = this.#end - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    return address;
  }

  allocateWords(count: number): number {
    return this.allocate(4 * count);
  }

  integers(values: ArrayLike<number>): number {
    const address = this.allocateWords(values.length);
    this.viewIntegers(address, values.length).set(values);
    return address;
  }

  /** Records of one kind, one after the other. */
  records(records: readonly (readonly Field[])[]): number {
    const fields = records.flat();
    const address = this.allocateWords(fields.length);
    const view = new DataView(this.#memory.buffer, address);
    fields.forEach((field, index) => {
      if (typeof field === 'number') view.setInt32(4 * index, field, true);
      else view.setFloat32(4 * index, field.float, true);
    });
    return address;
  }

  viewFloats(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  viewDoubles(address: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, address, length);
  }

  viewIntegers(address: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, length);
  }

  viewBytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }
}
