import { argumentsDigest } from '../../domain/records/arguments-digest.ts';
import { isJsonObject, type JsonObject } from '../../domain/json/json-value.ts';
import type { Caller } from '../../domain/caller.ts';
import { callerFields } from '../../domain/policies/caller-matcher.ts';
import type { Reason } from '../../domain/reason.ts';
import type { InvocationRecord } from '../../domain/records/invocation-record.ts';
import type { Item } from '../../domain/item-call.ts';
import type { KnownArguments, Oracle, Verdict } from '../policy/oracle.ts';
import type { PolicedPlace, Setup } from '../policy/setup.ts';
import { callerOf, concerns, findSubject, type Subject } from '../policy/subjects.ts';
import { isRecordedAsSent } from './recorded-argument.ts';

/**
 * What the new policy says about a recorded call. `uncertain`: the record does not hold what the answer needs.
 * `not_replayed`: rules about tools, prompts and resources did not decide it.
 */
export type Replay =
  | { readonly kind: 'same' }
  | { readonly kind: 'newly_allowed' | 'newly_denied'; readonly verdict: Verdict }
  | { readonly kind: 'uncertain' | 'not_replayed'; readonly why: string };

/** Counters decide after the policy has allowed. */
const countedReasons: ReadonlySet<Reason | undefined> = new Set<Reason>([
  'rate_limited',
  'quota_exhausted',
  'concurrency_limited',
  'repeat_refused',
  'counter_unavailable',
]);

/** These are not asked again; they decide after the rules, or beside them. */
const outsidePolicies: ReadonlySet<string | undefined> = new Set([
  'opa',
  'tool-pins',
  'session-ownership',
  'resumption',
]);

export const replayRecord = (record: InvocationRecord, oracle: Oracle): Replay => {
  if (record.policy === 'request' || record.policy === 'guard')
    return notReplayed('refused before any policy was asked');
  const item = itemOf(record);
  if (item === undefined) return notReplayed(`kind ${record.kind}`);
  const subject = subjectOf(record, oracle.setup);
  const place = placeOf(record, oracle.setup, subject);
  if (place === undefined)
    return { kind: 'uncertain', why: `no place of this kong.yml governs server ${record.server}` };
  const caller = recordedCaller(record, { subject, place, setup: oracle.setup });
  if ('why' in caller) return { kind: 'uncertain', why: caller.why };
  const verdict = oracle.access(
    { place, caller: caller.caller, item, at: Date.parse(record.occurredAt) },
    knownArguments(record),
  );
  return compare(record, verdict);
};

const notReplayed = (why: string): Replay => ({ kind: 'not_replayed', why });

const itemOf = (record: InvocationRecord): Item | undefined => {
  const { kind, tool, prompt, resource } = record;
  if ((kind === 'tool' || kind === 'operation') && tool !== undefined) return { kind: 'tool', name: tool };
  if (kind === 'prompt' && prompt !== undefined) return { kind: 'prompt', name: prompt };
  return kind === 'resource' && resource !== undefined ? { kind: 'resource', name: resource } : undefined;
};

const subjectOf = (record: InvocationRecord, setup: Setup): Subject | undefined => {
  if (record.consumerId === undefined) return { name: 'anonymous' };
  const found = findSubject(setup, record.consumer ?? record.consumerId);
  return found.ok ? found.value : undefined;
};

const placeOf = (
  record: InvocationRecord,
  { places }: Setup,
  subject: Subject | undefined,
): PolicedPlace | undefined => {
  const ofServer = places.filter(({ server }) => server === record.server);
  return subject === undefined ? ofServer[0] : ofServer.find((place) => concerns(place, subject));
};

interface CallerQuestion {
  readonly subject: Subject | undefined;
  readonly place: PolicedPlace;
  readonly setup: Setup;
}

/** The consumer as it is in kong.yml now; one that is not there, as far as the record tells. */
const recordedCaller = (
  record: InvocationRecord,
  { subject, place, setup }: CallerQuestion,
): { readonly caller: Caller } | { readonly why: string } => {
  const scopes = place.config.server.oauth?.toolScopes.get(record.tool ?? '') ?? [];
  if (scopes.length > 0 && record.decision === 'deny')
    return { why: 'the tool needs scopes of the token, which records do not hold' };
  const token = { scopes, ...(record.user === undefined ? {} : { user: record.user }) };
  if (subject !== undefined) {
    const caller = callerOf(subject, { place, setup, token });
    return caller.ok ? { caller: caller.value } : { why: caller.error };
  }
  const name = record.consumer ?? record.consumerId ?? '';
  return looksAtMoreThanRecords(place)
    ? { why: `consumer ${name} is not in kong.yml, and rules look at tags, groups or custom_ids` }
    : { caller: { ...callerInRecord(record), ...token } };
};

const callerInRecord = ({ consumer, consumerId, tenant, application }: InvocationRecord): Omit<Caller, 'scopes'> => ({
  tags: [],
  groups: [],
  ...(consumer === undefined ? {} : { consumer }),
  ...(consumerId === undefined ? {} : { consumerId }),
  ...(tenant === undefined ? {} : { tenant }),
  ...(application === undefined ? {} : { application }),
});

const inRecords: readonly string[] = ['consumers', 'applications', 'tenants'];

const looksAtMoreThanRecords = ({ config, policy }: PolicedPlace): boolean => {
  const matches = [
    ...config.server.rules.map(({ callers }) => callers),
    ...(policy?.snapshot.rules ?? []).map(({ callers }) => callers),
    ...(policy?.snapshot.applications ?? []).map(({ match }) => match),
  ];
  const unrecorded = callerFields.filter((field) => !inRecords.includes(field));
  return matches.some((match) => unrecorded.some((field) => match[field] !== undefined));
};

/** A digest that fits proves that nothing was left out; else the marks of the redactor tell what was. */
const knownArguments = ({ arguments: recorded, argumentsSha256 }: InvocationRecord): KnownArguments => {
  const sent: JsonObject | undefined = isJsonObject(recorded) ? recorded : undefined;
  if (sent === undefined) return {};
  const isExact = argumentsSha256 !== undefined && argumentsDigest(sent) === argumentsSha256;
  return { arguments: sent, isKnown: (pointer) => isExact || isRecordedAsSent(sent, pointer) };
};

const compare = (record: InvocationRecord, verdict: Verdict): Replay => {
  if (verdict.access === 'depends') return { kind: 'uncertain', why: uncertainty(record, verdict) };
  const wasAllowed = record.decision === 'allow' || countedReasons.has(record.reason);
  const isAllowed = verdict.access === 'yes';
  if (wasAllowed === isAllowed) return { kind: 'same' };
  if (!wasAllowed && outsidePolicies.has(record.policy)) {
    const why = `was refused by ${record.policy ?? ''} (${record.reason ?? ''}), which is not asked again`;
    return { kind: 'uncertain', why };
  }
  return { kind: isAllowed ? 'newly_allowed' : 'newly_denied', verdict };
};

const uncertainty = ({ arguments: recorded }: InvocationRecord, { dependsOn }: Verdict): string =>
  `${recorded === undefined ? 'the arguments were not recorded' : 'arguments were redacted or cut'} that ${dependsOn.length === 1 ? 'rule' : 'rules'} ${dependsOn.join(', ')} look${dependsOn.length === 1 ? 's' : ''} at`;
