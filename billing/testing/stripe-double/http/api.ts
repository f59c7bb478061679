import Stripe from 'stripe';
import type { Fault, Faults, TimeoutManner } from '../control/faults.ts';
import { runDueWork } from '../engine/due-work.ts';
import { noRequest, type Account } from '../state/account.ts';
import { invalidRequest, rateLimited, StripeFailure } from '../state/stripe-failure.ts';
import { findObject } from '../resources/find-object.ts';
import { endpoints } from '../resources/registry.ts';
import { authenticate } from './authentication.ts';
import { createRouter, type Match } from './endpoint.ts';
import { expand } from './expand.ts';
import { parseForm } from './form-parameters.ts';
import { IdempotencyKeys, type Answer } from './idempotency.ts';
import { readParameters } from './request-shapes.ts';
import { refuseUnmodelled } from './unmodelled.ts';

/** A request as it came in, header names in lower case. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface ApiOptions {
  readonly account: Account;
  readonly faults: Faults;
}

/** What to send back, or in which manner to send nothing. */
export type Reply = Answer | { readonly cut: TimeoutManner };

export interface Answered {
  readonly reply: Reply;
  /** To be called once the answer has left: until then an exclusive call is in flight. */
  readonly done: () => void;
}

/** Answers as Stripe's API would, with the faults that are set. */
export function createApi({ account, faults }: ApiOptions): (request: ApiRequest) => Promise<Answered> {
  const route = createRouter(endpoints);
  const keys = new IdempotencyKeys();
  const inFlight = new Set<string>();

  return async (request) => {
    const fault = faults.decide({ method: request.method, path: request.path, now: account.clock.now() });
    const id = account.ids.next('req');
    const early = beforeApply(fault);
    if (early !== undefined) return { reply: 'cut' in early ? early : withHeaders(early, id, request), done: nothing };
    const claimed: string[] = [];
    const claim = (key: string): void => {
      if (inFlight.has(key)) throw rateLimited(`Too many concurrent requests for ${key}: one at a time.`);
      inFlight.add(key);
      claimed.push(key);
    };
    const done = (): void => claimed.forEach((key) => inFlight.delete(key));
    const answer = await once(request, () => carryOut(request, { id, fault, claim })).catch(toAnswer);
    if (fault?.kind === 'timeout-after-apply') return { reply: { cut: fault.manner }, done };
    return { reply: withHeaders(answer, id, request), done };
  };

  /** Under an `Idempotency-Key`: replays, or carries out and remembers. */
  async function once(request: ApiRequest, work: () => Promise<CarriedOut>): Promise<Answer> {
    authenticate(request.headers['authorization']);
    const key = request.method === 'POST' ? request.headers['idempotency-key'] : undefined;
    if (key === undefined) return answerOf(await work());
    const fingerprint = JSON.stringify([request.path, request.query, request.body]);
    const known = keys.claim(key, fingerprint, { now: account.clock.now(), version: versionOf(request) });
    if (known) return { ...known, headers: { ...known.headers, 'idempotent-replayed': 'true' } };
    try {
      // Once the endpoint has begun, even its refusal is remembered.
      const carriedOut = await work();
      keys.settle(key, answerOf(carriedOut));
      return answerOf(carriedOut);
    } catch (error) {
      // A request that did not validate, or was limited, leaves the key free.
      keys.release(key);
      throw error;
    }
  }

  async function carryOut(request: ApiRequest, { id, fault, claim }: Carrying): Promise<CarriedOut> {
    const match = admit(request, route);
    const encoding = versionOf(request) === 'v2' && request.method === 'POST' ? 'json' : 'form';
    const params = readParameters(match.endpoint.schema, readRaw(request), encoding);
    refuseUnmodelled(params);
    const [first = '', second = ''] = match.ids;
    const call = { account, params: params as never, id: first, secondId: second };
    const exclusive = match.endpoint.exclusive?.(call);
    if (exclusive !== undefined) {
      claim(exclusive);
      await inFlightFor(account.settings.meterLatencyMs);
    }
    if (fault?.kind === 'hold') await faults.hold();
    const identity = { id, idempotencyKey: request.headers['idempotency-key'] ?? null };
    const carriedOut = apply(account, identity, () => {
      const paths = (params as { expand?: string[] }).expand ?? [];
      return expand(match.endpoint.handle(call), paths, (objectId) => findObject(account, objectId));
    });
    return fault?.kind === 'error-500-after-apply' ? { answer: serverError() } : carriedOut;
  }
}

