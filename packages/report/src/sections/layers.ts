import { bytes, count, perMac, share } from '../format.ts';
import { html, type Html } from '../html.ts';
import type { ReportedLayer, ReportedNetwork } from '../study-report.ts';
import { scrolling } from './section.ts';

/** Where cycles and bytes of a network go. */
export function layerTable({ layers, cycles, cost, layersAreMeasured, verification }: ReportedNetwork): Html {
  // Of a finished network all cycles together were measured, whatever is known of its layers.
  const isOneKind = layersAreMeasured || verification === undefined;
  const most = Math.max(1, ...layers.map((layer) => layer.cycles));
  const phases = [...new Set(layers.flatMap((layer) => Object.keys(layer.phases)))];
  const table = html`<table class="layer-table">
    <thead>
      <tr>
        <th scope="col">layer</th>
        <th scope="col">output</th>
        <th scope="col">MACs</th>
        <th scope="col">cycles</th>
        <th scope="col" class="wide">where they go</th>
        <th scope="col">cycles/MAC</th>
        <th scope="col">code</th>
        <th scope="col">parameters</th>
        <th scope="col">RAM</th>
      </tr>
    </thead>
    <tbody>
      ${layers.map((layer) => row(layer, phases, most, cycles))}
    </tbody>
    <tfoot>
      ${total(layers, cycles, cost.macs, isOneKind ? 'beside' : 'more than predicted for')}
    </tfoot>
  </table>`;
  const source = layersAreMeasured
    ? 'Cycles were counted on the emulated chip, instruction by instruction.'
    : 'Cycles are what the code generator predicts, which knows the time of each instruction.';
  return html`${scrolling('Layers', table)} ${phaseLegend(phases)}
    <p class="note">
      ${source} RAM is what the rows of a layer’s output and its sums take; layers that live at different times may
      share it.
    </p>`;
}

function row(layer: ReportedLayer, phases: readonly string[], most: number, all: number): Html {
  const { name, operation, output, implementation, macs, cycles, codeBytes, parameterBytes, ramBytes } = layer;
  return html`<tr>
    <th scope="row">${name}<small>${operation}</small><small class="implementation">${implementation}</small></th>
    <td>${output}</td>
    <td>${macs > 0 ? count(macs) : '–'}</td>
    <td>${count(cycles)}<small>${share(cycles / all)}</small></td>
    <td class="wide">
      <span class="stack" aria-hidden="true">
        ${phases.map((phase, index) => {
          const part = layer.phases[phase] ?? 0;
          return html`<i
            class="phase-${index}"
            style="--share: ${(part / most).toFixed(4)}"
            title="${phase}: ${count(part)} cycles"
          ></i>`;
        })}
      </span>
    </td>
    <td>${perMac(cycles, macs)}</td>
    <td>${bytes(codeBytes)}</td>
    <td>${bytes(parameterBytes)}</td>
    <td>${bytes(ramBytes)}</td>
  </tr>`;
}

/** The rest is what belongs to no layer: what preprocesses images, the schedule, and the interrupts that count cycles. */
function total(layers: readonly ReportedLayer[], cycles: number, macs: number, relation: string): Html {
  const sum = (of: (layer: ReportedLayer) => number) => layers.reduce((result, layer) => result + of(layer), 0);
  const rest = cycles - sum((layer) => layer.cycles);
  return html`<tr>
    <th scope="row">all<small>${count(rest)} cycles ${relation} the layers</small></th>
    <td></td>
    <td>${count(macs)}</td>
    <td>${count(cycles)}</td>
    <td class="wide"></td>
    <td>${perMac(cycles, macs)}</td>
    <td>${bytes(sum((layer) => layer.codeBytes))}</td>
    <td>${bytes(sum((layer) => layer.parameterBytes))}</td>
    <td></td>
  </tr>`;
}

function phaseLegend(phases: readonly string[]): Html {
  return html`<ul class="legend">
    ${phases.map((phase, index) => html`<li><i class="swatch phase-${index}"></i> ${phase}</li>`)}
  </ul>`;
}
