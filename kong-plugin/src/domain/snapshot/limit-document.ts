import type { JsonObject } from '../json/json-value.ts';
import { callersField, idField, serversField } from './common-fields.ts';
import {
  boolean,
  integer,
  list,
  oneOf,
  record,
  text,
  type Field,
  type RecordProblem,
  type RecordShape,
} from './shape.ts';

/** Counters are exact up to 2^53; a trillion calls a month is above what any of them will see. */
const MAX_UNITS = 1_000_000_000_000;

const checkLimit = ({ kind, window }: JsonObject): readonly RecordProblem[] =>
  window === undefined && kind !== 'concurrent'
    ? [{ field: 'window', problem: 'Is missing.', suggestion: 'Write second, minute, hour, day or month.' }]
    : [];

/** Of `limits`, where what shares a counter has to be said, or of a plan, whose limits are per subscription. */
export const limitShape = (options: { readonly per?: readonly string[] } = {}): RecordShape =>
  record(
    {
      id: idField('Unique name of the limit among all limits and plans; refusals and records cite it.'),
      kind: {
        shape: oneOf('rate', 'concurrent', 'repeat'),
        default: 'rate',
        description:
          '`rate`: units in a window. `concurrent`: calls under way. `repeat`: calls of one tool with the same arguments in a window.',
      },
      window: {
        shape: oneOf('second', 'minute', 'hour', 'day', 'month'),
        description: "Calendar window; days and months in the tenant's time zone. Not needed for `concurrent`.",
      },
      limit: { shape: integer(0, MAX_UNITS), required: true, description: 'The most units that are granted.' },
      per: perField(options.per),
      servers: serversField('Servers whose calls are counted.'),
      callers: callersField('Whose calls are counted; those of every authenticated caller when left out.'),
      tools: {
        shape: list(text(512), 1_000, 1),
        default: ['*'],
        description: 'Tools and operations that are counted, by name; * is any run of characters.',
      },
      give_back: {
        shape: list(oneOf('client_error', 'server_error', 'tool_error'), 3),
        default: [],
        description:
          'Outcomes after which the units come back; a call that was never forwarded always gives them back.',
      },
      when_store_down: {
        shape: oneOf('deny', 'allow'),
        default: 'deny',
        description: 'While the counters cannot be reached: `deny`, or `allow`, which is audited.',
      },
      shadow: { shape: boolean, default: false, description: 'Counted and recorded, not enforced.' },
    },
    { check: checkLimit },
  );

const perField = (preset: readonly string[] | undefined): Field => {
  const shape = list(oneOf('tenant', 'application', 'user', 'server', 'tool'), 5);
  const description = 'Calls that differ in none of these share a counter; an empty list is one counter for all.';
  return preset === undefined ? { shape, required: true, description } : { shape, default: preset, description };
};
