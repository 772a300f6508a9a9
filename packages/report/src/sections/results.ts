import { bytes, count, milliseconds, percent } from '../format.ts';
import { html, type Fragment, type Html } from '../html.ts';
import type { ReportedNetwork, StudyReport } from '../study-report.ts';
import { scrolling, section } from './section.ts';

/** What was found, in numbers. */
export function results(report: StudyReport): Html {
  const { networks, chip } = report;
  if (networks.length === 0) {
    return section(
      'results',
      'Networks',
      html`<p class="empty">No network is trained yet: the first trials are running.</p>`,
    );
  }
  const isFinished = networks[0].verification !== undefined;
  return section(
    'results',
    isFinished ? 'Networks that were found' : 'The best so far',
    html`<div class="cards">${figures(networks[0], chip)}</div>`,
    !isFinished && html`<p class="note">Not trained to the end, not run on the chip with the test images yet.</p>`,
    isFinished && scrolling('Networks that were found', table(networks)),
  );
}

function figures(network: ReportedNetwork, chip: StudyReport['chip']): Fragment {
  const { cost, verification, validationError } = network;
  return [
    verification !== undefined
      ? card(
          percent(verification.correct / verification.images),
          `of ${count(verification.images)} test images on the chip`,
        )
      : validationError !== undefined && card(percent(1 - validationError), 'of the validation images'),
    card(bytes(cost.ramBytes), `RAM of ${bytes(chip.ramBytes)}`, cost.ramBytes / chip.ramBytes),
    card(bytes(cost.flashBytes), `flash of ${bytes(chip.flashBytes)}`, cost.flashBytes / chip.flashBytes),
    card(milliseconds(cost.milliseconds), 'an image'),
    verification !== undefined && card(count(verification.mismatchedLogits), 'logits differ from the reference'),
  ];
}

function card(value: string, caption: string, fraction?: number): Html {
  return html`<div class="card">
    <strong>${value}</strong> <span>${caption}</span>
    ${fraction !== undefined && html`<span class="meter" style="--share: ${Math.min(1, fraction).toFixed(3)}"></span>`}
  </div>`;
}

function table(networks: readonly ReportedNetwork[]): Html {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">for</th>
        <th scope="col">accuracy</th>
        <th scope="col">RAM</th>
        <th scope="col">flash</th>
        <th scope="col">parameters</th>
        <th scope="col">time</th>
        <th scope="col">MACs</th>
        <th scope="col">files</th>
      </tr>
    </thead>
    <tbody>
      ${networks.map(({ name, reason, cost, verification, folder }, index) => {
        return html`<tr data-key="${networkKey(index)}">
          <th scope="row">${name}<small>${reason}</small></th>
          <td>${verification === undefined ? '–' : percent(verification.correct / verification.images)}</td>
          <td>${bytes(cost.ramBytes)}</td>
          <td>${bytes(cost.flashBytes)}</td>
          <td>${bytes(cost.parameterBytes)}</td>
          <td>${milliseconds(cost.milliseconds)}</td>
          <td>${count(cost.macs)}</td>
          <td>${folder !== undefined && html`<code>${folder}</code>`}</td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

/** Names a finished network in charts, beside trials' `t12`. */
export const networkKey = (index: number): string => `n${index}`;
