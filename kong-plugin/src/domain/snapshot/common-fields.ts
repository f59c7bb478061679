import { boolean, list, record, text, type Field } from './shape.ts';
import { idFormat, serverFormat } from './text-formats.ts';

/** Names of people and machines in records and counters; Kong's own usernames and tags are no longer. */
export const MAX_ID = 128;
/** Longest pattern, as in the plugin's configuration. */
export const MAX_PATTERN = 512;
/** Patterns that one rule may list: each is a look-up structure's entry for every caller of the rule. */
export const MAX_PATTERNS = 10_000;
/** Servers of one gateway. */
export const MAX_SERVERS = 1_000;

export const idField = (description: string): Field => ({
  shape: text(MAX_ID, { format: idFormat }),
  required: true,
  description,
});

export const patternsField = (description: string): Field => ({
  shape: list(text(MAX_PATTERN), MAX_PATTERNS),
  default: [],
  description,
});

export const serversField = (description: string): Field => ({
  shape: list(text(MAX_ID, { format: serverFormat }), MAX_SERVERS, 1),
  default: ['*'],
  description,
});

const matchField = (description: string): Field => ({
  shape: list(text(MAX_PATTERN), MAX_PATTERNS, 1),
  description,
});

const callersShape = record({
  consumers: matchField('Usernames of Kong consumers.'),
  custom_ids: matchField('custom_id of Kong consumers.'),
  tags: matchField('Tags of Kong consumers.'),
  groups: matchField('ACL groups, as Kong itself stores them.'),
  tenants: matchField('Tenants of the caller.'),
  applications: matchField('Applications of the caller.'),
  anonymous: { shape: boolean, description: 'true: also callers without a credential.' },
});

/** The callers of a rule, in the words of the plugin's configuration. */
export const callersField = (description: string, more: Pick<Field, 'default'> = { default: {} }): Field => ({
  shape: callersShape,
  description,
  ...more,
});

export const matchOnlyField = (description: string): Field => ({ shape: callersShape, description });
