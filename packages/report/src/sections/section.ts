import { html, type Fragment, type Html } from '../html.ts';

/** One question that the report answers. `id`: where a link finds it. */
export function section(id: string, title: string, ...content: readonly Fragment[]): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${content}
  </section>`;
}

/** Tables scroll by themselves where they are wider than a phone. */
export function scrolling(label: string, table: Html): Html {
  return html`<div class="scrolling" role="region" aria-label="${label}" tabindex="0">${table}</div>`;
}
