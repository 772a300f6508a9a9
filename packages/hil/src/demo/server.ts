import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Split } from '@sparrow/datasets';
import type { DemoChip } from './demo-chip.ts';
import { DIGIT_SIDE, digitImage } from './digit-image.ts';

/** Pixels of the page's canvas, a side. */
const CANVAS_SIDE = 280;

export interface DemoOptions {
  readonly chip: DemoChip;
  /** Of the model and where it runs, under the page's heading. */
  readonly caption: string;
  /** Digits that the page can show. */
  readonly examples: Split;
  readonly host: string;
  readonly port: number;
}

/**
 * Serves the page (`/`), digits to show (`/example`: 784 bytes), and the chip's answers (`POST /digit` with the canvas's ink, a byte a pixel).
 *
 * @throws Error in one line, if the port cannot be had
 */
export async function serveDemo(options: DemoOptions): Promise<Server> {
  const page = renderPage(options.caption);
  const server = createServer((request, response) => void answer(request, response, options, page));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explainListening(error, options)));
    server.listen(options.port, options.host, resolve);
  });
  return server;
}

const asset = (name: string): string => readFileSync(new URL(`./client/${name}`, import.meta.url), 'utf8');

/** One file that asks for no other. */
function renderPage(caption: string): string {
  const text = caption.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const parts: Record<string, string> = {
    // Comments, as a formatter would take anything else in their places for code.
    '/* STYLE */': asset('demo.css'),
    '/* SCRIPT */': asset('demo.mjs'),
    '{CAPTION}': text,
    '{SIDE}': String(CANVAS_SIDE),
  };
  return asset('demo.html').replace(/\/\* (?:STYLE|SCRIPT) \*\/|\{(?:CAPTION|SIDE)\}/g, (name) => parts[name]);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { chip, examples }: DemoOptions,
  page: string,
): Promise<void> {
  switch (`${request.method} ${request.url}`) {
    case 'GET /':
      return send(response, 200, 'text/html; charset=utf-8', page);
    case 'GET /example':
      return send(response, 200, 'application/octet-stream', anyOf(examples));
    case 'POST /digit':
      return sendJson(response, ...(await read(chip, await receive(request))));
    default:
      return sendJson(response, 404, { error: 'there is nothing here' });
  }
}

function anyOf({ images, count }: Split): Uint8Array {
  const index = Math.floor(Math.random() * count);
  return images.subarray(index * DIGIT_SIDE ** 2, (index + 1) * DIGIT_SIDE ** 2);
}

/** The request's body; empty if it is longer than a drawing. */
async function receive(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= CANVAS_SIDE ** 2) chunks.push(chunk);
  }
  return length <= CANVAS_SIDE ** 2 ? Buffer.concat(chunks) : new Uint8Array();
}

async function read(chip: DemoChip, ink: Uint8Array): Promise<[status: number, body: unknown]> {
  if (ink.length !== CANVAS_SIDE ** 2) {
    return [400, { error: `a drawing has ${CANVAS_SIDE} × ${CANVAS_SIDE} bytes: load the page anew` }];
  }
  const image = digitImage({ ink, side: CANVAS_SIDE });
  if (image === undefined) return [200, { blank: true }];
  try {
    return [200, { image: [...image], ...(await chip.ask(image)) }];
  } catch (error) {
    return [503, { error: error instanceof Error ? error.message : String(error) }];
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, 'application/json', JSON.stringify(body));
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

function explainListening(error: NodeJS.ErrnoException, { host, port }: DemoOptions): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new Error(`port ${port} is in use, perhaps by another demo: close it, or name another with --port`);
    case 'EACCES':
      return new Error(`no permission to listen on port ${port}: name one above 1023 with --port`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new Error(`${host} is no address of this computer: --host 127.0.0.1 is for itself alone, 0.0.0.0 for all`);
    default:
      return new Error(`cannot listen on ${host}, port ${port}: ${error.message}`);
  }
}
