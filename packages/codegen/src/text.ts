/** An unsigned type for values up to `highest`. */
export function unsignedType(highest: number): 'uint8_t' | 'uint16_t' | 'uint32_t' {
  return highest < 256 ? 'uint8_t' : highest < 65536 ? 'uint16_t' : 'uint32_t';
}

export function signedType(bits: 16 | 24 | 32): 'int16_t' | 'int32_t' {
  return bits === 16 ? 'int16_t' : 'int32_t';
}

/** A table in flash; 24 numbers a line. */
export function flashTable(type: string, name: string, values: readonly number[]): string {
  const lines: string[] = [];
  for (let start = 0; start < values.length; start += 24)
    lines.push(`  ${values.slice(start, start + 24).join(', ')},`);
  return `static const ${type} ${name}[${values.length}] PROGMEM = {\n${lines.join('\n')}\n};\n`;
}

export function indent(text: string, spaces = 2): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(spaces));
}

/** A kernel's declaration where kernels.S has it, its portable twin elsewhere. */
export function chipOrHost(declaration: string, twin: string): string {
  return `#ifdef __AVR__\n${declaration}#else\n${twin}#endif\n`;
}
