import type { ZooEntry } from './entries.ts';

const BEGIN = '<!-- results: written by tools/readme-table.ts -->';
const END = '<!-- end of results -->';
const HEAD = ['model', 'accuracy', 'flash', 'RAM', 'time', 'cycles/MAC', 'parameters', 'reproduce it'];

const count = (value: number): string => value.toLocaleString('en-US');

/** The Markdown table of what the zoo's models were measured to need, with the command that measures it again. */
export function resultTable(zoo: readonly ZooEntry[]): string {
  if (zoo.length === 0) return 'There are no models in `zoo/` yet.';
  const rows = [HEAD, HEAD.map((_, column) => (column === 0 || column === HEAD.length - 1 ? '---' : '---:'))];
  return [...rows, ...zoo.map(row)].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function row({ folder, measurement }: ZooEntry): string[] {
  const { accuracy, flashBytes, ramBytes, milliseconds, cyclesPerMac, modelBytes } = measurement;
  return [
    `[${folder.replace('zoo/', '')}](${folder})`,
    `${(100 * accuracy).toFixed(2)} %`,
    `${count(flashBytes)} B`,
    `${count(ramBytes.total)} B`,
    `${milliseconds.toFixed(1)} ms`,
    cyclesPerMac.toFixed(2),
    `${count(modelBytes)} B`,
    `\`npx nx run hil:verify --model ${folder}\``,
  ];
}

/**
 * `text` with what stands between the two marks replaced.
 *
 * @throws Error if the marks are not there
 */
export function withResults(text: string, table: string): string {
  const [start, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`the lines '${BEGIN}' and '${END}' have to stand around the results`);
  return `${text.slice(0, start + BEGIN.length)}\n\n${table}\n\n${text.slice(end)}`;
}
