import type { Trial } from '../types.ts';

/** Two configurations are the same if their JSON is. */
export function configurationKey(configuration: unknown): string {
  return JSON.stringify(configuration);
}

export function keysOf(history: readonly Trial<unknown>[]): Set<string> {
  return new Set(history.map((trial) => configurationKey(trial.configuration)));
}

/** Draws until the configuration is not in the history; a small space may be exhausted, then a repetition is returned. */
export function distinctFrom<Configuration>(
  history: readonly Trial<Configuration>[],
  draw: () => Configuration,
  attempts = 50,
): Configuration {
  const seen = keysOf(history);
  let configuration = draw();
  for (let attempt = 1; attempt < attempts && seen.has(configurationKey(configuration)); attempt++) {
    configuration = draw();
  }
  return configuration;
}
