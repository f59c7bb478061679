import { invalidRequest } from '../state/stripe-failure.ts';

/** Text, or what was nested under brackets. Lists are still keyed by index: only the schema knows which are lists. */
export type FormValue = string | { [key: string]: FormValue };

// 250 lines of some 20 fields are what the largest request carries.
const parameterLimit = 10_000;
const depthLimit = 12;

/** Reads `a[b][0][c]=v` pairs, as Stripe v1 takes them in bodies and query strings. */
export function parseForm(text: string): Record<string, FormValue> {
  const root: Record<string, FormValue> = Object.create(null) as Record<string, FormValue>;
  let count = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    count += 1;
    if (count > parameterLimit) throw invalidRequest(`Too many parameters: at most ${parameterLimit} are read.`);
    place(root, keysOf(name), value);
  }
  return root;
}

function keysOf(name: string): string[] {
  const bracket = name.indexOf('[');
  if (bracket === -1) return [name];
  const keys = [
    name.slice(0, bracket),
    ...name
      .slice(bracket + 1)
      .replace(/\]$/, '')
      .split(']['),
  ];
  if (keys.length > depthLimit) throw invalidRequest(`Parameter nested too deeply: ${name}`);
  return keys;
}

function place(root: Record<string, FormValue>, keys: string[], value: string): void {
  let at = root;
  for (const [index, rawKey] of keys.entries()) {
    const key = rawKey === '' ? String(Object.keys(at).length) : rawKey;
    if (index === keys.length - 1) {
      at[key] = value;
      return;
    }
    const next = at[key];
    if (typeof next === 'object') at = next;
    else {
      const created = Object.create(null) as Record<string, FormValue>;
      at[key] = created;
      at = created;
    }
  }
}
