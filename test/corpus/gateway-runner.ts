import type { InvocationRecord } from '../../kong-plugin/src/domain/records/invocation-record.ts';
import type { ReceivedRequest } from '../../kong-plugin/demo/http/received-requests.ts';
import type { GovernedDemoForTests } from '../setup/governed-demo.ts';
import { legacy, post, type Consumer, type CorpusCase, type CorpusRequest, type Sender } from './case.ts';
import { keyOf } from './kong-yml.ts';
import { sendRaw, type RawHeaders, type RawReply } from './raw-http.ts';

export interface GatewayResult {
  readonly reply: RawReply;
  /** What the server behind the gateway got while the case ran. */
  readonly received: readonly ReceivedRequest[];
  /** The record of the request; undefined when no record is expected. */
  readonly record?: InvocationRecord;
}

/** Sends corpus requests through a running gateway, as the consumers of kong.yml. */
export class GatewayRunner {
  private readonly sessions = new Map<Consumer, string>();

  constructor(private readonly demo: GovernedDemoForTests) {}

  async run(test: CorpusCase, { isRecorded }: { readonly isRecorded: boolean }): Promise<GatewayResult> {
    for (const step of test.after ?? []) await this.send(step.request, step.as);
    const sessionId = await this.sessionIdFor(test.request);
    const server = test.to === 'mcp' ? this.demo.mcpServer : this.demo.restApi;
    const before = server.requests.length;
    const reply = await this.send(test.request, test.as, sessionId);
    const record = isRecorded ? await this.recordOf(reply) : undefined;
    return { reply, received: server.requests.slice(before), ...(record === undefined ? {} : { record }) };
  }

  private recordOf(reply: RawReply): Promise<InvocationRecord> {
    const requestId = reply.headers.get('x-kong-request-id');
    if (requestId === undefined) throw new Error(`an answer with status ${reply.status} carries no X-Kong-Request-Id`);
    return this.demo.recordWhere(({ kongRequestId }) => kongRequestId === requestId);
  }

  private send(request: CorpusRequest, as: Sender, sessionId?: string): Promise<RawReply> {
    const { target, headers } = withKey(request, as);
    const fixed: RawHeaders = request.headers['host'] === undefined ? [['Host', new URL(this.demo.proxyUrl).host]] : [];
    const session: RawHeaders = sessionId === undefined ? [] : [['Mcp-Session-Id', sessionId]];
    return sendRaw(this.demo.proxyUrl, { ...request, target, headers: [...fixed, ...headers, ...session] });
  }

  private async sessionIdFor({ session, method }: CorpusRequest): Promise<string | undefined> {
    if (session === undefined) return undefined;
    // The session that a DELETE ends is not used again.
    const id = method === 'DELETE' ? await this.openSession(session.of) : await this.sessionOf(session.of);
    return session.change === undefined ? id : session.change(id);
  }

  private async sessionOf(consumer: Consumer): Promise<string> {
    const known = this.sessions.get(consumer);
    if (known !== undefined) return known;
    const opened = await this.openSession(consumer);
    this.sessions.set(consumer, opened);
    return opened;
  }

  private async openSession(consumer: Consumer): Promise<string> {
    const reply = await this.send(
      legacy('initialize', {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'corpus', version: '1.0.0' },
      }),
      consumer,
    );
    const id = reply.headers.get('mcp-session-id');
    if (id === undefined) throw new Error(`${consumer} could not open a session: ${reply.status} ${reply.body}`);
    await this.send(post({ jsonrpc: '2.0', method: 'notifications/initialized' }), consumer, id);
    return id;
  }
}

const withKey = (request: CorpusRequest, as: Sender): { readonly target: string; readonly headers: RawHeaders } => {
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => [name, one] as const),
  );
  if (as === 'nobody' || request.keyIn === 'nowhere') return { target: request.target, headers };
  const key = keyOf(as);
  if (request.keyIn !== 'query') return { target: request.target, headers: [['apikey', key], ...headers] };
  const [path = '/', query] = request.target.split('?', 2);
  return { target: `${path}?apikey=${key}${query === undefined ? '' : `&${query}`}`, headers };
};
