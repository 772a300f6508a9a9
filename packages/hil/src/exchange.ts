import type { DeviceIdentity, Inference } from './device.ts';
import { encodeCommand, fillerBytes, PROTOCOL_VERSION, refusedCommand, ReplyDecoder, type Reply } from './protocol.ts';

/** How long silence has to last to mean that something got lost: `long` allows for the computation of a row. */
export type Patience = 'short' | 'long';

/** Bytes to send, and how long to wait for what they ask for. */
export interface Question {
  readonly bytes: Uint8Array;
  readonly patience: Patience;
}

/**
 * One task of the chip, as a coroutine that knows nothing of time or lines: it yields a question (or nothing, to go on
 * listening) and is resumed with the next reply, or with `silence`.
 */
export type Exchange<Answer> = Generator<Question | undefined, Answer, Reply | Silence>;
export interface Silence {
  readonly type: 'silence';
}

/** The chip does not answer, whatever it is asked. */
export class SilentChipError extends Error {
  override readonly name = 'SilentChipError';
}

/** Times that something goes wrong within one image until the line is given up. */
const MOST_TROUBLES = 100;

/** Longest row that `identify` ends without knowing the firmware: 96 pixels of three channels, and some. */
const UNKNOWN_ROW_BYTES = 512;

/** Before an answer is known to be lost, and once more as long as a row may take: the chip may still have been computing. */
const PATIENCES: readonly Patience[] = ['short', 'short', 'long', 'short'];

const NO_IMAGE = -1;

/** Also brings a chip in an unknown state back to waiting for commands. `patiences`: one an attempt. */
export function* identify(
  patiences: readonly Patience[] = PATIENCES,
  longestRowBytes = UNKNOWN_ROW_BYTES,
): Exchange<DeviceIdentity> {
  const bytes = new Uint8Array([...fillerBytes(longestRowBytes), ...encodeCommand('identify')]);
  const reply = yield* ask(bytes, 'identity', patiences);
  if (reply.protocolVersion !== PROTOCOL_VERSION) {
    throw new Error(
      `the firmware speaks version ${reply.protocolVersion} of the protocol, this program version ${PROTOCOL_VERSION}: flash it again`,
    );
  }
  return reply.identity;
}

export function* readStackPeak(): Exchange<number> {
  return (yield* ask(encodeCommand('stack'), 'stackPeak', PATIENCES)).bytes;
}

/** Asks for nothing, to see how long an answer takes. */
export function* ping(): Exchange<void> {
  yield* ask(refusedCommand(), 'rejected', ['long']);
}

/** The bandgap reference in 1,024ths of the supply; asked at once, without a second attempt, since it is timed. */
export function* readBandgap(): Exchange<number> {
  return (yield* ask(encodeCommand('supply'), 'bandgap', ['long'])).value;
}

/** `image`: `inputRows` rows of `inputRowBytes` bytes. */
export function* infer(image: Uint8Array, identity: DeviceIdentity): Exchange<Inference> {
  const { inputRows, inputRowBytes } = identity;
  if (image.length !== inputRows * inputRowBytes) {
    throw new Error(
      `an image has ${image.length} bytes, the firmware takes ${inputRows} rows of ${inputRowBytes} bytes: is it the dataset that the model was trained on?`,
    );
  }
  const command = (row: number): Question => {
    if (row === NO_IMAGE) return { bytes: encodeCommand('begin'), patience: 'long' };
    const pixels = image.subarray(row * inputRowBytes, (row + 1) * inputRowBytes);
    return { bytes: encodeCommand('row', pixels), patience: 'long' };
  };
  let row = NO_IMAGE;
  let reply = yield command(row);
  for (let troubles = 0; ;) {
    if (reply.type === 'result' && row === inputRows - 1) return { logits: reply.logits, cycles: reply.cycles };
    if (reply.type === 'identity') {
      // A late answer to the second time that it was asked.
      reply = yield undefined;
      continue;
    }
    if (reply.type === 'rowWanted' && reply.row === row + 1) {
      row++;
    } else {
      if (++troubles > MOST_TROUBLES) {
        throw new Error(`the serial line is too noisy: ${MOST_TROUBLES + 1} damaged frames in one image`);
      }
      const wanted: number = yield* findBack(identity);
      // Whether the chip has got the last command. If neither holds, it has been reset, or its result was lost.
      if (wanted === row + 1 && wanted < inputRows) row++;
      else if (wanted !== row) row = NO_IMAGE;
    }
    reply = yield command(row);
  }
}

/**
 * Gets in step with the chip again: with the identity, which comes last, nothing older is on its way any more. Rows have no
 * numbers, so none may be sent before.
 *
 * @returns the row that the chip waits for; `inputRows` if it waits for none
 */
function* findBack(identity: DeviceIdentity): Exchange<number> {
  for (;;) {
    const found = yield* identify(PATIENCES, identity.inputRowBytes);
    if (found.firmwareId !== identity.firmwareId) throw new Error('the chip runs another firmware than a moment ago');
    try {
      return (yield* ask(refusedCommand(), 'rejected', ['short'])).row;
    } catch (error) {
      if (!(error instanceof SilentChipError)) throw error;
    }
  }
}

/** Asks as often as it has patience, and skips whatever else is heard. */
function* ask<Type extends Reply['type']>(
  bytes: Uint8Array,
  type: Type,
  patiences: readonly Patience[],
): Exchange<Extract<Reply, { readonly type: Type }>> {
  for (const patience of patiences) {
    let reply: Reply | Silence = yield { bytes, patience };
    while (reply.type !== 'silence') {
      if (isOfType(reply, type)) return reply;
      reply = yield undefined;
    }
  }
  throw new SilentChipError('the chip does not answer');
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
  /** Questions asked so far, and how long to wait for the last one's answer. */
  questions = 0;
  patience: Patience = 'short';
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

  /** The answer is overdue. A reply that has begun will not be finished. */
  endPatience(): void {
    this.decoder.reset();
    this.step(() => this.exchange.next({ type: 'silence' }));
  }

  private step(advance: () => IteratorResult<Question | undefined, Answer>): void {
    try {
      const { done, value } = advance();
      if (done) this.outcome = { answer: value };
      else if (value !== undefined) {
        this.questions++;
        this.patience = value.patience;
        this.send(value.bytes);
      }
    } catch (error) {
      this.outcome = { error };
    }
  }
}
