import { generate } from '@sparrow/codegen';
import { randomModel } from '@sparrow/model/testing';
import { phaseOfStatement, phasesOfAssembly } from './phases.ts';

/** A new label in kernels that do not say their phases has to be thought about in `phasesOfAssembly`. */
test('generated kernels say their phases, or have labels that are known', () => {
  const known = new Set(['tile', 'row', 'groups', 'entry', 'done', 'store', 'next', 'end']);
  for (let seed = 0; seed < 40; seed++) {
    const kernels = generate(randomModel(seed)).files.get('kernels.S') ?? '';
    if (/^ *; compute$/m.test(kernels)) continue;
    for (const label of kernels.match(/^\.L\w+:/gm) ?? []) expect(known).toContain(/_([a-z]+)\d+:$/.exec(label)?.[1]);
  }
});

test('divides a kernel into its parts', () => {
  const kernel = [
    ['.global conv_a', 'calls'],
    ['conv_a:', 'calls'],
    ['  push r2', 'calls'],
    ['.Lconv_a_tile0:', 'calls'],
    ['  lds r0, sparrow_above', 'borders'],
    ['  add r30, r0', 'borders'],
    ['.Lconv_a_row1:', 'compute'],
    ['  ld r26, Y+', 'compute'],
    ['.Lconv_a_groups2:', 'compute'],
    ['  mulsu r16, r17', 'compute'],
    ['  brne .Lconv_a_groups2', 'compute'],
    ['  brne .Lconv_a_row1', 'compute'],
    ['  lpm r18, Z+', 'requantisation'],
    ['  sbrc r3, 7', 'requantisation'],
    ['  rjmp .Lconv_a_store3', 'requantisation'],
    ['  mul r2, r18', 'requantisation'],
    ['.Lconv_a_store3:', 'requantisation'],
    ['  st X+, r16', 'requantisation'],
    ['  rjmp .Lconv_a_tile0', 'calls'],
    ['  ret', 'calls'],
  ];
  expect(phasesOfAssembly(kernel.map(([line]) => line))).toEqual(kernel.map(([, phase]) => phase));
});

test('what the generator says of a kernel goes before', () => {
  const lines = [
    '.global a',
    '  push r2',
    '  ; compute',
    '  mul r2, r3',
    '.La_loop1:',
    '  ; borders',
    '  ret',
    '.global b',
    '  ret',
  ];
  expect(phasesOfAssembly(lines)).toEqual([
    ...['calls', 'calls', 'compute', 'compute', 'compute', 'borders', 'borders', 'calls', 'calls'],
  ]);
});

test('a line of C is what it names', () => {
  expect(phaseOfStatement('  sparrow_taps = end - first;', 'calls')).toBe('borders');
  expect(phaseOfStatement('  filter += 14;', 'calls')).toBe('calls');
});
