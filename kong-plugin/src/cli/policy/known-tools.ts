import { compilePattern, isExact } from '../../domain/policies/pattern.ts';
import type { PolicedPlace } from './setup.ts';

/**
 * Names of the tools that a server is known to have, sorted: from the policy document, the operations of a REST API, and
 * rules and plans that name tools without `*`, and `more`, such as names in records. Nobody asks the server itself.
 */
export const knownTools = (place: PolicedPlace, more: readonly string[] = []): readonly string[] => {
  const { server, rest, oauth } = place.config.server;
  // A REST API has exactly its operations: any other name is refused as unknown.
  if (server.kind === 'rest') return sorted(rest.operations.map(({ name }) => name));
  const listed = (place.policy?.snapshot.servers ?? [])
    .filter(({ id }) => id === place.server)
    .flatMap(({ tools }) => tools.map(({ name }) => name));
  const patterns = patternsOf(place).filter((pattern) => isExact(compilePattern(pattern)));
  return sorted([...more, ...listed, ...(oauth?.toolScopes.keys() ?? []), ...patterns]);
};

/**
 * The patterns with `*` as well, each standing for the tools that nobody knows by name: a pattern matches its own text, and
 * another pattern matches that text when it covers the pattern (domain/policies/pattern.ts, `coversPattern`).
 */
export const knownToolsAndPatterns = (place: PolicedPlace, more: readonly string[] = []): readonly string[] => {
  const known = knownTools(place, more);
  if (place.config.server.server.kind === 'rest') return known;
  const patterns = patternsOf(place).filter((pattern) => !isExact(compilePattern(pattern)));
  return [...known, ...sorted(patterns)];
};

/** Every text that names tools of the server. */
const patternsOf = (place: PolicedPlace): readonly string[] => {
  const snapshot = place.policy?.snapshot;
  const ofConfig = place.config.server.rules.flatMap(({ tools }) => tools);
  if (snapshot === undefined) return ofConfig.filter(isGiven);
  const subscriptions = snapshot.subscriptions.filter(({ server }) => server === place.server);
  const plans = new Set(subscriptions.map(({ plan }) => plan));
  return [
    ...ofConfig,
    ...snapshot.rules.filter(({ servers }) => concernsServer(servers, place.server)).flatMap(({ tools }) => tools),
    ...subscriptions.flatMap(({ tools }) => tools ?? []),
    ...snapshot.plans.filter(({ id }) => plans.has(id)).flatMap(({ tools }) => tools),
  ].filter(isGiven);
};

const isGiven = (pattern: string): boolean => pattern !== '';

const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();

/** As rules of a policy document name their servers. */
export const concernsServer = (servers: readonly string[], server: string): boolean =>
  servers.includes('*') || servers.includes(server);
