import { optionalFields } from '../defined-fields.ts';
import { traceParentHeader, validTraceParent } from '../http/trace-parent.ts';
import type { HttpRequest } from '../http-request.ts';
import type { Message } from '../call.ts';
import type { JsonObject } from '../json/json-value.ts';
import { isJsonObject, ownValue } from '../json/json-value.ts';
import type { Envelope } from './envelope.ts';

/** Longer names are cut: they are for records only. */
const MAX_CLIENT_TEXT = 128;

/** What the client says about itself; nothing decides on it. */
export const readSelfReported = (envelope: Envelope, request: HttpRequest): Pick<Message, 'traceparent' | 'client'> => {
  const parameters = envelope.kind === 'response' ? {} : envelope.parameters;
  const metaValue = ownValue(parameters, '_meta');
  const meta = isJsonObject(metaValue) ? metaValue : {};
  const traceparent = validTraceParent(ownValue(meta, 'traceparent')) ?? traceParentHeader(request);
  const isInitialize = envelope.kind === 'request' && envelope.method === 'initialize';
  const client = readClient(
    isInitialize ? ownValue(parameters, 'clientInfo') : ownValue(meta, 'io.modelcontextprotocol/clientInfo'),
  );
  return optionalFields({ traceparent, client });
};

const readClient = (value: ReturnType<typeof ownValue>): Message['client'] => {
  if (!isJsonObject(value)) return undefined;
  const name = clientText(value, 'name');
  const version = clientText(value, 'version');
  if (name === undefined && version === undefined) return undefined;
  return { ...(name === undefined ? {} : { name }), ...(version === undefined ? {} : { version }) };
};

const clientText = (info: JsonObject, field: string): string | undefined => {
  const value = ownValue(info, field);
  if (typeof value !== 'string') return undefined;
  // Control, format and half characters do not belong in a record either.
  const text = value.slice(0, MAX_CLIENT_TEXT).replace(/\p{C}/gu, '');
  return text === '' ? undefined : text;
};
