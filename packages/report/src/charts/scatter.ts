import { nonDominatedIndices } from '@sparrow/optimizer';
import { html, type Html } from '../html.ts';
import { logAxis } from './axis.ts';
import { chart, coordinate, type Plane } from './frame.ts';

export interface ScatterPoint {
  /** Points with one key are one network, in whatever chart they are. */
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly kind: 'trial' | 'front' | 'finished';
  /** For those who cannot see it: such points can be reached with the keyboard. */
  readonly label?: string;
}

/** Networks that are worse than this many times the best lie at the upper edge: they would squeeze those that matter. */
export const MOST_TIMES_BEST = 30;

export interface ScatterOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
  readonly points: readonly ScatterPoint[];
  /** What the chip or the user allows, in the direction of x. */
  readonly limits: readonly { readonly value: number; readonly text: string }[];
}

/** Both directions logarithmic, less is better. The line joins what nothing in this chart beats. */
export function scatterPlot({ title, xLabel, yLabel, formatX, formatY, points, limits }: ScatterOptions): Html {
  const shown = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  const xs = shown.map(({ x }) => x);
  const nearLimits = limits.filter(({ value }) => value <= 1.5 * Math.max(...xs));
  const x = logAxis(xLabel, [...xs, ...nearLimits.map(({ value }) => value)], formatX);
  const y = logAxis(
    yLabel,
    shown.map((point) => point.y),
    formatY,
    MOST_TIMES_BEST,
  );
  const marks = (plane: Plane) => [
    nearLimits.map(({ value, text }) => limitLine(value, text, plane)),
    html`<path class="front-line" d="${frontPath(shown, plane)}" />`,
    // What matters most lies on top.
    (['trial', 'front', 'finished'] as const).map((kind) =>
      shown.filter((point) => point.kind === kind).map((point) => mark(point, plane)),
    ),
  ];
  return chart({ title, summary: `${shown.length} networks`, className: 'scatter', x, y, marks });
}

function mark({ key, x, y, kind, label }: ScatterPoint, plane: Plane): Html {
  const [cx, cy] = [coordinate(plane.x(x)), coordinate(plane.y(y))];
  const aria = label !== undefined && html` tabindex="0" role="img" aria-label="${label}"`;
  const shape =
    kind === 'finished'
      ? html`<path
          class="point finished"
          data-key="${key}"
          data-x="${cx}"
          data-y="${cy}"
          d="M${cx} ${cy}m0-7l7 7l-7 7l-7-7z"
          ${aria}
        />`
      : html`<circle
          class="point ${kind}"
          data-key="${key}"
          data-x="${cx}"
          data-y="${cy}"
          cx="${cx}"
          cy="${cy}"
          r="${kind === 'front' ? 4.5 : 2.8}"
          ${aria}
        />`;
  return shape;
}

function limitLine(value: number, text: string, { x, top, bottom }: Plane): Html {
  const at = coordinate(x(value));
  return html`<g class="limit" aria-hidden="true">
    <path d="M${at} ${top}V${bottom}" />
    <text x="${at}" y="${top}" dx="-4" dy="0.8em" text-anchor="end">${text}</text>
  </g>`;
}

/** A staircase: to the right of and above it, something is at least as good. */
function frontPath(points: readonly ScatterPoint[], plane: Plane): string {
  const tried = points.filter(({ kind }) => kind !== 'finished');
  const front = nonDominatedIndices(tried.map(({ x, y }) => [x, y])).map((index) => tried[index]);
  front.sort((a, b) => a.x - b.x || a.y - b.y);
  if (front.length === 0) return '';
  const [first, ...others] = front;
  const steps = others.map(({ x, y }) => `H${coordinate(plane.x(x))}V${coordinate(plane.y(y))}`);
  return `M${coordinate(plane.x(first.x))} ${coordinate(plane.top)}V${coordinate(plane.y(first.y))}${steps.join('')}H${coordinate(plane.right)}`;
}
