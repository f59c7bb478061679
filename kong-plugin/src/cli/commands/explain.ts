import type { Caller } from '../../domain/caller.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../domain/json/json-value.ts';
import type { ExplainedOpinion } from '../../domain/judge.ts';
import { failure, success, type Result } from '../../domain/result.ts';
import { didYouMean } from '../../domain/snapshot/suggest.ts';
import type { Arguments, Command, Report } from '../command.ts';
import type { Io } from '../io.ts';
import { sharedHelp, sharedOptions } from '../options.ts';
import type { Problem } from '../problem.ts';
import type { Item } from '../policy/item-call.ts';
import { limitsOn, type LimitView } from '../policy/limits-on.ts';
import { createOracle, type Oracle, type Question } from '../policy/oracle.ts';
import { placeLabel, placesFor, timeOf } from '../policy/questions.ts';
import { refusalReply } from '../policy/refusal-reply.ts';
import { loadSetup, type PolicedPlace, type Setup } from '../policy/setup.ts';
import { callerOf, concerns, findSubject } from '../policy/subjects.ts';
import { formatTable, printable } from '../table.ts';

export const explain: Command = {
  name: 'explain',
  summary: 'why one call is allowed or refused, and what the caller would read',
  usage: '--as CONSUMER --tool NAME [options]',
  help: `Asks every policy about one call, as the plugin does, and shows which one decides.
Counters, OPA and pins are not asked: limits that would count the call are listed.

  --as CONSUMER     username, custom_id or id of a consumer in kong.yml, or "anonymous"
  --tool NAME       tool of an MCP server or operation of a REST API
  --prompt NAME     ... or a prompt
  --resource URI    ... or a resource
  --args JSON       arguments; of a REST operation {"path": {...}, "query": {...}, "body": ...}; @FILE reads a file
  --scope SCOPE     a scope of the caller's token; may be repeated
  --user NAME       user of the caller's token
${sharedHelp('kong', 'policy', 'server', 'at')}

Exit codes: 0 allowed, 1 refused, 2 unusable question or files.`,
  options: {
    ...sharedOptions('kong', 'policy', 'server', 'at'),
    as: { type: 'string' },
    tool: { type: 'string' },
    prompt: { type: 'string' },
    resource: { type: 'string' },
    args: { type: 'string' },
    user: { type: 'string' },
    scope: { type: 'string', multiple: true },
  },
  positionals: { min: 0, max: 0 },
  run: (parameters, io) => {
    const asked = readQuestion(parameters, io);
    if (!asked.ok) return asked;
    const { setup, question, sent } = asked.value;
    const oracle = createOracle(setup);
    const opinions = oracle.explain(question, sent ?? {});
    if (opinions === undefined) return failure([unknownOperation(setup, question)]);
    return success(toReport(oracle, { ...asked.value, opinions, subject: parameters.option('as') ?? '' }));
  },
};

interface Asked {
  readonly setup: Setup;
  readonly question: Question;
  /** Undefined: not given. */
  readonly sent?: JsonObject;
}

const readQuestion = (parameters: Arguments, io: Io): Result<Asked, readonly Problem[]> => {
  const item = readItem(parameters);
  if (!item.ok) return item;
  const name = parameters.option('as');
  if (name === undefined) return failure([{ problem: '--as is missing: name a consumer, or "anonymous"' }]);
  const sent = readSent(parameters.option('args'), io);
  if (!sent.ok) return sent;
  const at = timeOf(parameters, io);
  if (!at.ok) return at;
  const setup = loadSetup(parameters, io);
  if (!setup.ok) return setup;
  const subject = findSubject(setup.value, name);
  if (!subject.ok) return failure([{ file: setup.value.kong.file, problem: subject.error }]);
  const places = placesFor(setup.value, parameters.option('server'));
  if (!places.ok) return places;
  const place = onlyPlace(
    setup.value,
    places.value.filter((each) => concerns(each, subject.value)),
  );
  if (!place.ok) return place;
  const user = parameters.option('user');
  const token = { scopes: parameters.list('scope'), ...(user === undefined ? {} : { user }) };
  const caller = callerOf(subject.value, { place: place.value, setup: setup.value, token });
  if (!caller.ok) return failure([{ file: setup.value.kong.file, problem: caller.error }]);
  const question = { place: place.value, caller: caller.value, item: item.value, at: at.value };
  return success({ setup: setup.value, question, ...(sent.value === undefined ? {} : { sent: sent.value }) });
};

const readItem = (parameters: Arguments): Result<Item, readonly Problem[]> => {
  const given = (['tool', 'prompt', 'resource'] as const).flatMap((kind) => {
    const name = parameters.option(kind);
    return name === undefined ? [] : [{ kind, name }];
  });
  const [item] = given;
  return item !== undefined && given.length === 1
    ? success(item)
    : failure([{ problem: 'name one of --tool, --prompt and --resource' }]);
};

