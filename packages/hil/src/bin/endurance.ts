import { Command } from 'commander';
import { loadDataset, type Dataset } from '@sparrow/datasets';
import { readModel, type Model } from '@sparrow/model';
import { BOARD_BAUD_RATE } from '../build.ts';
import { runThroughCuts } from '../endurance/cuts.ts';
import { runThroughNoise } from '../endurance/noise.ts';
import { findModel } from '../find-model.ts';
import { wireMilliseconds } from '../ports/baud-rate.ts';
import { PROGRAMMERS } from '../serial-device.ts';
import { tinyModel } from '../testing/tiny-model.ts';
import { verify } from '../verify.ts';
import { startVirtualUno } from '../virtual-uno/index.ts';
import { workspaceRoot } from '../toolchain.ts';
import { parseCount, runCommand } from './flags.ts';

interface Flags {
  readonly model?: string;
  readonly images: number;
  readonly frames: number;
  readonly cuts: number;
  readonly seed: number;
}

const program = new Command('endurance')
  .description(
    'What a board on the desk may go through, with a virtual Uno behind a pseudo-terminal: flashed when blank, a noisy line, a cable that is pulled.',
  )
  .option('--model <path>', 'an MNIST model: file, zoo folder or run folder (default: one of 490 MACs)')
  .option('--images <n>', 'test images to verify after flashing', parseCount, 1000)
  .option('--frames <n>', 'frames on a line that damages one in 100', parseCount, 10_000)
  .option('--cuts <n>', 'times that the cable is pulled', parseCount, 20)
  .option('--seed <n>', 'of noise and cuts', parseCount, 1)
  .showHelpAfterError('(nx run hil:endurance -- --help lists the flags)');

const DAMAGED_FRAMES = 0.01;
const IMAGE_BYTES = 28 * 28;
const FRAMES_AN_IMAGE = 2 * 29;
const LONGEST_END_SECONDS = 5;

function say(what: string, ok: boolean): boolean {
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${what}\n`);
  return ok;
}

async function main(flags: Flags): Promise<number> {
  const model = flags.model === undefined ? tinyModel : readModel(findModel(flags.model, 'mnist', workspaceRoot));
  const dataset = await loadDataset('mnist');
  const take = (count: number): Uint8Array => dataset.test.images.subarray(0, count * IMAGE_BYTES);
  const milliseconds = wireMilliseconds(28, 28, 10, BOARD_BAUD_RATE);
  const results = [
    say(`an MNIST image is ${milliseconds} ms on the wire, at ${BOARD_BAUD_RATE} baud`, milliseconds < 20),
    await flashAndVerify(model, dataset, flags.images),
    await noise(model, take, flags),
    await cuts(model, take, flags),
  ];
  return results.every((ok) => ok) ? 0 : 1;
}

async function flashAndVerify(model: Model, dataset: Dataset, images: number): Promise<boolean> {
  let ok = true;
  for (const programmer of PROGRAMMERS) {
    const uno = await startVirtualUno();
    const start = performance.now();
    let flashed = 0;
    const { mismatchedLogits, emulator } = await verify(model, dataset, {
      images,
      device: uno.path,
      programmer,
      onProgress: (done) => void (done === 1 && (flashed = performance.now())),
    });
    const seconds = (performance.now() - start) / 1000;
    await uno.close();
    ok =
      say(
        `blank chip, programmer ${programmer}: ${images} images, ${mismatchedLogits} logits mismatched, ${emulator?.imagesWithOtherCycles} with other cycles than the emulator, stack ${emulator?.stackDifferenceBytes} B off; ${((flashed - start) / 1000).toFixed(1)} s to the first answer, ${seconds.toFixed(1)} s in all`,
        mismatchedLogits === 0 && emulator?.imagesWithOtherCycles === 0 && emulator.stackDifferenceBytes === 0,
      ) && ok;
  }
  return ok;
}

type Take = (count: number) => Uint8Array;

async function noise(model: Model, take: Take, { frames, seed }: Flags): Promise<boolean> {
  const count = Math.ceil(frames / FRAMES_AN_IMAGE);
  const result = await runThroughNoise(model, { images: take(count), count, damagedFrames: DAMAGED_FRAMES, seed });
  for (const error of result.errors) process.stdout.write(`       ${error}\n`);
  return say(
    `noise: ${result.frames} frames and what was sent again, ${result.faults} faults; of ${count} images ${result.right} right, ${result.errors.length} explicit errors, ${result.wrong} wrong; ${result.seconds.toFixed(1)} s`,
    result.wrong === 0 && result.right + result.errors.length === count && result.faults > 0,
  );
}

async function cuts(model: Model, take: Take, { cuts: times, seed }: Flags): Promise<boolean> {
  const count = 10 * times;
  const { seconds, errors, repeated, run } = await runThroughCuts(model, {
    images: take(count),
    count,
    cuts: times,
    seed,
  });
  const clear = errors.filter((error) => /^the board at \S+ was unplugged \([^\n]*goes on from there\)$/.test(error));
  return say(
    `cable pulled ${times} times in a run of ${count} images: ended after at most ${Math.max(...seconds).toFixed(2)} s, ${clear.length} with a clear line; ${repeated} finished images repeated, ${run.mismatchedLogits} logits mismatched`,
    Math.max(...seconds) < LONGEST_END_SECONDS &&
      clear.length === times &&
      repeated === 0 &&
      run.mismatchedLogits === 0,
  );
}

await runCommand(program, main);
