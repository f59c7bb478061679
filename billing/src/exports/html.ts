/** HTML that was built by `html`: its values are escaped. Only such a value may stand in another template unescaped. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | bigint | number | undefined | readonly Part[];

/** A template whose every value is escaped, so that a tool named `<script>` stays a name. Undefined prints nothing. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(strings.reduce((text, piece, index) => text + render(parts[index - 1]) + piece));

const render = (part: Part): string => {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(render).join('');
  return escapeHtml(String(part));
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
