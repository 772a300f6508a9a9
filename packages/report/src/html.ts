/** Text that is safe to be in a page: made by `html` alone. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What can stand in a template; `undefined` and `false` are nothing. */
export type Fragment = Html | string | number | undefined | false | readonly Fragment[];

/** Markup with values in it. Whatever is not markup itself is escaped, in text and in quoted attributes. */
export function html(parts: TemplateStringsArray, ...values: readonly Fragment[]): Html {
  return new Html(parts.map((part, index) => (index === 0 ? part : fragment(values[index - 1]) + part)).join(''));
}

/** For styles and scripts that come with this package, and markup that other libraries make. */
export const trusted = (text: string): Html => new Html(text);

/** A value for `<script type="application/json">`, in which nothing can end the script, and nothing is a control character. */
export function jsonScript(value: unknown): Html {
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return new Html(JSON.stringify(value).replace(/<|\p{Cc}/gu, escaped));
}

function fragment(value: Fragment): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(fragment).join('');
  return escape(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that no HTML may contain (control characters, halves of pairs) are replaced. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]).replace(/[^\P{Cc}\t\n]|\p{Cs}/gu, '\ufffd');
}