/** `--args` as text, or `@file`. */
const readSent = (text: string | undefined, io: Io): Result<JsonObject | undefined, readonly Problem[]> => {
  if (text === undefined) return success(undefined);
  const content = text.startsWith('@') ? io.readFile(text.slice(1)) : success(text);
  if (!content.ok) return failure([{ file: text.slice(1), problem: content.error }]);
  try {
    const value = JSON.parse(content.value) as JsonValue;
    if (isJsonObject(value)) return success(value);
    return failure([{ problem: '--args: expected a JSON object such as {"amount": 5}' }]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return failure([{ problem: `--args: not JSON: ${why}; quote it for the shell: --args '{"amount": 5}'` }]);
  }
};

const onlyPlace = (setup: Setup, places: readonly PolicedPlace[]): Result<PolicedPlace, readonly Problem[]> => {
  // The most specific place wins in Kong: a consumer's own plugin before all others.
  const own = places.find(({ place, plugin }) => place.kind === 'consumer' || plugin.consumer !== undefined);
  const [first, ...others] = own === undefined ? places : [own];
  if (first !== undefined && others.length === 0) return success(first);
  const labels = places.map((place) => placeLabel(place, setup)).join(', ');
  const problem =
    first === undefined
      ? 'no mcp-governance plugin concerns this consumer'
      : `several places are governed (${labels}): name one with --server, and govern each server in one place`;
  return failure([{ file: setup.kong.file, problem }]);
};

const unknownOperation = (setup: Setup, { place, item }: Question): Problem => {
  const names = place.config.server.rest.operations.map(({ name }) => name);
  const hint = didYouMean(item.name, names) ?? `Operations: ${names.slice(0, 20).join(', ')}.`;
  const what = item.kind === 'tool' ? `operation ${JSON.stringify(item.name)}` : `${item.kind}s: it is a REST API`;
  return { file: setup.kong.file, problem: `server ${place.server} has no ${what}. ${hint}` };
};

interface Explained extends Asked {
  readonly opinions: readonly ExplainedOpinion[];
  readonly subject: string;
}

const toReport = (oracle: Oracle, explained: Explained): Report => {
  const { question, sent, opinions } = explained;
  const winner = opinions.find(({ decides }) => decides);
  const isAllowed = winner?.effect === 'allow';
  const reply = isAllowed || winner === undefined ? undefined : refusalReply(question, winner, sent ?? {});
  const dependsOn = sent === undefined ? oracle.access(question).dependsOn : [];
  const limits = isAllowed ? limitsOn(question) : [];
  const json = {
    allowed: isAllowed,
    ...(winner === undefined || isAllowed ? {} : { reason: winner.reason }),
    policy: winner?.policy,
    rule: winner?.rule,
    caller: oracle.resolve(question),
    server: question.place.server,
    [question.item.kind]: question.item.name,
    at: new Date(question.at).toISOString(),
    opinions,
    limits,
    dependsOn,
    ...(reply === undefined ? {} : { reply }),
  };
  const text = [
    headline(explained, isAllowed),
    describeCaller(oracle.resolve(question)),
    '',
    opinionTable(opinions),
    ...(limits.length === 0 ? [] : ['', 'Counted by (not asked here)', limitTable(limits)]),
    ...(dependsOn.length === 0
      ? []
      : ['', `Judged with no arguments; rules look at them: ${dependsOn.join(', ')}. Give --args.`]),
    ...(reply === undefined ? [] : ['', `The caller reads (HTTP ${reply.status}):`, `  ${printable(reply.body)}`]),
  ].join('\n');
  return { hasFindings: !isAllowed, text, json };
};

const headline = ({ question, setup, subject, opinions }: Explained, isAllowed: boolean): string => {
  const winner = opinions.find(({ decides }) => decides);
  const label = placeLabel(question.place, setup);
  const reason = isAllowed ? '' : ` (${winner?.reason ?? 'method_denied'})`;
  const what = `${question.item.kind} ${printable(question.item.name)}`;
  return `${isAllowed ? 'ALLOWED' : 'REFUSED'}${reason}: ${what} on ${printable(label)} for ${printable(subject)}, by rule ${printable(winner?.rule ?? '')}`;
};

const describeCaller = ({ consumer, consumerId, tenant, application, user, groups, tags, scopes }: Caller): string => {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['consumer', consumerId === undefined ? 'none' : consumer],
    ['tenant', tenant],
    ['application', application],
    ['user', user],
    ['groups', groups.join(' ')],
    ['tags', tags.join(' ')],
    ['scopes', scopes.join(' ')],
  ];
  return `  ${facts
    .flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`${name} ${printable(value)}`]))
    .join(', ')}`;
};

const opinionTable = (opinions: readonly ExplainedOpinion[]): string =>
  formatTable(
    [
      ['', 'policy', 'says', 'rule', ''],
      ...opinions.map(({ decides, policy, effect, rule, detail }) => [
        decides ? '>' : '',
        policy,
        effect === 'none' ? '-' : effect,
        printable(rule),
        printable(detail ?? ''),
      ]),
    ],
    '',
  );

const limitTable = (limits: readonly LimitView[]): string =>
  formatTable(limits.map(({ rule, describes }) => [printable(rule), printable(describes)]));
