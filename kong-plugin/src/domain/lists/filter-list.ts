import type { Era, ItemKind, JsonRpcId, ListCall } from '../call.ts';
import { failure, success, type Result } from '../result.ts';
import { filterMessage, type FilteredMessage, type MessageFilter } from './filter-message.ts';
import { readSseBlocks, writeSseBlock } from './sse-blocks.ts';

export interface ListAnswer {
  /** As the server sent it. */
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly status: number;
  readonly call: ListCall;
  readonly era: Era;
  readonly id: JsonRpcId;
  readonly mayUse: (kind: ItemKind, name: string) => boolean;
}

export interface FilteredList {
  readonly body: string;
  readonly contentType: string;
  /** Both 0 when the server answered with an error. */
  readonly kept: number;
  readonly total: number;
  /** The result as the server sent it, for the catalog of its tools; absent for an error. */
  readonly result?: string;
}

/** Twice what SDK servers accept as a request; a page of tools is some 100 KB. */
const MAX_LIST_BYTES = 8 * 1024 * 1024;

/**
 * Cuts from the answer of a list method what the caller may not use. Everything else stays byte for byte: order,
 * `nextCursor`, unknown fields, other messages of an event stream. An answer that is not understood to its end is an error, and
 * so is any that a client might understand differently: it may hold an unfiltered list.
 */
export const filterList = (answer: ListAnswer): Result<FilteredList, { readonly why: string }> => {
  const filtered = filterBody(answer);
  return filtered.ok ? filtered : failure({ why: filtered.error });
};

const filterBody = (answer: ListAnswer): Result<FilteredList, string> => {
  const text = readText(answer);
  if (!text.ok) return text;
  const { call, ...rest } = answer;
  const filter = { ...rest, itemKind: call.itemKind };
  if (answer.status < 200 || answer.status > 299) return passError(text.value, filter);
  const mediaType = readMediaType(answer.contentType);
  if (mediaType === 'application/json') return filterJson(text.value, filter);
  if (mediaType === 'text/event-stream') return filterStream(text.value, filter);
  return failure('the content type is neither application/json nor text/event-stream in UTF-8');
};

const readText = ({ body, contentEncoding }: ListAnswer): Result<string, string> => {
  if (!['', 'identity'].includes((contentEncoding ?? '').trim().toLowerCase())) return failure('the answer is encoded');
  if (body.byteLength > MAX_LIST_BYTES) return failure(`the answer is larger than ${MAX_LIST_BYTES} bytes`);
  try {
    // `ignoreBOM` keeps the mark in the text, where it is refused like any other character that does not belong.
    return success(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return failure('the answer is not valid UTF-8');
  }
};

/** Media type in lower case; undefined for one with another charset or one that cannot be read. */
const readMediaType = (contentType: string | undefined): string | undefined => {
  const [type = '', ...parameters] = (contentType ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charsets = parameters.filter((parameter) => /^charset\s*=/.test(parameter));
  return charsets.every((charset) => /^charset="?utf-?8"?$/.test(charset)) ? type : undefined;
};

/** Anything but a JSON-RPC error could be a list under an odd status. */
const passError = (text: string, filter: MessageFilter): Result<FilteredList, string> => {
  const message = filterMessage(text, filter);
  if (!message.ok) return message;
  if (message.value.kind !== 'error') return failure('an HTTP error without a JSON-RPC error');
  return success({ body: text, contentType: 'application/json', kept: 0, total: 0 });
};

const filterJson = (text: string, filter: MessageFilter): Result<FilteredList, string> => {
  const message = filterMessage(text, filter);
  if (!message.ok) return message;
  if (message.value.kind === 'other') return failure('no answer to the request');
  return success({ ...countsOf(message.value), body: bodyOf(message.value) ?? text, contentType: 'application/json' });
};

const filterStream = (text: string, filter: MessageFilter): Result<FilteredList, string> => {
  const blocks = readSseBlocks(text);
  if (!blocks.ok) return blocks;
  let body = '';
  const answers: FilteredMessage[] = [];
  for (const block of blocks.value) {
    // Empty data primes the client with an event id (2025-11-25, SEP-1699).
    const hasMessage = block.data !== undefined && block.data.trim() !== '';
    const message = hasMessage ? filterMessage(block.data, filter) : success({ kind: 'other' } as const);
    if (!message.ok) return message;
    if (message.value.kind !== 'other') answers.push(message.value);
    const data = bodyOf(message.value);
    body += writeSseBlock(block, data === block.data ? undefined : data);
  }
  const [answer] = answers;
  if (answer === undefined) return failure('no answer to the request');
  if (answers.length > 1) return failure('several answers to one request');
  return success({ ...countsOf(answer), body, contentType: 'text/event-stream' });
};

const bodyOf = (message: FilteredMessage): string | undefined => (message.kind === 'answer' ? message.text : undefined);

const countsOf = (message: FilteredMessage): Pick<FilteredList, 'kept' | 'total' | 'result'> =>
  message.kind === 'answer'
    ? { kept: message.kept, total: message.total, result: message.result }
    : { kept: 0, total: 0 };
