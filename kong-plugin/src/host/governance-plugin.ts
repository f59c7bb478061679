import type { PluginConfig, PolicySettings } from '../config/plugin-config.ts';
import { checkRules } from '../domain/policies/check-rules.ts';
import { rateLimitHeaders } from '../domain/limits/rate-limit-headers.ts';
import { isAnsweredByGateway } from '../domain/records/answered-by-gateway.ts';
import { buildAdmission, type AdmissionOptions } from '../domain/records/build-admission.ts';
import { createRedactor } from '../domain/records/redact.ts';
import { compileForwarding, type ForwardingOf } from '../domain/identity/forwarding.ts';
import { renderRefusal, type Reply } from '../domain/replies/render-refusal.ts';
import { optionalFields } from '../domain/defined-fields.ts';
import { readCarried } from '../domain/records/carried.ts';
import type { Admission } from '../domain/records/invocation-record.ts';
import type { Result } from '../domain/result.ts';
import { compileOperations } from '../domain/rest/match-operation.ts';
import { govern, type Governance, type Governed } from '../pipeline/govern.ts';
import type { RequestFacts } from '../pipeline/request-facts.ts';
import type { Engine } from '../pipeline/ask-engine.ts';
import type { PolicySource } from '../ports/policy-source.ts';
import type { Intended } from '../ports/metering.ts';
import { connectRecords, withheld, type CallRecords } from './call-records.ts';
import { admissionFacts } from './admission-facts.ts';
import { CallEnds } from './call-ends.ts';
import { carry } from './carried.ts';
import { tellKong, toJudgement, type Ending } from './ending.ts';
import {
  sharedKeys,
  type BufferedAnswer,
  type FactsOptions,
  type GuardOutcome,
  type Judgement,
} from './guard-protocol.ts';
import type { Kong } from './kong.ts';
import { ListAnswers } from './list-answers.ts';
import { LivePolicy, type CompiledPolicy } from './live-policy.ts';
import { PinLearner } from './pin-learner.ts';
import { metadataDocument } from './metadata-document.ts';
import type { PluginResources } from './plugin-resources.ts';
import { readGuardFacts, readToldFacts, type ToldFacts } from './read-guard-facts.ts';
import { readPdkAnswer } from './read-pdk-answer.ts';
import { readPdkFacts } from './read-pdk-facts.ts';
import { readPdkOutcome } from './read-pdk-outcome.ts';
import { rememberSessionKeys } from './remember-session-keys.ts';
import { PluginObserver } from './plugin-observer.ts';
import { unavailableReply, unlistedReply } from './unavailable-reply.ts';
import { toVerdict } from './verdict.ts';

/** One configuration of the plugin: Kong's phases around the decision in `pipeline/govern.ts`. */
export class GovernancePlugin {
  private readonly governance: Governance;
  private readonly records: CallRecords;
  private readonly ends: CallEnds;
  private readonly observer: PluginObserver;
  private readonly factsOptions: Omit<FactsOptions, 'groups'>;
  private readonly live: LivePolicy;
  private readonly lists: ListAnswers;
  private readonly forwardingOf: ForwardingOf;
  private readonly stopRefreshing: (() => void) | undefined;
  private readonly stopManaging: () => void;

  constructor(
    private readonly config: PluginConfig,
    private readonly resources: PluginResources,
  ) {
    const { server } = config;
    this.records = connectRecords(config, resources);
    this.observer = new PluginObserver({
      server: server.server.name,
      records: this.records,
      resources,
      logsRecords: config.logsRecords,
    });
    this.live = new LivePolicy({ server, warn: (finding) => this.warn(finding), ...this.connectPolicy() });
    this.governance = {
      config: server,
      policy: () => this.policyInForce(),
      operations: compileOperations(server.rest.operations),
      sessionKeyOf: rememberSessionKeys(config.sessionSecret ?? resources.sessionKey()),
      taskOwners: resources.taskOwners,
      counters: resources.counterStore(config.counters),
      pins: resources.pinStore(config.pinsFile),
      ...this.connectEngine(),
      time: this.observer.time,
      bindsSessions: config.guard === 'mcp-guard',
      ...(config.pathPrefix === undefined ? {} : { pathPrefix: config.pathPrefix }),
    };
    for (const finding of checkRules(server.rules, { server: server.server.kind })) this.warn(finding);
    const { pins } = this.governance;
    const learner = new PinLearner({ server: server.server.name, pins, observe: resources.observe });
    this.lists = new ListAnswers({ server: server.server.name, pins, learner, warn: (message) => this.warn(message) });
    if (config.pinRefresh !== undefined)
      this.stopRefreshing = resources.refreshPins(server.server.name, config.pinRefresh, learner);
    this.ends = new CallEnds({
      ...{ server: server.server.name, observer: this.observer, now: resources.now },
      ...{ taskOwners: this.governance.taskOwners, counters: this.governance.counters },
    });
    this.forwardingOf = compileForwarding(server.forwarding);
    this.factsOptions = {
      max_body_bytes: server.limits.maxBodyBytes,
      token: server.oauth !== undefined,
      judges: true,
    };
    // Whoever asks how limits stand is no request: a policy that is missing refuses nothing there.
    const governed = { ...this.governance, policy: () => this.live.inForce(resources.now()) };
    this.stopManaging = resources.manage(governed, config.management);
  }

