/**
 * A process to be killed: asks and tells without end, or until `trials` trials are there. Writes a line for each trial
 * that it was given (`asked ID`) and, after `tell` has returned, for each that it told (`told ID ERROR`).
 */
import { writeSync } from 'node:fs';
import { makeSampler, openStudy, successiveHalving } from '../index.ts';
import { evaluateToy, toyProblem } from './toy-space.ts';

const [path, limit] = process.argv.slice(2);
const study = openStudy({
  path,
  problem: toyProblem,
  sampler: makeSampler('random', toyProblem),
  scheduler: successiveHalving(toyProblem, { rungs: 3, reductionFactor: 3 }),
  seed: 1,
});
// Synchronous writes: what is read by the parent did happen before the kill.
const say = (line: string) => writeSync(1, `${line}\n`);
say('open');
while (study.trials().length < Number(limit)) {
  const trial = study.ask();
  say(`asked ${trial.id}`);
  const observation = evaluateToy(trial.configuration);
  if (study.tell(trial, observation)) say(`told ${trial.id} ${observation.objectives.error}`);
}
study.close();
