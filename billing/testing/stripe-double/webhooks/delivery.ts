import { createHmac } from 'node:crypto';
import type { Account } from '../state/account.ts';
import type { EventRecord, WebhookEndpointRecord } from '../state/records.ts';
import { toNotification, toSnapshot } from './event-shape.ts';

export interface DeliveryOptions {
  /** False: nothing is sent until `flush`. Default true. */
  readonly automatic?: boolean;
}

/** What goes wrong on the way; each may be set at any time. */
export interface DeliveryFaults {
  /** Types that are never delivered, or a chance between 0 and 1. */
  drop: readonly string[] | number;
  /** The chance that an event is sent twice. */
  duplicate: number;
  /** True: what waits is sent in a shuffled order. */
  reorder: boolean;
  /** True: nothing is sent, everything waits. */
  paused: boolean;
  /** How old signatures claim to be. */
  signatureAgeSeconds: number;
  /** True: signatures are made with another secret. */
  forge: boolean;
}

export interface Delivery {
  readonly event: EventRecord;
  readonly target: WebhookEndpointRecord;
  attempts: number;
  /** Virtual time of the next attempt. */
  nextAt: number;
  state: 'waiting' | 'delivered' | 'dropped' | 'given-up';
  lastStatus?: number | 'unreachable';
}

/** Seconds between attempts; Stripe retries for up to three days with growing pauses. */
const retrySeconds = [300, 1800, 7200, 18_000, 36_000, 43_200, 43_200, 43_200, 43_200] as const;
const answerTimeoutMs = 10_000;

/** Sends events to their targets, signed as Stripe signs, one after the other. */
export class WebhookDelivery {
  readonly faults: DeliveryFaults = {
    drop: [],
    duplicate: 0,
    reorder: false,
    paused: false,
    signatureAgeSeconds: 0,
    forge: false,
  };
  readonly deliveries: Delivery[] = [];
  readonly #account: Account;
  readonly #automatic: boolean;
  #scheduled = 0;
  #sending: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(account: Account, { automatic = true }: DeliveryOptions = {}) {
    this.#account = account;
    this.#automatic = automatic;
  }

  /** Called when events may have come or time has moved. */
  wake(): void {
    this.#schedule();
    if (this.#automatic && !this.faults.paused && this.#due().length > 0) void this.#sendDue();
  }

  /** Sends everything that waits and is due; resolves when each has been tried. */
  async flush(): Promise<void> {
    this.#schedule();
    await this.#sendDue();
  }

  /** Sends an event again, as `stripe events resend` does. */
  async resend(eventId: string): Promise<number> {
    const event = this.#account.events.get(eventId);
    if (!event) return 0;
    const again = this.#targetsOf(event).map((target) => this.#waiting(event, target));
    this.deliveries.push(...again);
    await this.#sendDue();
    return again.length;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#sending;
  }

  #schedule(): void {
    const events = this.#account.eventLog.slice(this.#scheduled);
    this.#scheduled += events.length;
    for (const event of events) {
      for (const target of this.#targetsOf(event)) {
        const delivery = this.#waiting(event, target);
        if (this.#drops(event)) delivery.state = 'dropped';
        this.deliveries.push(delivery);
        const twice = this.faults.duplicate > 0 && this.#account.fraction() < this.faults.duplicate;
        if (twice && delivery.state === 'waiting') this.deliveries.push(this.#waiting(event, target));
      }
    }
  }

  #waiting(event: EventRecord, target: WebhookEndpointRecord): Delivery {
    return { event, target, attempts: 0, nextAt: this.#account.clock.now(), state: 'waiting' };
  }

  #targetsOf(event: EventRecord): WebhookEndpointRecord[] {
    return [...this.#account.webhookEndpoints.values()].filter(
      (target) =>
        target.enabled &&
        target.kind === event.kind &&
        (target.enabledEvents.includes('*') || target.enabledEvents.includes(event.type)),
    );
  }

  #drops(event: EventRecord): boolean {
    const { drop } = this.faults;
    return typeof drop === 'number' ? drop > 0 && this.#account.fraction() < drop : drop.includes(event.type);
  }

  #due(): Delivery[] {
    const now = this.#account.clock.now();
    return this.deliveries.filter((delivery) => delivery.state === 'waiting' && delivery.nextAt <= now);
  }

  #sendDue(): Promise<void> {
    this.#sending = this.#sending.then(async () => {
      const due = this.#due();
      if (this.faults.reorder) shuffle(due, this.#account.fraction);
      for (const delivery of due) {
        if (this.#closed) return;
        await this.#send(delivery);
      }
    });
    return this.#sending;
  }

  async #send(delivery: Delivery): Promise<void> {
    const { event, target } = delivery;
    if (delivery.state !== 'waiting') return;
    const body = JSON.stringify(event.kind === 'thin' ? toNotification(event) : toSnapshot(event, 1));
    delivery.attempts += 1;
    delivery.lastStatus = await post(target.url, body, this.#sign(body, target.secret));
    if (typeof delivery.lastStatus === 'number' && delivery.lastStatus >= 200 && delivery.lastStatus < 300) {
      delivery.state = 'delivered';
      return;
    }
    const pause = retrySeconds[delivery.attempts - 1];
    if (pause === undefined) delivery.state = 'given-up';
    else delivery.nextAt = this.#account.clock.now() + pause;
  }

  /** Of the machine's time, not the virtual one: receivers compare it with their own clock. */
  #sign(body: string, secret: string): string {
    const timestamp = Math.floor(Date.now() / 1000) - this.faults.signatureAgeSeconds;
    const key = this.faults.forge ? 'whsec_forged' : secret;
    return `t=${timestamp},v1=${createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')}`;
  }
}

async function post(url: string, body: string, signature: string): Promise<number | 'unreachable'> {
  try {
    const headers = { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature };
    const answer = await fetch(url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 'unreachable';
  }
}

function shuffle(list: Delivery[], fraction: () => number): void {
  for (let last = list.length - 1; last > 0; last -= 1) {
    const other = Math.floor(fraction() * (last + 1));
    const [left, right] = [list[last], list[other]];
    if (left && right) [list[last], list[other]] = [right, left];
  }
}
