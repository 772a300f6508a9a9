import { join } from 'node:path';
import type { Dataset } from '@sparrow/datasets';
import { isFeasible, type StudyReader } from '@sparrow/optimizer';
import { historyOf, renderReport, type Importance, type StudyReport } from '@sparrow/report';
import type { SearchContext } from './context.ts';
import { unoGoals, type Goal } from './goals.ts';
import { readEvidence, reportedGoal } from './report/evidence.ts';
import { bestCandidate, finishedFolders, finishedNetwork } from './report/networks.ts';
import { importanceAmong, reportedTrials } from './report/trials.ts';
import { writeAtomically, type RunFolder } from './run-folder.ts';
import type { Configuration } from './space/configuration.ts';
import { unoLimits } from './space/limits.ts';

/** What a report needs of a study, open for writing or reading. */
export type ReportableStudy = Pick<StudyReader<Configuration>, 'settings' | 'trials' | 'front'>;

/** What the study itself does not know. */
export interface ReportExtras {
  readonly dataset: Dataset;
  readonly state: StudyReport['state'];
  /** What the search is doing, for people. */
  readonly activity?: string;
  /** What networks are wanted for, the first one's is recommended; default: what finished networks were chosen for. */
  readonly goals?: readonly Goal[];
}

export const reportPath = (folder: RunFolder): string => join(folder.path, 'report.html');

/** Writes `report.html` into the run's folder, whole or not at all, of what is there by now. */
export function writeReport(folder: RunFolder, study: ReportableStudy, extras: ReportExtras): void {
  writeAtomically(reportPath(folder), renderReport(reportOf(folder, study, extras)));
}

export function reportOf(folder: RunFolder, study: ReportableStudy, extras: ReportExtras): StudyReport {
  const { dataset, state, activity, goals = unoGoals } = extras;
  const trials = study.trials();
  const complete = trials.filter((trial) => trial.state === 'complete');
  const numberOf = (wanted: string) => trials.filter((trial) => trial.state === wanted).length;
  const folders = finishedFolders(folder, goals);
  const finished = folders.map((path) => finishedNetwork(path, dataset));
  const candidate =
    finished.length > 0 ? undefined : bestCandidate(folder, complete.filter(isFeasible), goals[0], unoLimits);
  return {
    study: folder.name,
    dataset: dataset.name,
    state,
    activity,
    writtenAt: Date.now(),
    command: `npx nx run search:${dataset.name} --study ${folder.name}`,
    trials: reportedTrials(folder, complete, new Set(study.front())),
    counts: { running: numberOf('running'), pruned: numberOf('pruned'), failed: numberOf('failed') },
    chip: { name: 'Arduino Uno (ATmega328P)', ramBytes: unoLimits.ramBytes, flashBytes: unoLimits.flashBytes },
    goals: extras.goals?.map(reportedGoal) ?? folders.flatMap((path) => readEvidence(path)?.goal ?? []),
    history: historyOf(trials, study.settings.objectives, 'error'),
    importance: importanceOfStudy(study),
    networks: candidate === undefined ? finished : [candidate],
  };
}

/** With one more trial in ten, importances are worth computing again. */
const GROWTH = 1.1;

const importances = new WeakMap<ReportableStudy, { readonly trials: number; readonly importance?: Importance }>();

function importanceOfStudy(study: ReportableStudy): Importance | undefined {
  const trials = study.trials().filter((trial) => trial.state === 'complete');
  const known = importances.get(study);
  if (known !== undefined && trials.length < GROWTH * known.trials) return known.importance;
  const importance = importanceAmong(trials);
  importances.set(study, { trials: trials.length, importance });
  return importance;
}

const INTERVAL_MILLISECONDS = 10_000;

/** Keeps a running search's report up to date, and finishes it when the function that is returned is called. A report that fails is no reason to stop. */
export function keepReporting(
  { folder, study, dataset, goals, view }: Pick<SearchContext, 'folder' | 'study' | 'dataset' | 'goals' | 'view'>,
  activity: () => string,
): () => void {
  let complaint = '';
  const write = (state: StudyReport['state']): void => {
    try {
      writeReport(folder, study, { dataset, goals, state, activity: state === 'running' ? activity() : undefined });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== complaint) view.note(`no report: ${message}`);
      complaint = message;
    }
  };
  write('running');
  const timer = setInterval(() => write('running'), INTERVAL_MILLISECONDS);
  return () => {
    clearInterval(timer);
    write('finished');
  };
}
