import { definedFields } from '../domain/defined-fields.ts';
import type { CounterSettings, OpaSettings, PolicySettings } from './plugin-config.ts';

export interface CheckedPolicy {
  readonly inline?: string;
  readonly file?: string;
  readonly url?: string;
  readonly poll_seconds: number;
  readonly hmac_secret?: string;
  readonly ed25519_public_key?: string;
  readonly token?: string;
  readonly max_age_seconds?: number;
  readonly when_stale: 'deny' | 'allow';
}

export interface CheckedCounters {
  readonly store: CounterSettings['store'];
  readonly url?: string;
  readonly deadline_ms: number;
}

export interface CheckedOpa {
  readonly url?: string;
  readonly path: string;
  readonly bundle?: string;
  readonly token?: string;
  readonly deadline_ms: number;
  readonly cache_seconds: number;
  readonly mode: 'enforce' | 'shadow';
}

/** What Kong's schema cannot say: which fields belong together. Each issue names the field and the fix. */
export const policyIssues = (policy: CheckedPolicy | undefined): readonly string[] => {
  if (policy === undefined) return [];
  const sources = [policy.inline, policy.file, policy.url].filter((source) => source !== undefined);
  const signed = policy.hmac_secret !== undefined || policy.ed25519_public_key !== undefined;
  return [
    ...(sources.length === 1 ? [] : ['policy: give exactly one of inline, file and url']),
    ...(policy.url === undefined || URL.canParse(policy.url) ? [] : ['policy.url: is not an absolute URL']),
    ...(policy.url !== undefined && !signed
      ? ['policy.url: needs hmac_secret or ed25519_public_key: whoever answers at that address decides who may do what']
      : []),
  ];
};

export const counterIssues = (counters: CheckedCounters): readonly string[] => [
  ...(counters.store !== 'memory' && counters.url === undefined
    ? [`counters.url: is needed for store ${counters.store}`]
    : []),
  ...(counters.url === undefined || URL.canParse(counters.url)
    ? []
    : ['counters.url: is not a URL, e.g. redis://127.0.0.1:6379']),
];

export const opaIssues = (opa: CheckedOpa | undefined): readonly string[] => {
  if (opa === undefined) return [];
  return [
    ...((opa.url === undefined) === (opa.bundle === undefined)
      ? ['opa: give either url (a sidecar) or bundle (in process)']
      : []),
    ...(opa.url === undefined || URL.canParse(opa.url) ? [] : ['opa.url: is not an absolute URL']),
  ];
};

/** For configurations without issues. */
export const toPolicySettings = (policy: CheckedPolicy): PolicySettings => ({
  source: toSource(policy),
  whenStale: policy.when_stale,
  ...definedFields({ maxAgeSeconds: policy.max_age_seconds }),
});

const toSource = (policy: CheckedPolicy): PolicySettings['source'] => {
  if (policy.inline !== undefined) return { kind: 'inline', text: policy.inline };
  if (policy.file !== undefined) return { kind: 'file', file: policy.file };
  return {
    kind: 'url',
    url: policy.url ?? '',
    pollSeconds: policy.poll_seconds,
    ...definedFields({
      hmacSecret: policy.hmac_secret,
      ed25519PublicKey: policy.ed25519_public_key,
      token: policy.token,
    }),
  };
};

export const toCounterSettings = (counters: CheckedCounters): CounterSettings => ({
  store: counters.store,
  deadlineMs: counters.deadline_ms,
  ...definedFields({ url: counters.url }),
});

export const toOpaSettings = (opa: CheckedOpa): OpaSettings => ({
  engine:
    opa.bundle === undefined
      ? { kind: 'http', url: opa.url ?? '', ...definedFields({ token: opa.token }) }
      : { kind: 'wasm', bundle: opa.bundle },
  path: opa.path,
  deadlineMs: opa.deadline_ms,
  cacheSeconds: opa.cache_seconds,
  mode: opa.mode,
});
