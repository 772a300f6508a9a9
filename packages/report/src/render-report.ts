import { bytes, count, milliseconds, percent } from './format.ts';
import { html, jsonScript, type Fragment } from './html.ts';
import { asset, page } from './page.ts';
import { paretoFront, trialKey } from './sections/front.ts';
import { header } from './sections/header.ts';
import { history } from './sections/history.ts';
import { importance } from './sections/importance.ts';
import { networks } from './sections/networks.ts';
import { networkKey, results } from './sections/results.ts';
import type { NetworkCost, StudyReport } from './study-report.ts';

const script = asset('report.mjs');

/** How often a page without scripts loads itself anew; with them it knows better when to. */
const REFRESH_SECONDS = 30;

/**
 * The whole page in one string: opens offline, from a file, and is forbidden to load anything. The same report gives the same page.
 */
export function renderReport(report: StudyReport): string {
  const refreshes = report.state === 'running';
  return page({
    title: report.study,
    state: report.state,
    head: refreshes && html`<noscript><meta http-equiv="refresh" content="${REFRESH_SECONDS}" /></noscript>`,
    main: [header(report), body(report)],
    after: html`<div id="tooltip" role="status" hidden></div>
      <script type="application/json" id="data">
        ${jsonScript(tooltips(report))}
      </script>
      <script type="module">
        ${script};
      </script>`,
  });
}

function body(report: StudyReport): Fragment {
  return [results(report), paretoFront(report), networks(report), history(report), importance(report)];
}

/** What the page shows of a network that is pointed at. */
interface Tooltip {
  readonly title: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
  readonly layers: readonly string[];
}

function tooltips({ trials, networks: found }: StudyReport): Record<string, Tooltip> {
  const ofTrials = trials.map(({ id, parent, rung, error, cost, isMeasured, layers }): [string, Tooltip] => [
    trialKey(id),
    {
      title: `trial ${id}, rung ${rung}${parent === undefined ? '' : `, from trial ${parent}`}`,
      rows: [
        ['error', `${percent(error)} of validation`],
        ...costRows(cost),
        ['costs', isMeasured ? 'measured' : 'predicted'],
      ],
      layers,
    },
  ]);
  const finished = found.map(({ name, cost, verification, layers }, index): [string, Tooltip] => [
    networkKey(index),
    {
      title: `${name}, finished`,
      rows: [
        ...(verification
          ? [['error', `${percent(1 - verification.correct / verification.images)} of test`] as const]
          : []),
        ...costRows(cost),
      ],
      layers: layers.map(({ operation, output }) => `${operation} → ${output}`),
    },
  ]);
  return Object.fromEntries([...ofTrials, ...finished]);
}

function costRows({ ramBytes, flashBytes, parameterBytes, milliseconds: time, macs }: NetworkCost): [string, string][] {
  return [
    ['RAM', bytes(ramBytes)],
    ['flash', `${bytes(flashBytes)}, parameters ${bytes(parameterBytes)}`],
    ['time', milliseconds(time)],
    ['MACs', count(macs)],
  ];
}