interface Carrying {
  readonly id: string;
  readonly fault: Fault | undefined;
  /** Refuses when an exclusive call with this key is in flight. */
  readonly claim: (key: string) => void;
}

/** What an endpoint did: its answer, or its refusal. */
type CarriedOut = { readonly answer: Answer } | { readonly refusal: StripeFailure };

const answerOf = (carriedOut: CarriedOut): Answer =>
  'answer' in carriedOut ? carriedOut.answer : toAnswer(carriedOut.refusal);

const versionOf = (request: ApiRequest): 'v1' | 'v2' => (request.path.startsWith('/v2/') ? 'v2' : 'v1');

function beforeApply(fault: Fault | undefined): Reply | undefined {
  if (fault?.kind === 'timeout-before-apply') return { cut: fault.manner };
  if (fault?.kind === 'error-500') return serverError();
  if (fault?.kind === 'rate-limit') return toAnswer(rateLimited('Request rate limit exceeded.'));
  return undefined;
}

function admit(request: ApiRequest, route: ReturnType<typeof createRouter>): Match {
  const version = request.headers['stripe-version'];
  if (version !== undefined && version !== Stripe.API_VERSION) {
    throw invalidRequest(`Invalid Stripe API version: ${version}. This double models ${Stripe.API_VERSION} only.`);
  }
  const match = route(request.method, request.path);
  if (match) return match;
  throw new StripeFailure(404, {
    type: 'invalid_request_error',
    message: `Unrecognized request URL (${request.method}: ${request.path}). The double models a part of Stripe: see its README.`,
  });
}

function readRaw(request: ApiRequest): unknown {
  if (request.method !== 'POST') return parseForm(request.query);
  if (!request.path.startsWith('/v2/')) return parseForm(request.body);
  try {
    return request.body === '' ? {} : JSON.parse(request.body);
  } catch {
    throw invalidRequest('Invalid JSON in the body of a v2 request.');
  }
}

/** Runs due work, then the endpoint, as one request: events name it. */
function apply(account: Account, identity: Account['request'], work: () => object): CarriedOut {
  runDueWork(account);
  account.request = identity;
  try {
    return { answer: { status: 200, body: work(), headers: {} } };
  } catch (error) {
    if (!(error instanceof StripeFailure)) throw error;
    return { refusal: error };
  } finally {
    account.request = noRequest;
    runDueWork(account);
  }
}

function inFlightFor(milliseconds: number): Promise<void> {
  return new Promise((resolve) => (milliseconds > 0 ? setTimeout(resolve, milliseconds) : setImmediate(resolve)));
}

function toAnswer(error: unknown): Answer {
  if (!(error instanceof StripeFailure)) throw error;
  return { status: error.status, body: { error: error.body }, headers: error.headers };
}

function serverError(): Answer {
  const message = 'An unknown error occurred (a fault of the double).';
  return { status: 500, body: { error: { type: 'api_error', message } }, headers: {} };
}

function withHeaders(answer: Answer, id: string, request: ApiRequest): Answer {
  const key = request.headers['idempotency-key'];
  const headers = {
    'request-id': id,
    'stripe-version': Stripe.API_VERSION,
    ...(key !== undefined && { 'idempotency-key': key }),
  };
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

const nothing = (): void => undefined;
