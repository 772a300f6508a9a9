import { SingleBar } from 'cli-progress';
import pc from 'picocolors';
import type { NetworkTrial } from '../trials.ts';
import type { SearchView } from '../view.ts';
import { bytes, milliseconds, percent } from './format.ts';

/** Without a terminal (logs, CI) the moving line is printed anew this often. */
const quietStatusMilliseconds = 30_000;

/** Lines of what happened, above a bar that moves; without a terminal, lines alone. */
export class TerminalView implements SearchView {
  private readonly interactive: boolean;
  private bar: SingleBar | undefined;
  private lastStatusAt = 0;

  constructor(interactive = process.stdout.isTTY === true) {
    this.interactive = interactive;
  }

  phase(title: string): void {
    this.stopBar();
    process.stdout.write(`\n${pc.bold(title)}\n`);
    this.lastStatusAt = Date.now();
  }

  note(line: string): void {
    this.print(`  ${line}`);
  }

  trialFinished({ id, rung, objectives, attributes }: NetworkTrial): void {
    const accuracy = pc.green(percent(1 - objectives.error).padStart(8));
    const sizes = `flash ${bytes(objectives.flashBytes).padStart(8)}  RAM ${bytes(objectives.ramBytes).padStart(7)}`;
    const time = milliseconds(Number(attributes.milliseconds)).padStart(7);
    this.print(`  #${String(id).padEnd(4)} ${pc.dim(`rung ${rung}`)} ${accuracy}  ${sizes}  ${time}`);
  }

  trialFailed({ id, rung }: NetworkTrial, reason: string): void {
    this.print(`  #${String(id).padEnd(4)} ${pc.dim(`rung ${rung}`)} ${pc.yellow(reason)}`);
  }

  status(fraction: number, text: string): void {
    if (!this.interactive) {
      if (Date.now() - this.lastStatusAt < quietStatusMilliseconds) return;
      this.lastStatusAt = Date.now();
      this.print(`  ${percent(fraction)}: ${text}`);
      return;
    }
    if (this.bar === undefined) {
      this.bar = new SingleBar({ format: '  {bar} {text}', barsize: 24, hideCursor: true, clearOnComplete: true });
      this.bar.start(1, 0, { text });
    }
    this.bar.update(fraction, { text });
  }

  close(): void {
    this.stopBar();
  }

  private print(line: string): void {
    // The bar draws itself again below the line with the next status.
    this.stopBar();
    process.stdout.write(`${line}\n`);
  }

  private stopBar(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}
