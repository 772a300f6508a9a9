import type { Device, DeviceIdentity, Inference } from './device.ts';
import {
  Conversation,
  identify,
  infer,
  readStackPeak,
  SilentChipError,
  type Exchange,
  type Patience,
} from './exchange.ts';

/** A serial line to a chip: all that differs between the emulator and a board. */
export interface Transport {
  readonly name: string;
  send(bytes: Uint8Array): void;
  /** Called with each byte that comes from the chip while `listen` is pending. */
  onByte: (byte: number) => void;
  /** Resolves to true when `done()` holds, to false when it does not and patience is at an end. */
  listen(done: () => boolean, patience: Patience): Promise<boolean>;
  close(): Promise<void>;
}

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
