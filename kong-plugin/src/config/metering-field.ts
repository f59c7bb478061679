import { definedFields } from '../domain/defined-fields.ts';
import { NODE_ID_PATTERN } from '../domain/records/invocation-event.ts';
import { choice } from './field-builders.ts';
import type { KongField, NamedField } from './kong-schema.ts';
import type { MeteringSettings } from './plugin-config.ts';

export function meteringField(): KongField {
  return {
    type: 'record',
    required: false,
    description:
      'The record of every call on its way to the ledger: kept on the disk until the ledger has it (docs/metering.md).',
    fields: [...shippingFields, ...spoolFields],
  };
}

const shippingFields: readonly NamedField[] = [
  {
    url: {
      type: 'string',
      required: true,
      len_max: 2048,
      description: 'Address of the ledger, e.g. https://billing.example.com; /v1/invocations is added.',
    },
  },
  {
    token: {
      type: 'string',
      required: true,
      len_min: 16,
      len_max: 4096,
      referenceable: true,
      encrypted: true,
      description: 'Bearer token of this node at the ledger.',
    },
  },
];

const spoolFields: readonly NamedField[] = [
  {
    durability: choice(
      '`settle` stores a record when its call has ended; `intent` also syncs one to the disk before the call is forwarded, so that kill -9 loses none.',
      ['settle', 'intent'],
    ),
  },
  {
    when_full: choice(
      'When records cannot be stored (disk full or broken, `max_bytes` reached): `strict` refuses calls with 503, `available` serves them, raises the alarm and counts what is not recorded.',
      ['strict', 'available'],
    ),
  },
  {
    max_bytes: {
      type: 'integer',
      between: [1_048_576, 1_099_511_627_776],
      default: 1_073_741_824,
      description: 'Most bytes that wait on the disk for the ledger; the last eighth (16 MiB at most) is a reserve.',
    },
  },
  {
    settle_timeout_seconds: {
      type: 'integer',
      between: [1, 86_400],
      default: 900,
      description: 'After a crash, how long a call without an end waits for it before it is recorded as unknown.',
    },
  },
  {
    dir: {
      type: 'string',
      default: 'mcp-governance/spool',
      len_max: 1024,
      description: 'Folder of the spool; relative to the Kong prefix. It must outlive the container.',
    },
  },
  {
    node_id: {
      type: 'string',
      len_max: 128,
      description: "Name of this node, unique for ever. Left out: the host's name and a random number, kept in `dir`.",
    },
  },
];

export interface CheckedMetering {
  readonly url: string;
  readonly token: string;
  readonly durability: MeteringSettings['durability'];
  readonly when_full: MeteringSettings['whenFull'];
  readonly max_bytes: number;
  readonly settle_timeout_seconds: number;
  readonly dir: string;
  readonly node_id?: string;
}

/** What Kong's schema cannot say. Each issue names the field and the fix; the token is never in one. */
export const meteringIssues = (metering: CheckedMetering | undefined): readonly string[] => {
  if (metering === undefined) return [];
  const { url, token, node_id: nodeId } = metering;
  return [
    ...urlIssues(url),
    ...(/^[\x21-\x7e]+$/.test(token) ? [] : ['metering.token: may hold only printable ASCII without blanks']),
    ...(nodeId === undefined || NODE_ID_PATTERN.test(nodeId)
      ? []
      : ['metering.node_id: may hold letters, digits, . _ and -, and begins with a letter or digit']),
  ];
};

const urlIssues = (url: string): readonly string[] => {
  if (!URL.canParse(url)) return ['metering.url: is not an absolute URL, e.g. https://billing.example.com'];
  const { protocol, username, password, search, hash } = new URL(url);
  return [
    ...(protocol === 'https:' || protocol === 'http:' ? [] : ['metering.url: must begin with https:// or http://']),
    ...(username === '' && password === '' ? [] : ['metering.url: must hold no password; use metering.token']),
    ...(search === '' && hash === '' ? [] : ['metering.url: must have no query and no fragment']),
  ];
};

export const toMeteringSettings = (metering: CheckedMetering): MeteringSettings => ({
  url: metering.url,
  token: metering.token,
  durability: metering.durability,
  whenFull: metering.when_full,
  maxBytes: metering.max_bytes,
  settleTimeoutSeconds: metering.settle_timeout_seconds,
  dir: metering.dir,
  ...definedFields({ nodeId: metering.node_id }),
});
