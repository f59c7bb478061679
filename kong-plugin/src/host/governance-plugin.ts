import { Buffer } from 'node:buffer';
import type { PluginConfig } from '../config/plugin-config.ts';
import { protectedResourceMetadata, protectedResourcePath } from '../domain/identity/challenge.ts';
import { checkRules } from '../domain/policies/check-rules.ts';
import { createJudge } from '../domain/judge.ts';
import { filterList } from '../domain/lists/filter-list.ts';
import { buildAdmission, type AdmissionOptions } from '../domain/records/build-admission.ts';
import { createRedactor } from '../domain/records/redact.ts';
import { buildRecord } from '../domain/records/build-record.ts';
import { renderRefusal, type Reply } from '../domain/replies/render-refusal.ts';
import { definedFields } from '../domain/defined-fields.ts';
import { headerValue } from '../domain/http-request.ts';
import type { Admission } from '../domain/records/invocation-record.ts';
import type { Result } from '../domain/result.ts';
import { compileOperations } from '../domain/rest/match-operation.ts';
import { govern, type Governance, type Governed } from '../pipeline/govern.ts';
import type { RequestFacts } from '../pipeline/request-facts.ts';
import type { RecordSink } from '../ports/record-sink.ts';
import { carry, readCarried, type Carried } from './carried.ts';
import { sharedKeys, type BufferedAnswer, type FactsOptions, type GuardOutcome } from './guard-protocol.ts';
import type { Kong } from './kong.ts';
import type { PluginResources } from './plugin-resources.ts';
import { readGuardFacts } from './read-guard-facts.ts';
import { readPdkAnswer } from './read-pdk-answer.ts';
import { readPdkFacts } from './read-pdk-facts.ts';
import { readPdkOutcome } from './read-pdk-outcome.ts';
import { toVerdict } from './verdict.ts';

/** One configuration of the plugin: Kong's three phases around the decision in `pipeline/govern.ts`. */
export class GovernancePlugin {
  private readonly governance: Governance;
  private readonly sink: RecordSink;
  private readonly factsOptions: FactsOptions;
  private readonly admissionOptions: AdmissionOptions;

  constructor(
    private readonly config: PluginConfig,
    private readonly resources: PluginResources,
  ) {
    const { server } = config;
    this.governance = {
      config: server,
      judge: createJudge(server),
      operations: compileOperations(server.rest.operations),
      sessionSecret: config.sessionSecret ?? resources.sessionKey(),
      taskOwners: resources.taskOwners,
      bindsSessions: config.guard === 'mcp-guard',
      ...(config.pathPrefix === undefined ? {} : { pathPrefix: config.pathPrefix }),
    };
    for (const finding of checkRules(server.rules, { server: server.server.kind }))
      resources.log({ level: 'warn', message: finding, server: server.server.name });
    this.sink = resources.recordSink(config.recordsFile);
    this.admissionOptions = { arguments: server.records.arguments, redact: createRedactor(server.records) };
    this.factsOptions = {
      max_body_bytes: server.limits.maxBodyBytes,
      groups: server.rules.some((rule) => rule.callers.groups !== undefined),
      token: server.oauth !== undefined,
    };
  }

  /** Two round trips to Kong: facts in, verdict out. A refusal ends the request in the second. */
  async access(kong: Kong): Promise<void> {
    const facts = await this.readFacts(kong);
    if (!facts.ok) return this.closed(kong, facts.error);
    const health = this.sink.health();
    if (!health.ok) return this.closed(kong, `records cannot be written (${health.why})`);
    const document = this.metadataDocument(facts.value);
    if (document !== undefined) return kong.response.exit(document.status, document.body, document.headers);

    const governed = await govern(facts.value, this.governance, this.resources.now());
    const admission = carry(this.admit(facts.value, governed), governed);
    if (governed.effect === 'refuse') return this.refuse(kong, { reply: this.render(governed), admission });
    const verdict = toVerdict({ facts: facts.value, governed, config: this.config, admission });
    await kong.ctx.shared.set(sharedKeys.verdict, verdict);
  }

  /** Runs for lists only: the guard un-buffers everything else. */
  async response(kong: Kong): Promise<void> {
    const answer = await this.readAnswer(kong);
    if (answer === undefined) return this.closed(kong, 'the buffered answer could not be read');
    const { list } = readCarried(answer.admission);
    if (list === undefined) return this.closed(kong, 'the buffered answer is not of a list');
    const filtered = filterList({
      body: Buffer.from(answer.body, 'base64'),
      contentType: answer.content_type,
      contentEncoding: answer.content_encoding,
      status: answer.status,
      call: list.call,
      era: list.era,
      id: list.id,
      mayUse: (kind, name) => this.governance.judge.mayUse(list.caller, kind, name),
    });
    if (!filtered.ok) return this.unlisted(kong, filtered.error.why);
    await kong.ctx.shared.set(sharedKeys.filtered, true);
    await kong.response.exit(answer.status, filtered.value.body, { 'content-type': filtered.value.contentType });
  }

