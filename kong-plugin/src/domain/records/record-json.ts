import type { InvocationRecord } from './invocation-record.ts';

const serialized = new WeakMap<InvocationRecord, string>();

/** A record's JSON, made once however many files keep it: it costs as much as deciding on the call. */
export const recordJson = (record: InvocationRecord): string => {
  const known = serialized.get(record);
  if (known !== undefined) return known;
  const json = JSON.stringify(record);
  serialized.set(record, json);
  return json;
};
