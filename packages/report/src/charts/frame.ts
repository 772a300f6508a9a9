import { html, type Fragment, type Html } from '../html.ts';
import type { Axis } from './axis.ts';

/** In the units of a chart's own coordinates; a phone shows one chart beside nothing, at about this size. */
const SIZE = { width: 400, height: 280 } as const;
const MARGIN = { left: 54, right: 14, top: 12, bottom: 44 } as const;

/** Where values are in a chart. */
export interface Plane {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface ChartOptions {
  readonly title: string;
  /** For those who cannot see it. */
  readonly summary: string;
  readonly className: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly marks: (plane: Plane) => Fragment;
}

/** Axes with their grid, and marks between them. */
export function chart({ title, summary, className, x, y, marks }: ChartOptions): Html {
  const plane = planeOf(x, y);
  return html`<figure class="chart ${className}">
    <figcaption>${title}</figcaption>
    <svg viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="group" aria-label="${title}: ${summary}">
      ${horizontalAxis(x, plane)} ${verticalAxis(y, plane)} ${marks(plane)}
    </svg>
  </figure>`;
}

/** Coordinates are written with a tenth of a unit: charts are made of thousands of them. */
export const coordinate = (value: number): string => String(Number(value.toFixed(1)));

function planeOf(x: Axis, y: Axis): Plane {
  const left = MARGIN.left;
  const right = SIZE.width - MARGIN.right;
  const top = MARGIN.top;
  const bottom = SIZE.height - MARGIN.bottom;
  return {
    x: (value) => left + x.position(value) * (right - left),
    y: (value) => bottom - y.position(value) * (bottom - top),
    left,
    right,
    top,
    bottom,
  };
}

function horizontalAxis({ label, ticks }: Axis, { x, left, right, top, bottom }: Plane): Html {
  return html`<g class="axis" aria-hidden="true">
    ${ticks.map(({ value, text }) => {
      const at = coordinate(x(value));
      return html`<path class="grid" d="M${at} ${top}V${bottom}" /><text
          x="${at}"
          y="${bottom + 16}"
          text-anchor="middle"
          >${text}</text
        >`;
    })}
    <text class="label" x="${(left + right) / 2}" y="${bottom + 36}" text-anchor="middle">${label}</text>
  </g>`;
}

function verticalAxis({ label, ticks }: Axis, { y, left, right, top, bottom }: Plane): Html {
  const middle = (top + bottom) / 2;
  return html`<g class="axis" aria-hidden="true">
    ${ticks.map(({ value, text }) => {
      const at = coordinate(y(value));
      return html`<path class="grid" d="M${left} ${at}H${right}" /><text
          x="${left - 6}"
          y="${at}"
          dy="0.35em"
          text-anchor="end"
          >${text}</text
        >`;
    })}
    <text class="label" transform="translate(10 ${middle}) rotate(-90)" text-anchor="middle">${label}</text>
  </g>`;
}
