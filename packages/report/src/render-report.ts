import { readFileSync } from 'node:fs';
import { bytes, count, milliseconds, percent } from './format.ts';
import { html, jsonScript, trusted, type Fragment, type Html } from './html.ts';
import { paretoFront, trialKey } from './sections/front.ts';
import { header } from './sections/header.ts';
import { history } from './sections/history.ts';
import { importance } from './sections/importance.ts';
import { networks } from './sections/networks.ts';
import { networkKey, results } from './sections/results.ts';
import type { NetworkCost, StudyReport } from './study-report.ts';

const asset = (name: string): Html => trusted(readFileSync(new URL(`./client/${name}`, import.meta.url), 'utf8'));
const style = asset('report.css');
const script = asset('report.mjs');

/** How often a page without scripts loads itself anew; with them it knows better when to. */
const REFRESH_SECONDS = 30;

/**
 * The whole page in one string: opens offline, from a file, and is forbidden to load anything. The same report gives the same page.
 */
export function renderReport(report: StudyReport): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${report.study} – Sparrow</title>
        <link rel="icon" href="data:," />
        ${report.state === 'running' && html`<noscript><meta http-equiv="refresh" content="${REFRESH_SECONDS}" /></noscript>`}
        <style>
          ${style}
        </style>
      </head>
      <body data-state="${report.state}">
        <main>${header(report)} ${body(report)}</main>
        <div id="tooltip" role="status" hidden></div>
        <script type="application/json" id="data">
          ${jsonScript(tooltips(report))}
        </script>
        <script type="module">
          ${script};
        </script>
      </body>
    </html> `;
  return page.text;
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
