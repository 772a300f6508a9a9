/** AVR registers by number. r0 and r1 hold products, r26/27 are X, r28/29 Y, r30/31 Z. */
export type Register = number;

export const PRODUCT_LOW: Register = 0;
export const PRODUCT_HIGH: Register = 1;
export const X: Register = 26;
export const Y: Register = 28;
export const Z: Register = 30;

/** Collects lines of assembly; labels are local numbers in one kernel. */
export interface Assembly {
  readonly lines: string[];
  emit(instruction: string, ...operands: (string | number)[]): void;
  label(name: string): void;
  /** A name that no other label of this kernel has. */
  newLabel(stem: string): string;
}

export function createAssembly(kernelName: string): Assembly {
  const lines: string[] = [];
  let labels = 0;
  return {
    lines,
    emit: (instruction, ...operands) => lines.push(`  ${`${instruction} ${operands.join(', ')}`.trim()}`),
    label: (name) => lines.push(`${name}:`),
    newLabel: (stem) => `.L${kernelName}_${stem}${labels++}`,
  };
}

export const r = (register: Register): string => `r${register}`;

/** `pair += value` for one of X, Y, Z or r24/25, in two cycles; nothing for 0. Clobbers flags. */
export function addToPair(assembly: Assembly, pair: Register, value: number): void {
  if (value === 0) return;
  if (value > 0 && value < 64) assembly.emit('adiw', r(pair), value);
  else if (value < 0 && value > -64) assembly.emit('sbiw', r(pair), -value);
  else {
    assembly.emit('subi', r(pair), `lo8(${-value})`);
    assembly.emit('sbci', r(pair + 1), `hi8(${-value})`);
  }
}

/** Copies bytes; pairs that start at even registers on both sides go in one cycle. */
export function copy(assembly: Assembly, to: readonly Register[], from: readonly Register[]): void {
  for (let index = 0; index < to.length; index++) {
    const pair = index + 1 < to.length && to[index + 1] === to[index] + 1 && from[index + 1] === from[index] + 1;
    if (pair && to[index] % 2 === 0 && from[index] % 2 === 0) {
      assembly.emit('movw', r(to[index]), r(from[index]));
      index++;
    } else if (to[index] !== from[index]) assembly.emit('mov', r(to[index]), r(from[index]));
  }
}

const CALL_SAVED: readonly Register[] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29];

/** The function around a kernel's body: saves what the C calling convention wants saved, and leaves r1 = 0. */
export function printFunction(name: string, body: readonly string[]): string {
  const text = body.join('\n');
  const used = CALL_SAVED.filter((register) => {
    const pairStart = register % 2 === 1 ? `|movw r${register - 1},` : '';
    const pointer = register >= Y ? '|\\b(?:ld|st)d? .*\\bY\\b' : '';
    return new RegExp(`\\br${register}\\b${pairStart}${pointer}`).test(text);
  });
  return [
    `.section .text.${name}, "ax", @progbits`,
    `.global ${name}`,
    `.type ${name}, @function`,
    `${name}:`,
    ...used.map((register) => `  push r${register}`),
    ...body,
    '  clr r1',
    ...[...used].reverse().map((register) => `  pop r${register}`),
    '  ret',
    `.size ${name}, . - ${name}`,
    '',
  ].join('\n');
}
