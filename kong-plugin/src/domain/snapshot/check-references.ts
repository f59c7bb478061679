import { isJsonObject, ownValue, type JsonObject, type JsonValue } from '../json/json-value.ts';
import { compilePaths } from '../records/redact-paths.ts';
import { within, type IssueList, type Place } from './issue-list.ts';
import { didYouMean } from './suggest.ts';

interface Entry {
  readonly value: JsonObject;
  readonly at: Place;
}

/**
 * Ids are unique and references lead somewhere. Looks at the document as it was written, so that these issues are told
 * together with those of its form.
 */
export const checkReferences = (document: JsonObject, issues: IssueList): void => {
  const entriesOf = (name: string): readonly Entry[] => listEntries(document, name);
  const tenants = uniqueIds(entriesOf('tenants'), 'id', issues);
  const applications = uniqueIds(entriesOf('applications'), 'id', issues);
  const servers = uniqueIds(entriesOf('servers'), 'id', issues);
  const plans = uniqueIds(entriesOf('plans'), 'id', issues);
  uniqueIds(entriesOf('rules'), 'id', issues);
  const planLimits = entriesOf('plans').flatMap((plan) => listEntries(plan.value, 'limits', plan.at));
  uniqueIds([...entriesOf('limits'), ...planLimits], 'id', issues);
  for (const server of entriesOf('servers')) uniqueIds(listEntries(server.value, 'tools', server.at), 'name', issues);

  const refer = (entry: Entry, field: string, known: ReadonlySet<string>): void => {
    const name = textOf(entry.value, field);
    if (name === undefined || known.has(name)) return;
    issues.add(within(entry.at, field), `There is no ${field} ${show(name)}.`, didYouMean(name, known));
  };
  for (const application of entriesOf('applications')) refer(application, 'tenant', tenants);
  const subscriptions = entriesOf('subscriptions');
  for (const subscription of subscriptions) {
    refer(subscription, 'application', applications);
    refer(subscription, 'server', servers);
    refer(subscription, 'plan', plans);
  }
  oneActive(subscriptions, issues);
  checkRedaction(document, issues);
};

const listEntries = (parent: JsonObject, name: string, at?: Place): readonly Entry[] => {
  const list = ownValue(parent, name);
  if (!Array.isArray(list)) return [];
  const place = within(at, name);
  return (list as readonly JsonValue[]).flatMap((value, index) =>
    isJsonObject(value) ? [{ value, at: within(place, index) }] : [],
  );
};

const textOf = (value: JsonObject, field: string): string | undefined => {
  const found = ownValue(value, field);
  return typeof found === 'string' ? found : undefined;
};

const show = (name: string): string => JSON.stringify(name.slice(0, 128));

const uniqueIds = (entries: readonly Entry[], field: 'id' | 'name', issues: IssueList): ReadonlySet<string> => {
  const ids = new Set<string>();
  for (const { value, at } of entries) {
    const id = textOf(value, field);
    if (id === undefined) continue;
    if (ids.has(id)) issues.add(within(at, field), `${show(id)} is used twice; each needs its own.`);
    ids.add(id);
  }
  return ids;
};

/** Two would leave open which plan's limits count. */
const oneActive = (subscriptions: readonly Entry[], issues: IssueList): void => {
  const active = new Set<string>();
  for (const { value, at } of subscriptions) {
    if (textOf(value, 'state') !== 'active') continue;
    const key = JSON.stringify([textOf(value, 'application'), textOf(value, 'server')]);
    if (active.has(key))
      issues.add(at, 'The application has another active subscription to this server; one plan must count.');
    active.add(key);
  }
};

const checkRedaction = (document: JsonObject, issues: IssueList): void => {
  const redaction = ownValue(document, 'redaction');
  const paths = isJsonObject(redaction) ? ownValue(redaction, 'paths') : undefined;
  if (!Array.isArray(paths)) return;
  const compiled = compilePaths((paths as readonly JsonValue[]).filter((path) => typeof path === 'string'));
  const at = within(within(undefined, 'redaction'), 'paths');
  if (!compiled.ok) for (const problem of compiled.error) issues.add(at, `${problem}.`);
};
