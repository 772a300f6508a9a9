import { firstRow, iterations, type MemoryPlan, type Ring, rowsNeeded, type Step } from '@sparrow/model';
import type { PrintedStep } from './context.ts';
import { indent, unsignedType } from './text.ts';

/** A step with its name and what its operator printed. */
export interface NamedStep {
  readonly name: string;
  readonly step: Step;
  readonly printed: PrintedStep;
}

/** Bytes of the counter of a step, and its C type. */
export function counterType(step: Step): 'uint8_t' | 'uint16_t' | 'uint32_t' {
  return unsignedType(iterations(step));
}

/** One function a step: runs the next iteration. */
export function printStep({ name, step, printed }: NamedStep, plan: MemoryPlan): string {
  const type = counterType(step);
  const output = plan.rings[step.output];
  // Cleared when the ring's life begins: another buffer may have the memory until then.
  const firstWrite = step.accumulates ? step.rowsPerOutput - 1 : 0;
  const clear = output && output.gap > 0 && output.shared ? `if (i == ${firstWrite}) ${clearRing(output)}\n` : '';
  const body = clear + printed.body;
  const next = /\bi\b/.test(body) ? `const ${type} i = done_${name}++;` : `done_${name}++;`;
  return `${printed.declarations}
static ${type} done_${name};

static void run_${name}(void) {
  ${next}
${indent(body)}}
`;
}

/** Zeroes the gaps that readers take for padding, when other buffers have used the memory since. */
export function clearRing({ offset, bytes }: Ring): string {
  return `memset(arena + ${offset}, 0, ${bytes});`;
}

/**
 * After each input row: run the latest step that can run, until none can. This is the schedule that the memory plan
 * simulated; it keeps the stack one call deep.
 */
export function printDriver(steps: readonly NamedStep[], plan: MemoryPlan): string {
  const [input] = plan.shapes;
  const ring = plan.rings[0] as Ring;
  const resets = ['input_rows', ...steps.map(({ name }) => `done_${name}`)].map((counter) => `  ${counter} = 0;`);
  const clear = ring.gap > 0 && ring.shared ? `\n  ${clearRing(ring)}` : '';
  const branches = [...steps]
    .reverse()
    .map(({ name, step }) => `if (${readyCondition(step, name, steps, plan)}) run_${name}();`);
  const slot = ring.rows >= input.height ? 'input_rows' : `input_rows % ${ring.rows}`;
  const offset = ring.rows === 1 ? '' : ` + (uint16_t)(${slot}) * ${ring.rowBytes}`;
  const logits = plan.accumulators[plan.steps.length - 1];
  return `void sparrow_begin(void) {
${resets.join('\n')}${clear}
}

uint8_t *sparrow_row_buffer(void) {
  return arena + ${ring.offset + ring.gap}${offset};
}

void sparrow_push_row(void) {
  input_rows++;
  for (;;) {
    ${branches.join('\n    else ')}
    else return;
  }
}

const int32_t *sparrow_logits(void) {
  return (const int32_t *)(arena + ${logits?.offset});
}
`;
}

function readyCondition(step: Step, name: string, steps: readonly NamedStep[], plan: MemoryPlan): string {
  const done = `done_${name}`;
  const total = iterations(step);
  const conditions = step.inputs.map((tensor) => rowsThere(tensor, step, done, steps, plan));
  return [`${done} < ${total}`, ...conditions].join(' && ');
}

/** C condition: the rows of `tensor` that the next iteration of `step` reads are complete. */
function rowsThere(tensor: number, step: Step, done: string, steps: readonly NamedStep[], plan: MemoryPlan): string {
  const { height } = plan.shapes[tensor];
  const producer = steps.find((other) => other.step.output === tensor);
  const counter = producer ? `done_${producer.name}` : 'input_rows';
  const perRow = producer?.step.rowsPerOutput ?? 1;
  const total = iterations(step);
  const ahead = step.windowRows - step.padTop;
  const atLeast = (rows: string, scale: number) => `${counter} >= ${scale === 1 ? rows : `(${rows}) * ${scale}`}`;
  // The last windows may reach over the bottom edge: all rows that they need are then the image's.
  const overhangs = rowsNeeded(step, total - 1, height) < firstRow({ ...step, padTop: 0 }, total - 1) + ahead;
  const next = `${step.rowStride === 1 ? done : `${done} * ${step.rowStride}`}`;
  const needed = ahead === 0 ? next : `${next} ${ahead > 0 ? '+' : '-'} ${Math.abs(ahead)}`;
  const condition = atLeast(needed, perRow);
  return overhangs ? `(${condition} || ${counter} == ${height * perRow})` : condition;
}
