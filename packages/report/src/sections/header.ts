import { count, duration, plural, time } from '../format.ts';
import { html, type Fragment, type Html } from '../html.ts';
import type { StudyReport } from '../study-report.ts';

/** What study this is, and how far it is. */
export function header(report: StudyReport): Html {
  const { study, dataset, state, activity, writtenAt, chip } = report;
  return html`<header>
    <p class="eyebrow">${dataset} on ${chip.name}</p>
    <h1>${study}</h1>
    <p class="status" data-state="${state}">
      <span class="pill">${stateOf(report)}</span>
      ${activity !== undefined && html`<span>${activity}</span>`}
      <span>${trialsSoFar(report)}</span>
      <time id="written" datetime="${new Date(writtenAt).toISOString()}">${time(writtenAt)}</time>
    </p>
    ${state === 'running' ? freshness(report) : goOn(report)}
  </header>`;
}

/** Nobody says that a search was stopped: then it has no network that is finished. */
function stateOf({ state, networks }: StudyReport): string {
  if (state === 'running') return 'searching';
  return networks.some(({ verification }) => verification !== undefined) ? 'finished' : 'stopped';
}

function trialsSoFar({ state, trials, counts, history }: StudyReport): string {
  const rest = [
    ...(counts.running > 0 ? [`${count(counts.running)} ${state === 'running' ? 'running' : 'not finished'}`] : []),
    ...(counts.pruned > 0 ? [`${count(counts.pruned)} that did not fit`] : []),
    ...(counts.failed > 0 ? [`${count(counts.failed)} failed`] : []),
  ];
  const spent = history.length === 0 ? '' : ` in ${duration(history[history.length - 1].milliseconds)}`;
  return `${plural(trials.length, 'trial')}${spent}${rest.length === 0 ? '' : ` (${rest.join(', ')})`}`;
}

function goOn({ command }: StudyReport): Fragment {
  return command !== undefined && html`<p class="note">Go on with it: <code>${command}</code></p>`;
}

/** Filled in by the page's script, which knows what time it is. */
function freshness({ command }: StudyReport): Html {
  return html`<p class="freshness">
    <label><input type="checkbox" id="follow" checked /> follow the search</label>
    <span id="age" role="status"></span>
    ${command !== undefined && html`<span id="stale" hidden>It seems to have been stopped. Go on with <code>${command}</code></span>`}
  </p>`;
}
