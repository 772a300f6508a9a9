import type { DeviceIdentity, Inference } from './device.ts';
import { encodeCommand, fillerBytes, PROTOCOL_VERSION, ReplyDecoder, type Reply } from './protocol.ts';

/**
 * One question to the chip, as a coroutine that knows nothing of time or lines: it yields the bytes to send (or nothing,
 * to go on listening) and is resumed with the next reply. Replies that it did not ask for are left over from before
 * something went wrong; it skips them, and whoever drives it acts on silence.
 */
export type Exchange<Answer> = Generator<Uint8Array | undefined, Answer, Reply>;

/** How often a damaged command is sent again before the line is given up. */
const MOST_REJECTIONS = 20;

/** Longest row that `identify` ends without knowing the firmware: 96 pixels of three channels, and some. */
const UNKNOWN_ROW_BYTES = 512;

/** Also brings a chip in an unknown state back to waiting for commands. */
export function* identify(): Exchange<DeviceIdentity> {
  const question = new Uint8Array([...fillerBytes(UNKNOWN_ROW_BYTES), ...encodeCommand('identify')]);
  const reply = yield* ask(question, 'identity');
  if (reply.protocolVersion !== PROTOCOL_VERSION) {
    throw new Error(
      `the firmware speaks version ${reply.protocolVersion} of the protocol, this program version ${PROTOCOL_VERSION}: flash it again`,
    );
  }
  return reply.identity;
}

export function* readStackPeak(): Exchange<number> {
  return (yield* ask(encodeCommand('stack'), 'stackPeak')).bytes;
}

/** `image`: `inputRows` rows of `inputRowBytes` bytes. */
export function* infer(image: Uint8Array, { inputRows, inputRowBytes }: DeviceIdentity): Exchange<Inference> {
  if (image.length !== inputRows * inputRowBytes) {
    throw new Error(
      `an image has ${image.length} bytes, the firmware takes ${inputRows} rows of ${inputRowBytes} bytes: is it the dataset that the model was trained on?`,
    );
  }
  const begin = encodeCommand('begin');
  const rowCommand = (row: number): Uint8Array =>
    encodeCommand('row', image.subarray(row * inputRowBytes, (row + 1) * inputRowBytes));
  let row = -1;
  let command: Uint8Array | undefined = begin;
  for (let rejections = 0; rejections <= MOST_REJECTIONS;) {
    const reply: Reply = yield command;
    command = undefined;
    if (reply.type === 'result' && row === inputRows - 1) return { logits: reply.logits, cycles: reply.cycles };
    if (reply.type === 'rowWanted' && reply.row === row + 1) {
      row++;
      command = rowCommand(row);
    }
    if (reply.type === 'rejected' && (row === -1 || reply.row === row)) {
      rejections++;
      command = row === -1 ? begin : rowCommand(row);
    }
  }
  throw new Error(`the serial line is too noisy: ${MOST_REJECTIONS + 1} damaged frames in one image`);
}

/** Sends a command and listens for its reply. */
function* ask<Type extends Reply['type']>(
  command: Uint8Array,
  type: Type,
): Exchange<Extract<Reply, { readonly type: Type }>> {
  let reply: Reply = yield command;
  while (!isOfType(reply, type)) reply = yield undefined;
  return reply;
}

function isOfType<Type extends Reply['type']>(
  reply: Reply,
  type: Type,
): reply is Extract<Reply, { readonly type: Type }> {
  return reply.type === type;
}

type Outcome<Answer> = { readonly answer: Answer } | { readonly error: unknown };

/** Drives an exchange over a line: bytes in by `receive`, bytes out by `send`. */
export class Conversation<Answer> {
  /** Set when the exchange has ended. */
  outcome: Outcome<Answer> | undefined;
  private readonly decoder = new ReplyDecoder();
  private readonly exchange: Exchange<Answer>;
  private readonly send: (bytes: Uint8Array) => void;

  constructor(exchange: Exchange<Answer>, send: (bytes: Uint8Array) => void) {
    this.exchange = exchange;
    this.send = send;
  }

  start(): void {
    this.step(() => this.exchange.next());
  }

  receive(byte: number): void {
    const reply = this.decoder.push(byte);
    if (reply !== undefined && this.outcome === undefined) this.step(() => this.exchange.next(reply));
  }

  private step(advance: () => IteratorResult<Uint8Array | undefined, Answer>): void {
    try {
      const { done, value } = advance();
      if (done) this.outcome = { answer: value };
      else if (value !== undefined) this.send(value);
    } catch (error) {
      this.outcome = { error };
    }
  }
}
