import { html, type Html } from '../html.ts';
import type { Axis } from './axis.ts';
import { chart, coordinate, type Plane } from './frame.ts';

export interface StepPoint {
  readonly x: number;
  readonly y: number;
}

export interface StepLine {
  /** From left to right. */
  readonly points: readonly StepPoint[];
  /** Lines of the same series have the same colour; default: the accent. */
  readonly series?: number;
}

export interface StepOptions {
  readonly title: string;
  readonly summary: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly StepLine[];
  /** Single networks behind the lines; those with the same key are the same in other charts. */
  readonly dots?: readonly (StepPoint & { readonly key: string })[];
}

/** Of the style sheet. */
export const SERIES_COLOURS = 5;

/** What was reached, and when: the line changes where a point is, and stays until the next one. */
export function stepChart({ title, summary, x, y, lines, dots = [] }: StepOptions): Html {
  const isFinite = (point: StepPoint) => Number.isFinite(point.x) && Number.isFinite(point.y);
  const marks = (plane: Plane) => [
    dots.filter(isFinite).map(({ key, x, y }) => {
      const [cx, cy] = [coordinate(plane.x(x)), coordinate(plane.y(y))];
      return html`<circle
        class="point trial"
        data-key="${key}"
        data-x="${cx}"
        data-y="${cy}"
        cx="${cx}"
        cy="${cy}"
        r="2.2"
      />`;
    }),
    lines.map(({ points, series }) => {
      const className = series === undefined ? 'reached' : `reached series-${series % SERIES_COLOURS}`;
      return html`<path class="${className}" d="${stepPath(points.filter(isFinite), plane)}" />`;
    }),
  ];
  return chart({ title, summary, className: 'steps', x, y, marks });
}

function stepPath(points: readonly StepPoint[], plane: Plane): string {
  const [first, ...others] = points;
  if (first === undefined) return '';
  // Most points change nothing: leave them out.
  const changes = others.filter((point, index) => point.y !== points[index].y);
  const steps = changes.map(({ x, y }) => `H${coordinate(plane.x(x))}V${coordinate(plane.y(y))}`);
  const last = points[points.length - 1];
  return `M${coordinate(plane.x(first.x))} ${coordinate(plane.y(first.y))}${steps.join('')}H${coordinate(plane.x(last.x))}`;
}
