import { count, plural } from '../format.ts';
import { html, type Fragment, type Html } from '../html.ts';
import { pngDataUri } from '../picture.ts';
import type { Answers, Mistake } from '../study-report.ts';

/** The images whose wrong answer was furthest ahead of the right one. */
export function worstMistakes({ mistakes, confusion, classNames }: Answers): Fragment {
  const all = confusion.reduce(
    (sum, row, label) => sum + row.reduce((wrong, images, answer) => wrong + (answer === label ? 0 : images), 0),
    0,
  );
  if (all === 0) return html`<p class="empty">Not one mistake.</p>`;
  return html`<p class="note">
      The worst of ${plural(all, 'mistake')}: where the wrong answer’s logit is furthest ahead of the right one’s.
    </p>
    <div class="mistakes">${mistakes.map((mistake) => figure(mistake, classNames))}</div>`;
}

function figure({ index, picture, label, answer, logits }: Mistake, classNames: readonly string[]): Html {
  const [shown, taken] = [classNames[label], classNames[answer]];
  return html`<figure>
    <img
      src="${pngDataUri(picture)}"
      width="${picture.width}"
      height="${picture.height}"
      alt="test image ${index}: ${shown}, taken for ${taken}"
    />
    <figcaption>
      <b>${shown}</b>, taken for <b>${taken}</b>
      <small title="logits of the wrong and of the right answer"
        >${count(logits[answer])} : ${count(logits[label])}</small
      >
    </figcaption>
  </figure>`;
}
