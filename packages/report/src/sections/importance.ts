import { count, share } from '../format.ts';
import { html, type Html } from '../html.ts';
import type { StudyReport } from '../study-report.ts';
import { scrolling, section } from './section.ts';

/** Under this, in all objectives, a hyperparameter is noise. */
const LEAST_SHARE = 0.005;

/** Which choices mattered. */
export function importance({ importance: found }: StudyReport): Html {
  const title = 'What mattered';
  if (found === undefined) {
    return section('importance', title, html`<p class="empty">Too few trials to tell yet.</p>`);
  }
  const { trials, objectives, hyperparameters } = found;
  const telling = hyperparameters.filter(({ shares }) => shares.some((value) => value >= LEAST_SHARE));
  const highest = objectives.map((_, i) => Math.max(LEAST_SHARE, ...telling.map(({ shares }) => shares[i])));
  const table = html`<table class="bars">
    <thead>
      <tr>
        <th scope="col">hyperparameter</th>
        ${objectives.map(({ name, explained }) => html`<th scope="col">${name}<small>${explanation(explained)}</small></th>`)}
      </tr>
    </thead>
    <tbody>
      ${telling.map(({ name, shares }) => {
        return html`<tr>
          <th scope="row">${name}</th>
          ${shares.map((value, i) => html`<td class="bar" style="--share: ${(value / highest[i]).toFixed(3)}">${share(value)}</td>`)}
        </tr>`;
      })}
    </tbody>
  </table>`;
  return section(
    'importance',
    title,
    html`<p class="note">
      How much of the variance over ${count(trials)} trials goes with each hyperparameter, alone or together with
      others: by how much worse a forest of random trees, grown on other trials, predicts it when the values of that one
      are shuffled. What always changes together shares what it
      explains${
        telling.length < hyperparameters.length && `; ${hyperparameters.length - telling.length} others do not show`
      }.
    </p>`,
    telling.length === 0
      ? html`<p class="empty">None of them shows among chance.</p>`
      : scrolling('Importance of hyperparameters', table),
  );
}

function explanation(explained: number): string {
  return explained > 0.05 ? `${share(explained)} of it explained` : 'hardly explained';
}
