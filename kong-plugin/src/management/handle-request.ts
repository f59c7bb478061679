import type { IncomingMessage } from 'node:http';
import type { Demand, Grant } from '../domain/limits/limit-rule.ts';
import type { LimitLeft, LimitsQuestion, LimitsUnknown } from '../domain/limits/limits-left.ts';
import type { Result } from '../domain/result.ts';
import type { PinStore } from '../ports/pin-store.ts';
import { answerLimitsLeft } from './answer-limits-left.ts';
import { answerPeek } from './answer-peek.ts';
import { listTools, readQuery } from './list-tools.ts';
import { presentTool } from './present-tool.ts';
import { json, problem, type Reply } from './problem.ts';
import { readApproval } from './read-approval.ts';

export interface Readiness {
  readonly ready: boolean;
  /** By name of the component, e.g. `records`, `counters`, `snapshot`, `pins`. */
  readonly components: Readonly<Record<string, { readonly ok: boolean; readonly why?: string }>>;
}

export interface MetricsText {
  readonly contentType: string;
  readonly body: string;
}

export interface ManagementEvent {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly [key: string]: unknown;
}

/** What the server shows and changes. */
export interface Management {
  readonly pins: PinStore;
  readonly readiness: () => Readiness | Promise<Readiness>;
  readonly metrics: () => MetricsText | Promise<MetricsText>;
  /** How the counters stand, whichever of the node's stores has them. Rejects while a store is away. */
  readonly peek: (demands: readonly Demand[], now: number) => Promise<Grant>;
  /** How the limits stand that would count a call of this caller; by what governs the server now. */
  readonly limitsLeft: (question: LimitsQuestion, now: number) => Promise<Result<readonly LimitLeft[], LimitsUnknown>>;
  readonly isAuthorized: (authorization: string | undefined) => boolean;
  readonly log: (event: ManagementEvent) => void;
  readonly now: () => number;
}

interface Route {
  readonly method: 'GET' | 'POST';
  /** Health probes carry no token; they learn nothing but yes or no. */
  readonly isOpen?: true;
  readonly answer: (incoming: Incoming, management: Management) => Reply | Promise<Reply>;
}

interface Incoming {
  readonly request: IncomingMessage;
  readonly query: string;
  /** Decoded parts of the path that the route leaves open. */
  readonly server: string;
  readonly tool: string;
  readonly isAuthorized: boolean;
}

/** The whole API. A segment `*` is the server, then the tool. */
const routes: Readonly<Record<string, Route>> = {
  '/healthz': { method: 'GET', isOpen: true, answer: () => json(200, { status: 'ok' }) },
  '/readyz': { method: 'GET', isOpen: true, answer: (incoming, management) => answerReadiness(incoming, management) },
  '/metrics': { method: 'GET', answer: (_, management) => answerMetrics(management) },
  '/v1/limits/peek': { method: 'POST', answer: ({ request }, management) => answerPeek(request, management) },
  '/v1/limits/left': { method: 'POST', answer: ({ request }, management) => answerLimitsLeft(request, management) },
  '/v1/tools': { method: 'GET', answer: (incoming, management) => answerList(incoming, management) },
  '/v1/tools/*/*': { method: 'GET', answer: (incoming, management) => answerTool(incoming, management) },
  '/v1/tools/*/*/approve': { method: 'POST', answer: (incoming, management) => answerApproval(incoming, management) },
};

/** Who is not known learns nothing, not even which paths exist. */
export const handleRequest = async (request: IncomingMessage, management: Management): Promise<Reply> => {
  const [path = '', query = ''] = splitOnce(request.url ?? '', '?');
  const segments = path.split('/').slice(1).map(decode);
  const route = routes[patternOf(segments)];
  const isAuthorized = management.isAuthorized(request.headers.authorization);
  if (!isAuthorized && route?.isOpen !== true)
    return problem('unauthorized', 'Send the token of the management API as "Authorization: Bearer <token>".', {
      headers: { 'www-authenticate': 'Bearer realm="mcp-governance management"' },
    });
  if (route === undefined) return problem('not_found', 'There is no such path.');
  const isHead = request.method === 'HEAD' && route.method === 'GET';
  if (request.method !== route.method && !isHead)
    return problem('method_not_allowed', `Use ${route.method}.`, { headers: { allow: allowedOn(route) } });
  const [, , server, tool] = segments;
  if (segments.includes(undefined)) return problem('bad_request', 'The path is not valid percent-encoded UTF-8.');
  return route.answer({ request, query, server: server ?? '', tool: tool ?? '', isAuthorized }, management);
};

const allowedOn = ({ method }: Route): string => (method === 'GET' ? 'GET, HEAD' : method);

const splitOnce = (text: string, separator: string): readonly [string, string] => {
  const index = text.indexOf(separator);
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
};

/** Undefined for escapes that are not UTF-8. Decoded after the path was split: a name may hold a slash. */
const decode = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};

const patternOf = (segments: readonly (string | undefined)[]): string => {
  const isTool = segments[0] === 'v1' && segments[1] === 'tools';
  const parts = segments.map((segment, index) => (isTool && (index === 2 || index === 3) ? '*' : (segment ?? '')));
  return `/${parts.join('/')}`;
};

const answerReadiness = async ({ isAuthorized }: Incoming, { readiness }: Management): Promise<Reply> => {
  const { ready, components } = await readiness();
  const status = ready ? 'ready' : 'not_ready';
  return json(ready ? 200 : 503, isAuthorized ? { status, components } : { status });
};

const answerMetrics = async ({ metrics }: Management): Promise<Reply> => {
  const { contentType, body } = await metrics();
  return { status: 200, headers: { 'content-type': contentType }, body };
};

const answerList = ({ query }: Incoming, { pins }: Management): Reply => {
  const read = readQuery(query);
  return read.ok ? json(200, listTools(pins.list(read.value.server), read.value)) : problem('bad_request', read.error);
};

const answerTool = ({ server, tool }: Incoming, { pins }: Management): Reply => {
  const found = pins.find(server, tool);
  return found === undefined ? unknownTool() : json(200, presentTool(found));
};

const unknownTool = (): Reply => problem('not_found', 'No list has shown such a tool of such a server.');

const answerApproval = async ({ request, server, tool }: Incoming, management: Management): Promise<Reply> => {
  const { pins, log, now } = management;
  const hash = await readApproval(request);
  if (!hash.ok) return hash.error;
  if (pins.find(server, tool) === undefined) return unknownTool();
  try {
    const isApproved = await pins.approve(server, tool, hash.value, now());
    const current = pins.find(server, tool);
    if (current === undefined) return unknownTool();
    if (!isApproved)
      return problem('outdated_hash', 'The tool has changed since this hash was read. Look at it again.', {
        members: { currentHash: current.currentHash },
      });
    log({ level: 'info', message: 'tool approved', server, tool, hash: hash.value });
    return json(200, presentTool(current));
  } catch (error) {
    log({ level: 'error', message: 'approval not kept', server, tool, error: String(error) });
    return problem('unavailable', 'The approval could not be stored, so the tool is not approved. Retry later.');
  }
};
