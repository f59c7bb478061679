import type { TextFormat } from './shape.ts';

/** Ids stand in records, counters and messages: no control characters, and no `*`, which would look like a pattern. */
export const idFormat: TextFormat = {
  pattern: /^[^\p{Cc}*]+$/u,
  mustBe: 'a name without * and without control characters',
};

export const serverFormat: TextFormat = {
  pattern: /^(\*|[^\p{Cc}*]+)$/u,
  mustBe: 'the id of a server, or * for all of them: servers have no patterns',
};

/** 24:00 is the end of a day. */
export const clockFormat: TextFormat = {
  pattern: /^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/u,
  mustBe: 'a time of day such as "09:00"',
};

/** RFC 6901; the empty pointer is all arguments. */
export const pointerFormat: TextFormat = {
  pattern: /^(\/([^~]|~[01])*)?$/u,
  mustBe: 'a JSON pointer such as /amount or /order/total',
  suggest: (text) => {
    const pointer = text.startsWith('/') ? text : `/${text.replace(/^[$.]+/, '').replace(/\./g, '/')}`;
    return `Write ${pointer.replace(/~(?![01])/g, '~0')}.`;
  },
};

export const hashFormat: TextFormat = {
  pattern: /^[0-9a-f]{64}$/u,
  mustBe: 'a SHA-256 in 64 small hex digits',
  suggest: (text) => (/^[0-9A-F]{64}$/i.test(text) ? `Write ${text.toLowerCase()}.` : undefined),
};
