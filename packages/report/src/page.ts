import { readFileSync } from 'node:fs';
import { html, trusted, type Fragment, type Html } from './html.ts';

/** A file that comes with this package and goes into pages as it is. */
export const asset = (name: string): Html =>
  trusted(readFileSync(new URL(`./client/${name}`, import.meta.url), 'utf8'));

const style = asset('report.css');

export interface PageOptions {
  readonly title: string;
  readonly state: 'running' | 'finished';
  readonly head?: Fragment;
  readonly main: Fragment;
  /** Behind what is to be read. */
  readonly after?: Fragment;
}

/** A whole page in one string: opens offline, from a file, and is forbidden to load anything. */
export function page({ title, state, head, main, after }: PageOptions): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} – Sparrow</title>
        <link rel="icon" href="data:," />
        ${head}
        <style>
          ${style}
        </style>
      </head>
      <body data-state="${state}">
        <main>${main}</main>
        ${after}
      </body>
    </html> `.text;
}
