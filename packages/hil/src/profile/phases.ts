/**
 * What a layer's cycles go into:
 * - compute: multiply-accumulates with their loads and loops; comparisons, sums and additions of layers without weights
 * - requantisation: from sums to activations
 * - borders: rows under the window, and what skips or zeroes those outside of the image
 * - calls: kernels entered and left, loops over filters and tiles
 */
export const PHASES = ['compute', 'requantisation', 'borders', 'calls'] as const;
export type Phase = (typeof PHASES)[number];

const BORDERS = /\b(sparrow_(taps|above|below|window)|open_window|memset|skip)\b/;

/** The phase of a line of C that is the step's own code, not a kernel's. `ownCode`: of lines that say nothing else. */
export function phaseOfStatement(line: string, ownCode: Phase): Phase {
  return BORDERS.test(line) ? 'borders' : ownCode;
}

const MARK = new RegExp(`^ *; (${PHASES.join('|')})$`);

/** The phase of each line of generated assembly, by index. The generator says it in comments: `; borders`. */
export function phasesOfAssembly(lines: readonly string[]): Phase[] {
  return lines.some((line) => MARK.test(line)) ? markedPhases(lines) : unmarkedPhases(lines);
}

function markedPhases(lines: readonly string[]): Phase[] {
  let phase: Phase = 'calls';
  return lines.map((line) => {
    if (line.startsWith('.global')) phase = 'calls';
    phase = (MARK.exec(line)?.[1] as Phase | undefined) ?? phase;
    return phase;
  });
}

/** Labels in the generated kernels: `.L<kernel>_<stem><number>`. */
const stemOf = (label: string): string => /_([a-z]+)\d+$/.exec(label)?.[1] ?? '';
const isLoop = (label: string): boolean => ['row', 'groups', 'entry'].includes(stemOf(label));

/**
 * Without such comments: `lines` may hold several kernels. In a kernel, the loops over the window end with
 * the last branch back to them; what follows makes activations, up to the last one that is stored. (A 1×1 window on one channel has no
 * loop: its products count as requantisation.)
 */
function unmarkedPhases(lines: readonly string[]): Phase[] {
  const phases = lines.map((): Phase => 'calls');
  const starts = lines.flatMap((line, index) => (/^\.global/.test(line) ? [index] : []));
  starts.forEach((start, kernel) => {
    const end = starts[kernel + 1] ?? lines.length;
    const within = (matches: (line: string) => boolean): number[] =>
      lines.flatMap((line, index) => (index >= start && index < end && matches(line) ? [index] : []));
    const loops = within((line) => /^\.L.*:$/.test(line) && isLoop(line.slice(0, -1)));
    const branches = within((line) => /^ .* \.L/.test(line) && isLoop(line));
    const stores = within((line) => /^\.L.*:$/.test(line) && stemOf(line.slice(0, -1)) === 'store');
    const computeEnd = branches.at(-1) ?? loops.at(-1) ?? end;
    phases.fill('compute', loops[0] ?? start, computeEnd + 1);
    if (stores.length > 0) phases.fill('requantisation', computeEnd + 1, stores[stores.length - 1] + 2);
  });
  lines.forEach((line, index) => {
    if (!BORDERS.test(line)) return;
    phases[index] = 'borders';
    if (/^ *(add|adc|sts) /.test(lines[index + 1])) phases[index + 1] = 'borders';
  });
  return phases;
}