  /** One round trip: everything about the request is in the guard's outcome. A post-function notes none: then there are three. */
  async log(kong: Kong): Promise<void> {
    const outcome = await this.readOutcome(kong);
    if (outcome === undefined || isAnsweredByGateway(outcome)) return;
    const carried = outcome.admission === undefined ? undefined : readCarried(outcome.admission);
    await this.sink.append(buildRecord(outcome, carried?.admission, { server: this.config.server.server.name }));
    await this.noteTask(outcome, carried);
  }

  private async readFacts(kong: Kong): Promise<Result<RequestFacts, string>> {
    if (this.config.guard === 'post-function')
      return readPdkFacts(kong, { maxBodyBytes: this.factsOptions.max_body_bytes, now: this.resources.now });
    return readGuardFacts(await kong.mcp_guard.facts(this.factsOptions));
  }

  private async readAnswer(kong: Kong): Promise<BufferedAnswer | undefined> {
    if (this.config.guard === 'post-function') return readPdkAnswer(kong);
    return (await kong.mcp_guard.buffered()) as BufferedAnswer | undefined;
  }

  private async readOutcome(kong: Kong): Promise<GuardOutcome | undefined> {
    if (this.config.guard === 'post-function') return readPdkOutcome(kong);
    return (await kong.ctx.shared.get(sharedKeys.outcome)) as GuardOutcome | undefined;
  }

  private admit(facts: RequestFacts, governed: Governed): Admission {
    const refusal = governed.effect === 'refuse' ? governed.refusal : undefined;
    const userAgent = headerValue(facts.request, 'user-agent');
    const learnt = definedFields({
      server: this.config.server.server.name,
      httpMethod: facts.request.method,
      requestBytes: facts.request.body.length,
      message: governed.message,
      decision: governed.decision,
      caller: governed.caller,
      refusal,
      credentialId: facts.credentialId,
      userAgent,
    });
    return buildAdmission(learnt, this.admissionOptions);
  }

  private render(governed: Extract<Governed, { effect: 'refuse' }>): Reply {
    const { server, replies } = this.config.server;
    return renderRefusal(governed.refusal, {
      kind: server.kind,
      options: replies,
      ...(governed.message === undefined ? {} : { call: governed.message.call }),
      ...(governed.challenge === undefined ? {} : { challenge: governed.challenge }),
    });
  }

  private async refuse(
    kong: Kong,
    { reply, admission }: { readonly reply: Reply; readonly admission: string },
  ): Promise<void> {
    if (this.config.guard === 'mcp-guard')
      return kong.mcp_guard.refuse(reply.status, reply.body, reply.headers, admission);
    await kong.ctx.shared.set(sharedKeys.refusal, { admission, status: reply.status });
    return kong.response.exit(reply.status, reply.body, reply.headers);
  }

  /** The gateway itself cannot vouch for the request: it is refused, and the operator is told why. */
  private async closed(kong: Kong, why: string): Promise<void> {
    this.resources.log({ level: 'error', message: `request refused: ${why}`, server: this.config.server.server.name });
    const reply = renderRefusal(
      {
        reason: 'governance_unavailable',
        detail: 'Governance is unavailable: the request was refused. Retry later.',
        id: null,
      },
      { kind: this.config.server.server.kind, options: this.config.server.replies },
    );
    return kong.response.exit(reply.status, reply.body, reply.headers);
  }

  /** A list that cannot be filtered is not shown; without the mark the guard answers 502 whatever is sent here. */
  private async unlisted(kong: Kong, why: string): Promise<void> {
    this.resources.log({ level: 'error', message: `list withheld: ${why}`, server: this.config.server.server.name });
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32603, message: 'The server sent a list that could not be checked.' },
    });
    return kong.response.exit(502, body, { 'content-type': 'application/json' });
  }

  /** RFC 9728: anybody may read it, from a browser as well. */
  private metadataDocument({ request }: RequestFacts): Reply | undefined {
    const { oauth } = this.config.server;
    if (oauth === undefined || request.path !== protectedResourcePath(oauth)) return undefined;
    const headers = {
      'content-type': 'application/json',
      'access-control-allow-origin': '*',
      'cache-control': 'max-age=3600',
    };
    if (request.method === 'OPTIONS')
      return {
        status: 204,
        headers: { ...headers, 'access-control-allow-methods': 'GET, OPTIONS', 'access-control-allow-headers': '*' },
        body: '',
      };
    if (request.method === 'GET')
      return { status: 200, headers, body: JSON.stringify(protectedResourceMetadata(oauth)) };
    return { status: 405, headers: { ...headers, allow: 'GET, OPTIONS' }, body: '{}' };
  }

  /** Whoever called the tool owns the task that it became. */
  private async noteTask(outcome: GuardOutcome, carried: Carried | undefined): Promise<void> {
    if (outcome.task_id === undefined || carried?.owner === undefined) return;
    await this.governance.taskOwners.claim(this.config.server.server.name, outcome.task_id, carried.owner);
  }
}

/** The RFC 9728 document, a CORS preflight: nobody called anything, and a record would have to call it a deny. */
const isAnsweredByGateway = ({ outcome, why, status }: GuardOutcome): boolean =>
  outcome === 'none' && why === 'not_governed' && status < 400;
