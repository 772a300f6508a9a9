import type { NetworkTrial } from './trials.ts';

/** What a person sees of a search. Implementations print; nothing comes back. */
export interface SearchView {
  /** A new section of the run. */
  phase(title: string): void;
  note(line: string): void;
  trialFinished(trial: NetworkTrial): void;
  trialFailed(trial: NetworkTrial, reason: string): void;
  /** The moving line at the bottom: how far the phase is, 0…1, and what there is to say about it. */
  status(fraction: number, text: string): void;
  /** Leaves the terminal as it was. */
  close(): void;
}
