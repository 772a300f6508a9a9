import fc from 'fast-check';
import { renderReport } from './render-report.ts';
import type { StudyReport } from './study-report.ts';
import { arbitraryReport } from './testing/arbitrary-report.ts';

const emptyStudy: StudyReport = {
  study: 'first-try',
  dataset: 'mnist',
  state: 'running',
  writtenAt: 0,
  trials: [],
  counts: { running: 2, pruned: 0, failed: 0 },
  chip: { name: 'ATmega328P', ramBytes: 2048, flashBytes: 32_256 },
  goals: [],
  history: [],
  networks: [],
};

/** Names of elements in order: what text and attributes contain is gone, so nothing of it may be an element. */
function elements(page: string): string[] {
  return [...page.matchAll(/<(\/?[a-z!][\w-]*)/gi)].map(([, name]) => name.toLowerCase());
}

const ALLOWED = new Set(
  (
    '!doctype a article b body button caption circle code dd details div dl dt figcaption figure g h1 h2 h3 head header html i img input ' +
    'label li link main meta noscript ol p path script section small span strong style summary svg table tbody td text tfoot th thead ' +
    'time title tr ul'
  ).split(' '),
);

test('whatever the texts are, they stay text', () => {
  fc.assert(
    fc.property(arbitraryReport(6), (report) => {
      const page = renderReport(report);
      // The script that the page comes with, and its data.
      const [markup] = page.split('<script type="application/json"');
      const names = elements(markup.replace(/<style>.*?<\/style>/s, ''));
      expect(names.filter((name) => !ALLOWED.has(name.replace('/', '')))).toEqual([]);
      expect(markup).not.toMatch(/<script|onerror=(?!alert\(1\)&gt;)/);
      expect(page.match(/<\/script>/g)).toHaveLength(2);
      expect(page).not.toMatch(/[^\P{Cc}\t\n]/u);
      const [, data] = /id="data">(.*?)<\/script>/s.exec(page)!;
      expect(Object.keys(JSON.parse(data) as object)).toHaveLength(report.trials.length + report.networks.length);
    }),
    { numRuns: 60 },
  );
});

test('coordinates are numbers, whatever was measured', () => {
  fc.assert(
    fc.property(arbitraryReport(20), (report) => {
      const charts = renderReport({ ...report, networks: [] }).match(/<svg.*?<\/svg>/gs) ?? [];
      for (const chart of charts) {
        expect(chart.match(/ (?:d|x|y|cx|cy)="[^"]*(?:NaN|Infinity|undefined|e[+-])[^"]*"/g)).toBeNull();
      }
    }),
    { numRuns: 60 },
  );
});

test('every trial is in each of the three charts of the front', () => {
  fc.assert(
    fc.property(arbitraryReport(12), (report) => {
      const page = renderReport({ ...report, networks: [], history: [] });
      const points = [...page.matchAll(/<circle[^>]*data-key="t(\d+)"/g)].map(([, id]) => Number(id));
      expect(points.sort((a, b) => a - b)).toEqual(report.trials.flatMap(({ id }) => [id, id, id]));
    }),
    { numRuns: 30 },
  );
});

test('a study without trials says so', () => {
  const page = renderReport(emptyStudy);
  expect(page).toContain('No network is trained yet');
  expect(page).toContain('0 trials (2 running)');
  expect(page).toContain('http-equiv="refresh"');
  expect(renderReport({ ...emptyStudy, state: 'finished' })).not.toContain('http-equiv="refresh"');
});

test('it is a pure function', () => {
  const [report] = fc.sample(arbitraryReport(5), { numRuns: 1, seed: 7 });
  expect(renderReport(report)).toBe(renderReport(structuredClone(report)));
});

test('500 trials make less than a megabyte', () => {
  const [some] = fc.sample(arbitraryReport(20), { numRuns: 1, seed: 3 });
  const [trial] = fc.sample(
    arbitraryReport(20).filter(({ trials }) => trials.length > 0),
    { numRuns: 1, seed: 3 },
  )[0].trials;
  const trials = Array.from({ length: 500 }, (_, index) => ({
    ...trial,
    id: index + 1,
    layers: Array.from({ length: 8 }, () => 'depthwise 3×3 stride 2, int8 → 28×28×16'),
  }));
  const history = trials.map(({ id, error }) => ({
    trial: id,
    trials: id,
    milliseconds: 9_000 * id,
    error,
    hypervolume: id,
  }));
  const page = renderReport({ ...some, trials, history, networks: [] });
  expect(page.length).toBeLessThan(1_000_000);
});
