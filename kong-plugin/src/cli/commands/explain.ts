import { isJsonObject, type JsonObject, type JsonValue } from '../../domain/json/json-value.ts';
import { failure, success, type Result } from '../../domain/result.ts';
import { didYouMean } from '../../domain/snapshot/suggest.ts';
import type { Arguments, Command, Outcome } from '../command.ts';
import type { Io } from '../io.ts';
import { counterHelp, counterOptions, readCounterSource, type CounterSource } from '../live/counter-source.ts';
import { sharedHelp, sharedOptions } from '../options.ts';
import type { Problem } from '../problem.ts';
import type { Item } from '../../domain/item-call.ts';
import { demandsOn } from '../policy/limits-on.ts';
import { createOracle, type Oracle, type Question } from '../policy/oracle.ts';
import { placeLabel, placesFor, timeOf } from '../policy/questions.ts';
import { loadSetup, type PolicedPlace, type Setup } from '../policy/setup.ts';
import { callerOf, concerns, findSubject } from '../policy/subjects.ts';
import { explainReport, type Explained } from './explain-report.ts';

export const explain: Command = {
  name: 'explain',
  summary: 'why one call is allowed or refused, and what the caller would read',
  usage: '--as CONSUMER --tool NAME [options]',
  help: `Asks every policy about one call, as the plugin does, and shows which one decides.
OPA and pins are not asked. The limits that would count the call are listed; with --counters or --node also the units
left, and a limit that is used up refuses.

  --as CONSUMER     username, custom_id or id of a consumer in kong.yml, or "anonymous"
  --tool NAME       tool of an MCP server or operation of a REST API
  --prompt NAME     ... or a prompt
  --resource URI    ... or a resource
  --args JSON       arguments; of a REST operation {"path": {...}, "query": {...}, "body": ...}; @FILE reads a file
  --scope SCOPE     a scope of the caller's token; may be repeated
  --user NAME       user of the caller's token
${counterHelp}
${sharedHelp('kong', 'policy', 'server', 'at')}

Exit codes: 0 allowed, 1 refused, 2 unusable question or files.`,
  options: {
    ...sharedOptions('kong', 'policy', 'server', 'at'),
    ...counterOptions,
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
    const source = readCounterSource(parameters, io);
    if (!source.ok) return source;
    const explained = { ...asked.value, opinions, subject: parameters.option('as') ?? '' };
    const isAllowed = opinions.some(({ decides, effect }) => decides && effect === 'allow');
    if (source.value === undefined || !isAllowed) return success(explainReport(oracle, explained));
    return askCounters(source.value, { oracle, explained, io });
  },
};

interface CounterQuestion {
  readonly oracle: Oracle;
  readonly explained: Explained;
  readonly io: Io;
}

const askCounters = async (source: CounterSource, { oracle, explained, io }: CounterQuestion): Promise<Outcome> => {
  const { question, sent = {} } = explained;
  const demands = demandsOn(question, sent);
  if (demands.length === 0) return success(explainReport(oracle, explained));
  const grant = await io.peekCounters(source, demands, question.at);
  if (!grant.ok) return failure([{ problem: grant.error }]);
  return success(explainReport(oracle, { ...explained, counted: { demands, grant: grant.value } }));
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
