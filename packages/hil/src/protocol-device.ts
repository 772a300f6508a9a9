import type { CheckUp, Device, DeviceIdentity, Inference } from './device.ts';
import {
  Conversation,
  identify,
  infer,
  ping,
  readBandgap,
  readStackPeak,
  SilentChipError,
  type Exchange,
  type Patience,
} from './exchange.ts';

import { SUPPLY_CYCLES } from './protocol.ts';

/** A serial line to a chip: all that differs between the emulator and a board. */
export interface Transport {
  readonly name: string;
  send(bytes: Uint8Array): void;
  /** Called with each byte that comes from the chip while `listen` is pending. */
  onByte: (byte: number) => void;
  /** Resolves to true when `done()` holds, to false when it does not and patience is at an end. */
  listen(done: () => boolean, patience: Patience): Promise<boolean>;
  /** Time on this side of the line, in milliseconds. */
  now(): number;
  close(): Promise<void>;
}

const BANDGAP_VOLTS = 1.1;
const ADC_STEPS = 1024;
const CHECK_UP_ATTEMPTS = 3;

/** A `Device` that speaks docs/protocol.md over any `Transport`. */
export class ProtocolDevice implements Device {
  private identity: DeviceIdentity | undefined;
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  get name(): string {
    return this.transport.name;
  }

  /** `patiences`: one an attempt. */
  async identify(patiences?: readonly Patience[]): Promise<DeviceIdentity> {
    this.identity = await this.converse(identify(patiences));
    return this.identity;
  }

  async infer(image: Uint8Array): Promise<Inference> {
    const identity = this.identity ?? (await this.identify());
    return this.converse(infer(image, identity));
  }

  async paintedStackBytes(): Promise<number> {
    return this.converse(readStackPeak());
  }

  /** The clock from what `supply` takes longer than nothing, each at its shortest: the way to the chip and back is in both. */
  async checkUp(): Promise<CheckUp> {
    let bandgap = 0;
    const shortest = { nothing: Infinity, supply: Infinity };
    for (let attempt = 0; attempt < CHECK_UP_ATTEMPTS; attempt++) {
      shortest.nothing = Math.min(shortest.nothing, await this.time(ping));
      const supply = await this.time(readBandgap, (answer) => (bandgap = answer));
      shortest.supply = Math.min(shortest.supply, supply);
    }
    const milliseconds = shortest.supply - shortest.nothing;
    return {
      ...(bandgap > 0 && { supplyVolts: (BANDGAP_VOLTS * ADC_STEPS) / bandgap }),
      ...(Number.isFinite(milliseconds) && { clockMegahertz: SUPPLY_CYCLES / milliseconds / 1000 }),
    };
  }

  /** Infinity if the answer got lost. */
  private async time<Answer>(ask: () => Exchange<Answer>, use: (answer: Answer) => void = () => {}): Promise<number> {
    const start = this.transport.now();
    try {
      use(await this.converse(ask()));
    } catch (error) {
      if (!(error instanceof SilentChipError)) throw error;
      return Infinity;
    }
    return this.transport.now() - start;
  }

  close(): Promise<void> {
    return this.transport.close();
  }

  private async converse<Answer>(exchange: Exchange<Answer>): Promise<Answer> {
    const conversation = new Conversation(exchange, (bytes) => this.transport.send(bytes));
    this.transport.onByte = (byte) => conversation.receive(byte);
    conversation.start();
    while (conversation.outcome === undefined) {
      const { questions } = conversation;
      const hasMovedOn = (): boolean => conversation.outcome !== undefined || conversation.questions !== questions;
      if (!(await this.transport.listen(hasMovedOn, conversation.patience))) conversation.endPatience();
    }
    if ('answer' in conversation.outcome) return conversation.outcome.answer;
    const { error } = conversation.outcome;
    if (!(error instanceof SilentChipError)) throw error;
    throw new SilentChipError(`${this.name}: the chip does not answer (any more)`);
  }
}
