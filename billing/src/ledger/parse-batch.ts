import { TextDecoder } from 'node:util';
import { parseJson, type IncomingEvent } from './receive-event.ts';

/** Five of the plugin's batches: a receipt and a transaction stay small. */
export const MAX_EVENTS = 5_000;

export type ParsedBatch =
  | { readonly kind: 'events'; readonly events: readonly IncomingEvent[] }
  /** Nothing of it can be read. */
  | { readonly kind: 'unreadable'; readonly why: string }
  | { readonly kind: 'too_many' };

type Parse = (text: string) => ParsedBatch;

/** Media types of a batch: one event a line, a JSON array of events, or a single event (CloudEvents 1.0, JSON format). */
const parsers: ReadonlyMap<string, Parse> = new Map([
  ['application/x-ndjson', (text: string) => parseLines(text)],
  ['application/cloudevents-batch+json', (text: string) => parseArray(text)],
  ['application/cloudevents+json', (text: string) => parseOne(text)],
]);

export const batchTypes: readonly string[] = [...parsers.keys()];

/** The parser for a Content-Type; parameters such as a charset do not matter, the body is UTF-8. */
export const parserFor = (contentType: string | undefined): ((body: Uint8Array) => ParsedBatch) | undefined => {
  const parse = parsers.get((contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '');
  if (parse === undefined) return undefined;
  return (body) => {
    try {
      return parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    } catch {
      return { kind: 'unreadable', why: 'The body is not UTF-8.' };
    }
  };
};

const parseLines: Parse = (text) => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return { kind: 'unreadable', why: 'The body holds no event.' };
  if (lines.length > MAX_EVENTS) return { kind: 'too_many' };
  // A proxy's error page or another format, not a batch with a broken line in it.
  if (!lines.some((line) => parseJson(line) !== undefined))
    return { kind: 'unreadable', why: 'No line of the body is JSON.' };
  // Parsed one by one when they are read: values that are alive together cost the collector a third of the whole work.
  return { kind: 'events', events: lines.map((raw) => ({ raw })) };
};

const parseArray: Parse = (text) => {
  const values = parseJson(text);
  if (!Array.isArray(values)) return { kind: 'unreadable', why: 'The body is not a JSON array of events.' };
  if (values.length === 0) return { kind: 'unreadable', why: 'The body holds no event.' };
  if (values.length > MAX_EVENTS) return { kind: 'too_many' };
  return { kind: 'events', events: values.map(toIncoming) };
};

const parseOne: Parse = (text) => {
  const value = parseJson(text);
  if (value === undefined) return { kind: 'unreadable', why: 'The body is not JSON.' };
  return { kind: 'events', events: [{ raw: text, value }] };
};

const toIncoming = (value: unknown): IncomingEvent => {
  try {
    return { raw: JSON.stringify(value) ?? 'null', value };
  } catch {
    return { raw: '[nested too deeply to be written]', value };
  }
};
