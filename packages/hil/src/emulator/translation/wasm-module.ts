import { bytes, sequence, unsigned, type Code } from './wasm.ts';

const I32 = bytes(0x7f);
const MAGIC_AND_VERSION = bytes(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

/** `(i32) → i32`. Local 0 is the argument. */
export interface WasmFunction {
  /** Locals beside the argument. */
  readonly locals: number;
  readonly body: Code;
}

const vector = (items: readonly Code[]): Code => unsigned(items.length) + sequence(...items);
const sized = (content: Code): Code => unsigned(content.length) + content;
const section = (id: number, items: readonly Code[]): Code => bytes(id) + sized(vector(items));

/** A module of one function, exported as `run`, that imports `env.memory` and the function table `env.table`. */
export function encodeModule({ locals, body }: WasmFunction, memoryPages: number): Uint8Array<ArrayBuffer> {
  const imported = (name: string, description: Code): Code => sized('env') + sized(name) + description;
  const memory = bytes(0x02, 0x01) + unsigned(memoryPages) + unsigned(memoryPages);
  const table = bytes(0x01, 0x70, 0x00, 0x00);
  const code = sequence(
    MAGIC_AND_VERSION,
    section(1, [bytes(0x60) + vector([I32]) + vector([I32])]),
    section(2, [imported('memory', memory), imported('table', table)]),
    section(3, [bytes(0x00)]),
    section(7, [sized('run') + bytes(0x00, 0x00)]),
    section(10, [sized(vector([unsigned(locals) + I32]) + body + bytes(0x0b))]),
  );
  return Uint8Array.from(Buffer.from(code, 'latin1'));
}
