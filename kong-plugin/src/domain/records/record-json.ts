import { onceInARow } from '../once-per-object.ts';
import type { InvocationRecord } from './invocation-record.ts';

/** A record's JSON, made once however many files keep it: it costs as much as deciding on the call. */
export const recordJson = onceInARow((record: InvocationRecord): string => JSON.stringify(record));