  /** Kong replaced this configuration, and its last request is done. */
  close(): void {
    this.stopRefreshing?.();
    this.stopManaging();
  }

  /** Two round trips to Kong: facts in, verdict out. A refusal ends the request in the second. */
  async access(kong: Kong): Promise<void> {
    if (this.live.arriving !== undefined) await this.live.arriving;
    const facts = await this.observer.time('facts', () => this.readFacts(kong));
    await tellKong(await this.decide(facts), { kong, guard: this.config.guard });
  }

  /** The access phase of a request whose facts mcp-guard has sent: one round trip. */
  async judge(request: ToldFacts): Promise<Judgement> {
    if (this.live.arriving !== undefined) await this.live.arriving;
    const facts = this.observer.time('facts', () => readToldFacts(request));
    if (facts.ok && facts.value.groupsUnknown === true && this.needsGroups()) return { kind: 'ask' };
    return toJudgement(await this.decide(facts), facts.ok ? facts.value.requestId : '');
  }

  /** Runs for lists only: the guard un-buffers everything else. */
  async response(kong: Kong): Promise<void> {
    const answer = await this.readAnswer(kong);
    if (answer === undefined) return this.unlisted(kong, 'the buffered answer could not be read');
    const { list } = readCarried(answer.admission);
    if (list === undefined) return this.unlisted(kong, 'the buffered answer is not of a list');
    const now = this.resources.now();
    const policy = this.live.inForce(now);
    if (!policy.ok) return this.unlisted(kong, policy.error);
    const filtered = this.lists.filter(answer, { list, policy: policy.value, now });
    if (!filtered.ok) return this.unlisted(kong, filtered.error.why);
    await kong.ctx.shared.set(sharedKeys.filtered, true);
    await kong.response.exit(answer.status, filtered.value.body, { 'content-type': filtered.value.contentType });
  }

  /** What mcp-guard delivers after the end of a request: the facts of its record, and what the access phase knew. */
  async conclude(outcome: GuardOutcome): Promise<void> {
    if (isAnsweredByGateway(outcome)) return;
    await this.observer.time('record', () => this.ends.settle(outcome));
  }

  /** A post-function delivers nothing: Kong is asked, in up to four round trips. */
  async log(kong: Kong): Promise<void> {
    if (this.config.guard !== 'post-function') return;
    await this.conclude(await this.observer.time('outcome', () => readPdkOutcome(kong)));
  }

  private async decide(facts: Result<RequestFacts, string>): Promise<Ending> {
    if (!facts.ok) return this.closed(facts.error);
    if (this.records.opening !== undefined) await this.records.opening;
    const health = this.records.health();
    if (!health.ok) return this.closed(`records cannot be written (${health.why})`);
    const document = metadataDocument(facts.value.request, this.config.server.oauth);
    if (document !== undefined) return { kind: 'exit', reply: document };

    const now = this.resources.now();
    const governed = await govern(facts.value, this.governance, now);
    this.observer.decided(governed);
    const admitted = this.observer.time('describe', () => this.admit(facts.value, governed));
    const { requestId } = facts.value;
    if (governed.effect === 'refuse')
      return {
        kind: 'refuse',
        reply: this.render(governed),
        admission: carry(requestId, { admitted, governed }),
      };
    const intended = this.records.intendsCalls
      ? await this.observer.time('intent', () => this.records.intend(facts.value, admitted))
      : undefined;
    if (intended?.problem !== undefined && this.records.isStrict)
      return this.unrecorded(requestId, { admitted, governed, intended });
    const admission = carry(requestId, optionalFields({ admitted, governed, position: intended?.position }));
    const { config, forwardingOf } = this;
    const verdict = toVerdict({ facts: facts.value, governed, config, forwardingOf, now });
    return { kind: 'admit', verdict, admission };
  }

