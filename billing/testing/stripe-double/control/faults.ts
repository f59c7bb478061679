/**
 * The fault knobs. A rule says which requests go wrong, how, and how often; an outage makes everything go wrong for a
 * span of virtual time. Nothing here waits on real time, except a request that the caller itself asked to hold.
 */

const faultKinds = [
  /** No answer, and nothing happened: the caller cannot tell it from the next. */
  'timeout-before-apply',
  /** No answer, but everything happened. */
  'timeout-after-apply',
  /** 500 before anything happens. */
  'error-500',
  /** Everything happens, then 500; the answer is remembered under the Idempotency-Key, as Stripe does. */
  'error-500-after-apply',
  'rate-limit',
  /** The request waits until `release`, then happens: to have a second while the first is in flight. */
  'hold',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/**
 * How a timeout looks on the wire. `truncate`: an answer that breaks off, which the SDK reports at once and never retries
 * itself. `close`: a closed connection, which the SDK retries once even with maxNetworkRetries 0. `silence`: nothing until
 * the caller's own timeout.
 */
export type TimeoutManner = (typeof timeoutManners)[number];

const timeoutManners = ['truncate', 'close', 'silence'] as const;

export interface FaultRule {
  readonly kind: FaultKind;
  /** Of a timeout; default `truncate`. */
  readonly manner?: TimeoutManner;
  /** Default: any. */
  readonly method?: string;
  /** A prefix of the path, such as `/v1/billing/meter_events`. Default: any. */
  readonly path?: string;
  /** How many requests it hits; default: no end. */
  readonly times?: number;
  /** How many matching requests it lets through first; default 0. */
  readonly after?: number;
  /** Between 0 and 1, drawn from the double's seed; default 1. */
  readonly probability?: number;
}

export interface Outage {
  /** Epoch seconds of virtual time, half-open. */
  readonly from: number;
  readonly to: number;
  /** Default `timeout-before-apply`. */
  readonly kind?: Exclude<FaultKind, 'hold'>;
  readonly manner?: TimeoutManner;
}

export interface Fault {
  readonly kind: FaultKind;
  readonly manner: TimeoutManner;
}

interface ActiveRule {
  readonly id: number;
  readonly rule: FaultRule;
  seen: number;
  hits: number;
}

export interface FaultRequest {
  readonly method: string;
  readonly path: string;
  readonly now: number;
}

export class Faults {
  readonly #fraction: () => number;
  #rules: ActiveRule[] = [];
  #outages: Outage[] = [];
  #nextId = 1;
  #held: (() => void)[] = [];
  #heldWaiters: (() => void)[] = [];

  constructor(fraction: () => number) {
    this.#fraction = fraction;
  }

  /** Adds a rule; gives its id for `remove`. */
  add(rule: FaultRule): number {
    const id = this.#nextId++;
    this.#rules.push({ id, rule, seen: 0, hits: 0 });
    return id;
  }

  addOutage(outage: Outage): void {
    this.#outages.push(outage);
  }

  remove(id: number): void {
    this.#rules = this.#rules.filter((each) => each.id !== id);
  }

  /** No rules, no outages, nothing held. */
  clear(): void {
    this.#rules = [];
    this.#outages = [];
    this.release();
  }

  list(): readonly (FaultRule & { id: number; seen: number; hits: number })[] {
    return this.#rules.map(({ id, rule, seen, hits }) => ({ id, ...rule, seen, hits }));
  }

  /** What happens to this request; undefined: nothing bad. */
  decide(request: FaultRequest): Fault | undefined {
    const outage = this.#outages.find(({ from, to }) => request.now >= from && request.now < to);
    if (outage) return { kind: outage.kind ?? 'timeout-before-apply', manner: outage.manner ?? 'truncate' };
    for (const active of this.#rules) {
      const { rule } = active;
      if (rule.method !== undefined && rule.method !== request.method) continue;
      if (rule.path !== undefined && !request.path.startsWith(rule.path)) continue;
      active.seen += 1;
      if (active.seen <= (rule.after ?? 0) || active.hits >= (rule.times ?? Infinity)) continue;
      if (rule.probability !== undefined && this.#fraction() >= rule.probability) continue;
      active.hits += 1;
      return { kind: rule.kind, manner: rule.manner ?? 'truncate' };
    }
    return undefined;
  }

  /** Resolves when `release` is called. */
  hold(): Promise<void> {
    const held = new Promise<void>((resolve) => this.#held.push(resolve));
    for (const waiter of this.#heldWaiters.splice(0)) waiter();
    return held;
  }

  /** Resolves once a request is being held. */
  held(): Promise<void> {
    if (this.#held.length > 0) return Promise.resolve();
    return new Promise((resolve) => this.#heldWaiters.push(resolve));
  }

  /** Lets every held request go on. */
  release(): void {
    for (const resume of this.#held.splice(0)) resume();
  }
}

/** A rule as JSON. Throws on what it does not know: a misspelt fault would never hit. */
export function readRule(body: Record<string, unknown>): FaultRule {
  checkKeys(body, ['kind', 'manner', 'method', 'path', 'times', 'after', 'probability']);
  if (!faultKinds.includes(body['kind'] as FaultKind)) throw new Error(`kind must be one of ${faultKinds.join(', ')}`);
  checkManner(body);
  return body as unknown as FaultRule;
}

export function readOutage(body: Record<string, unknown>): Outage {
  checkKeys(body, ['from', 'to', 'kind', 'manner']);
  for (const key of ['from', 'to']) {
    if (!Number.isSafeInteger(body[key])) throw new Error(`${key} must be epoch seconds of virtual time`);
  }
  const kinds = faultKinds.filter((kind) => kind !== 'hold');
  if (body['kind'] !== undefined && !kinds.includes(body['kind'] as never)) {
    throw new Error(`kind must be one of ${kinds.join(', ')}`);
  }
  checkManner(body);
  return body as unknown as Outage;
}

function checkKeys(body: Record<string, unknown>, known: readonly string[]): void {
  const unknown = Object.keys(body).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Error(`unknown: ${unknown}; there are ${known.join(', ')}`);
}

function checkManner(body: Record<string, unknown>): void {
  const manner = body['manner'];
  if (manner !== undefined && !timeoutManners.includes(manner as TimeoutManner)) {
    throw new Error(`manner must be one of ${timeoutManners.join(', ')}`);
  }
}
