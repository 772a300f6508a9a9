import type { Device, DeviceIdentity, Inference } from './device.ts';
import { Conversation, identify, infer, readStackPeak, type Exchange } from './exchange.ts';

/** A serial line to a chip: all that differs between the emulator and a board. */
export interface Transport {
  readonly name: string;
  send(bytes: Uint8Array): void;
  /** Called with each byte that comes from the chip while `listen` is pending. */
  onByte: (byte: number) => void;
  /** Resolves to true when `done()` holds, to false when it does not and the chip has been silent for too long. */
  listen(done: () => boolean, patience: 'short' | 'long'): Promise<boolean>;
  close(): Promise<void>;
}

export interface ProtocolDeviceOptions {
  /** Attempts to get an answer, each but the first after finding back to a common state. */
  readonly attempts: number;
  /** Attempts to find the chip at all: it may be starting. */
  readonly identifyAttempts: number;
}

/** A `Device` that speaks docs/protocol.md over any `Transport`. */
export class ProtocolDevice implements Device {
  private identity: DeviceIdentity | undefined;
  private readonly transport: Transport;
  private readonly options: ProtocolDeviceOptions;

  constructor(transport: Transport, options: ProtocolDeviceOptions) {
    this.transport = transport;
    this.options = options;
  }

  get name(): string {
    return this.transport.name;
  }

  async identify(): Promise<DeviceIdentity> {
    for (let attempt = 1; attempt <= this.options.identifyAttempts; attempt++) {
      this.identity = await this.attempt(identify(), 'short');
      if (this.identity !== undefined) return this.identity;
    }
    throw this.silence();
  }

  async infer(image: Uint8Array): Promise<Inference> {
    const identity = this.identity ?? (await this.identify());
    return this.converse(() => infer(image, identity));
  }

  async paintedStackBytes(): Promise<number> {
    return this.converse(readStackPeak);
  }

  close(): Promise<void> {
    return this.transport.close();
  }

  private async converse<Answer>(makeExchange: () => Exchange<Answer>): Promise<Answer> {
    for (let attempt = 1; attempt <= this.options.attempts; attempt++) {
      const answer = await this.attempt(makeExchange(), 'long');
      if (answer !== undefined) return answer;
      if (attempt < this.options.attempts) await this.identify();
    }
    throw this.silence();
  }

  /** Undefined when the chip fell silent. */
  private async attempt<Answer>(exchange: Exchange<Answer>, patience: 'short' | 'long'): Promise<Answer | undefined> {
    const conversation = new Conversation(exchange, (bytes) => this.transport.send(bytes));
    this.transport.onByte = (byte) => conversation.receive(byte);
    conversation.start();
    await this.transport.listen(() => conversation.outcome !== undefined, patience);
    const outcome = conversation.outcome;
    if (outcome === undefined) return undefined;
    if ('error' in outcome) throw outcome.error;
    return outcome.answer;
  }

  private silence(): Error {
    return new Error(`${this.name}: the chip does not answer (any more)`);
  }
}
