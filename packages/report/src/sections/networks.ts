import { bytes, count, milliseconds, percent } from '../format.ts';
import { html, type Fragment, type Html } from '../html.ts';
import type { ReportedNetwork, StudyReport, Verification } from '../study-report.ts';
import { confusionMatrix } from './confusion.ts';
import { layerTable } from './layers.ts';
import { worstMistakes } from './mistakes.ts';
import { section } from './section.ts';

/** Each network in full; the recommended one is open. */
export function networks({ networks: found }: StudyReport): Fragment {
  if (found.length === 0) return undefined;
  return section(
    'networks',
    found.length === 1 ? 'The network' : 'The networks, one by one',
    found.map((network, index) => details(network, index)),
  );
}

function details(network: ReportedNetwork, index: number): Html {
  const { name, reason, cost, verification, answers } = network;
  const accuracy = verification !== undefined && `${percent(verification.correct / verification.images)} on the chip, `;
  return html`<details class="network" id="network-${index + 1}" ${index === 0 && html` open`}>
    <summary>
      <b>${name}</b>
      <span
        >${accuracy}${bytes(cost.ramBytes)} RAM, ${bytes(cost.flashBytes)} flash,
        ${milliseconds(cost.milliseconds)}</span
      >
    </summary>
    <p>${reason}</p>
    ${verification !== undefined && proof(verification)}
    <h3>Layer by layer</h3>
    ${layerTable(network)}
    ${
      answers !== undefined &&
      html`<h3>What it takes for what</h3>
        ${confusionMatrix(answers)}
        <h3>Its worst mistakes</h3>
        ${worstMistakes(answers)}`
    }
  </details>`;
}

function proof({ device, images, correct, mismatchedLogits, staticRamBytes, stackBytes }: Verification): Html {
  return html`<p class="note">
    Measured on ${device}: ${count(correct)} of ${count(images)} test images right,
    ${mismatchedLogits === 0 ? 'each logit as the reference computes it' : `${count(mismatchedLogits)} logits differ from the reference: a bug`};
    RAM is ${bytes(staticRamBytes)} of static data and ${bytes(stackBytes)} of stack at its deepest.
  </p>`;
}
