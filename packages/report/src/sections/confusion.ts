import { percent } from '../format.ts';
import { html, type Html } from '../html.ts';
import type { Answers } from '../study-report.ts';
import { scrolling } from './section.ts';

/** Rows are what images show, columns what the chip answered. */
export function confusionMatrix({ classNames, confusion }: Answers): Html {
  const wrong = confusion.flatMap((row, label) => row.filter((_, answer) => answer !== label));
  const most = Math.max(1, ...wrong);
  return scrolling(
    'Confusion matrix',
    html`<table class="confusion">
      <caption>
        what the chip answered (columns) to images of each class (rows)
      </caption>
      <thead>
        <tr>
          <td></td>
          ${classNames.map((name) => html`<th scope="col">${name}</th>`)}
          <th scope="col">right</th>
        </tr>
      </thead>
      <tbody>
        ${confusion.map((row, label) => {
          return html`<tr>
            <th scope="row">${classNames[label]}</th>
            ${row.map((images, answer) => cell(images, label === answer, most))}
            <td class="recall">${recall(row, label)}</td>
          </tr>`;
        })}
      </tbody>
    </table>`,
  );
}

function cell(images: number, isRight: boolean, most: number): Html {
  if (isRight) return html`<td class="cell right">${images}</td>`;
  if (images === 0) return html`<td class="cell none">0</td>`;
  return html`<td class="cell wrong" style="--share: ${Math.sqrt(images / most).toFixed(3)}">${images}</td>`;
}

function recall(row: readonly number[], label: number): string {
  const images = row.reduce((sum, each) => sum + each, 0);
  return images === 0 ? '–' : percent(row[label] / images);
}