  /** Allowed, and yet nobody could tell after a crash that it ran: refused, and recorded in the place of its intent. */
  private unrecorded(
    requestId: string,
    {
      admitted,
      governed,
      intended,
    }: { readonly admitted: Admission; readonly governed: Governed; readonly intended: Intended },
  ): Ending {
    this.logRefusal(`the call could not be recorded (${intended.problem ?? ''})`);
    const parts = optionalFields({ admitted: withheld(admitted), governed, position: intended.position });
    return {
      kind: 'refuse',
      reply: unavailableReply(this.config.server),
      admission: carry(requestId, parts),
    };
  }

  /** The policy as of now; why there is none is the operator's to read. */
  private policyInForce(): Result<CompiledPolicy, string> {
    const policy = this.live.inForce(this.resources.now());
    if (!policy.ok) this.logRefusal(policy.error);
    return policy;
  }

  /** A snapshot in the configuration that is wrong refuses the configuration, as a wrong rule there does. */
  private connectPolicy(): { readonly source?: PolicySource; readonly settings?: PolicySettings } {
    const settings = this.config.policy;
    if (settings === undefined) return {};
    const source = this.resources.policySource(settings);
    if (!source.ok) throw new Error(`mcp-governance is misconfigured: ${source.error}`);
    return { source: source.value, settings };
  }

  private connectEngine(): { readonly engine?: Engine } {
    const { opa } = this.config;
    if (opa === undefined) return {};
    const engine = this.resources.policyEngine(opa);
    if (!engine.ok) throw new Error(`mcp-governance is misconfigured: opa: ${engine.error}`);
    return {
      engine: { engine: engine.value, mode: opa.mode, onFailure: (why) => this.warn(`OPA gave no answer: ${why}`) },
    };
  }

  private warn(message: string): void {
    this.resources.log({ level: 'warn', message, server: this.config.server.server.name });
  }

  private needsGroups(): boolean {
    const policy = this.live.inForce(this.resources.now());
    return policy.ok && policy.value.usesGroups;
  }

  private async readFacts(kong: Kong): Promise<Result<RequestFacts, string>> {
    if (this.config.guard === 'post-function')
      return readPdkFacts(kong, { maxBodyBytes: this.factsOptions.max_body_bytes, now: this.resources.now });
    const options: FactsOptions = { ...this.factsOptions, groups: this.needsGroups() };
    return readGuardFacts(await kong.mcp_guard.facts(options));
  }

  private async readAnswer(kong: Kong): Promise<BufferedAnswer | undefined> {
    if (this.config.guard === 'post-function') return readPdkAnswer(kong);
    return (await kong.mcp_guard.buffered()) as BufferedAnswer | undefined;
  }

  private admit(facts: RequestFacts, governed: Governed): Admission {
    const learnt = admissionFacts(facts, { governed, server: this.config.server.server.name });
    return buildAdmission(learnt, {
      arguments: this.config.server.records.arguments,
      redact: this.redactorFor(governed),
    });
  }

  private redactorFor({ redact = [] }: Governed): AdmissionOptions['redact'] {
    const policy = this.live.inForce(this.resources.now());
    return policy.ok ? policy.value.redactor(redact) : createRedactor(this.config.server.records);
  }

  private render(governed: Extract<Governed, { effect: 'refuse' }>): Reply {
    const { server, replies } = this.config.server;
    return renderRefusal(governed.refusal, {
      kind: server.kind,
      options: replies,
      ...(governed.message === undefined ? {} : { call: governed.message.call }),
      ...(governed.challenge === undefined ? {} : { challenge: governed.challenge }),
      rateLimit: rateLimitHeaders({
        states: governed.states ?? [],
        demands: governed.demands ?? [],
        now: this.resources.now(),
      }),
    });
  }

  /** The gateway itself cannot vouch for the request: it is refused, and the operator is told why. */
  private closed(why: string): Ending {
    this.logRefusal(why);
    return { kind: 'exit', reply: unavailableReply(this.config.server) };
  }

  private logRefusal(why: string): void {
    this.resources.log({ level: 'error', message: `request refused: ${why}`, server: this.config.server.server.name });
  }

  /** A list that cannot be filtered is not shown; without the mark the guard answers 502 whatever is sent here. */
  private async unlisted(kong: Kong, why: string): Promise<void> {
    this.resources.log({ level: 'error', message: `list withheld: ${why}`, server: this.config.server.server.name });
    return kong.response.exit(unlistedReply.status, unlistedReply.body, unlistedReply.headers);
  }
}
