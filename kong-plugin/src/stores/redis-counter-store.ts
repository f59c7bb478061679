import { randomUUID } from 'node:crypto';
import { createClient, createCluster } from 'redis';
import type { Demand, Grant, TakenUnits } from '../domain/limits/limit-rule.ts';
import { toGrant, type Standing } from '../domain/limits/to-grant.ts';
import type { CounterStore, StoreHealth } from '../ports/counter-store.ts';
import { CounterStoreLink, type Attempt, type LinkOptions, type Return } from './counter-store-link.ts';
import { giveBackScript, takeScript, type RedisScript } from './redis-counter-scripts.ts';
import { defaultTakeMemory, isReturnable, takeKey, takeMemoryOf, type TakeMemory } from './take-memory.ts';

export interface RedisCounterOptions extends Pick<LinkOptions, 'deadlineMs' | 'probeDelayMs' | 'onNotice' | 'clock'> {
  /** `redis://` or `rediss://`; several are seeds of a Redis Cluster. */
  readonly urls: readonly [string, ...string[]];
  /** The server is a Redis Cluster, even if one address is given. */
  readonly cluster?: boolean;
  /**
   * `one`: all counters in one slot, always right, on one node of a cluster. `tenant`: a slot a tenant; only for policies
   * whose every limit is counted per tenant, because a script cannot change two slots: other takes are rejected.
   */
  readonly slots?: 'one' | 'tenant';
  /** Of all keys, for a server that others use too. */
  readonly prefix?: string;
  readonly takeMemory?: TakeMemory;
}

interface ScriptInput {
  readonly keys: string[];
  readonly arguments: string[];
}

interface Connection {
  readonly connect: () => Promise<unknown>;
  readonly eval: (text: string, input: ScriptInput) => Promise<unknown>;
  readonly evalSha: (sha: string, input: ScriptInput) => Promise<unknown>;
  readonly close: () => Promise<unknown>;
  readonly destroy: () => void;
}

/** The nodes' clocks and Redis's own may differ by less than this; a counter that ends early would free its units. */
const CLOCK_SKEW_MS = 60_000;
/** A marker outlives any month without traffic. */
const MARKER_MS = 400 * 86_400_000;
/** Commands waiting for an answer; with a deadline of 100 ms it is 100,000 calls a second. */
const MAX_WAITING = 10_000;
const LONGEST_RECONNECT_DELAY_MS = 1_000;

/** Counters shared by all nodes. A take is one script in one round trip, whatever the number of its demands. */
export const createRedisCounterStore = (options: RedisCounterOptions): CounterStore => new RedisCounterStore(options);

class RedisCounterStore implements CounterStore {
  private readonly connection: Connection;
  private readonly connected: Promise<unknown>;
  private readonly link: CounterStoreLink;

  constructor(private readonly options: RedisCounterOptions) {
    if (/[{}]/.test(options.prefix ?? '')) throw new Error('the prefix of Redis keys must not hold braces');
    this.link = new CounterStoreLink({
      ...options,
      name: 'Redis',
      probe: () => this.connection.eval('return 1', { keys: [`${this.baseOf('')}marker`], arguments: [] }),
      undo: (doubt, attempt) => this.returnUnits(doubt, { memory: 'forget', attempt }),
    });
    this.connection = openConnection(options, (error) => this.link.failed(error));
    this.connected = this.connection.connect();
    this.connected.catch((error: unknown) => this.link.failed(error));
  }

  async take(takeId: string, demands: readonly Demand[], now: number): Promise<Grant> {
    if (demands.length === 0) return toGrant({ demands, standings: [], mode: 'take' });
    const tag = this.tagOf(demands);
    const answer = await this.link.runTake({ takeId, demands, now }, (attempt) =>
      this.run(takeScript, this.takeInput(takeId, demands, { now, tag, mode: 'take' }), attempt),
    );
    const { marker, standings } = readAnswer(answer, demands);
    this.link.sawMarker(tag, marker);
    return toGrant({ demands, standings, mode: 'take' });
  }

  async peek(demands: readonly Demand[], now: number): Promise<Grant> {
    if (demands.length === 0) return toGrant({ demands, standings: [], mode: 'peek' });
    const tag = this.tagOf(demands);
    const answer = await this.link.run((attempt) =>
      this.run(takeScript, this.takeInput('', demands, { now, tag, mode: 'peek' }), attempt),
    );
    return toGrant({ demands, standings: readAnswer(answer, demands).standings, mode: 'peek' });
  }

  async giveBack(takeId: string, demands: readonly TakenUnits[], now: number): Promise<void> {
    if (demands.length > 0)
      await this.link.run((attempt) => this.returnUnits({ takeId, demands, now }, { memory: 'keep', attempt }));
  }

  health(): StoreHealth {
    return this.link.health();
  }

  async close(): Promise<void> {
    this.link.close();
    try {
      await this.link.withDeadline(() => this.connection.close());
    } catch {
      // Not connected, or the server hangs: nothing to wait for.
      this.connection.destroy();
    }
  }

  private async returnUnits(
    { takeId, demands, now }: Return,
    { memory, attempt }: { readonly memory: 'keep' | 'forget'; readonly attempt: Attempt },
  ): Promise<unknown> {
    const returned = demands.filter((demand) => isReturnable(demand, now));
    const base = this.baseOf(this.tagOf(demands));
    const id = takeKey(takeId);
    const input = {
      keys: [`${base}take ${id}`, `${base}returned ${id}`, ...returned.map((demand) => this.keyOf(demand))],
      arguments: [id, memory, ...returned.flatMap((demand) => [kindOf(demand), String(demand.cost)])],
    };
    return this.run(giveBackScript, input, attempt);
  }

  private takeInput(
    takeId: string,
    demands: readonly Demand[],
    { now, tag, mode }: { readonly now: number; readonly tag: string; readonly mode: 'take' | 'peek' },
  ): ScriptInput {
    const base = this.baseOf(tag);
    const id = takeKey(takeId);
    const memory = takeMemoryOf(demands, { now, memory: this.options.takeMemory ?? defaultTakeMemory });
    return {
      keys: [`${base}marker`, `${base}take ${id}`, ...demands.map((demand) => this.keyOf(demand))],
      arguments: [
        ...[mode, String(now), randomUUID(), String(MARKER_MS), id],
        ...[String(memory.grantedMs), String(memory.refusedMs)],
        ...demands.flatMap((demand) => [
          kindOf(demand),
          demand.shadow ? 'shadow' : 'enforced',
          ...[demand.limit, demand.cost, demand.endsAt].map(String),
          String(Math.max(1, Math.ceil(demand.endsAt - now)) + CLOCK_SKEW_MS),
        ]),
      ],
    };
  }

  /** One round trip; a second only when this server has not seen the script since it started. */
  private async run(script: RedisScript, input: ScriptInput, attempt: Attempt): Promise<unknown> {
    await this.connected;
    if (attempt.isLate) throw new Error('nobody waits for the answer any more');
    try {
      return await this.connection.evalSha(script.sha, input);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return this.connection.eval(script.text, input);
    }
  }

  private keyOf(demand: TakenUnits): string {
    return this.hasOneSlot() ? `${this.baseOf('')}${demand.key}` : `${this.prefix()}:${demand.key}`;
  }

  /** Redis Cluster places a key by its first text in braces. */
  private baseOf(tag: string): string {
    return this.hasOneSlot() ? `{${this.prefix()}}:` : `${this.prefix()}:${tag}`;
  }

  private tagOf(demands: readonly (TakenUnits & Partial<Pick<Demand, 'rule'>>)[]): string {
    if (this.hasOneSlot()) return '';
    const tags = new Set(demands.map((demand) => /^\{[^}]*\}/.exec(demand.key)?.[0] ?? ''));
    const [tag = ''] = tags;
    if (tags.size === 1 && tag !== '') return tag;
    const rules = demands.map(({ rule, key }) => rule ?? key).join(', ');
    throw new Error(`limits ${rules} are not all counted per tenant, which slots: tenant needs; use slots: one`);
  }

  private hasOneSlot(): boolean {
    return (this.options.slots ?? 'one') === 'one';
  }

  private prefix(): string {
    return this.options.prefix ?? 'mcp-governance';
  }
}

const openConnection = (options: RedisCounterOptions, onError: (error: unknown) => void): Connection => {
  const [url, ...others] = options.urls;
  const common = {
    // What cannot be sent now is refused now: a call must not wait for a server that may come back.
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_WAITING,
    socket: {
      reconnectStrategy: (retries: number) => Math.min(50 * 2 ** Math.min(retries, 10), LONGEST_RECONNECT_DELAY_MS),
    },
  };
  if (options.cluster === true || others.length > 0) {
    const cluster = createCluster({ rootNodes: options.urls.map((each) => ({ url: each })), defaults: common });
    return cluster.on('error', onError);
  }
  return createClient({ ...common, url }).on('error', onError);
};

const kindOf = (demand: TakenUnits): 'lease' | 'units' => (demand.kind === 'concurrent' ? 'lease' : 'units');

/** `[marker, "used:reset,used:reset"]`; a reset of 0 is the demand's own end. */
const readAnswer = (
  answer: unknown,
  demands: readonly Demand[],
): { readonly marker: string; readonly standings: readonly Standing[] } => {
  const [marker, text] = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
  const parts = typeof text === 'string' ? text.split(',') : [];
  if (typeof marker !== 'string' || parts.length !== demands.length)
    throw new Error('Redis counter store: the take was made before with other demands, or the answer is not ours');
  const standings = demands.map((demand, index) => {
    const [used = '', reset = ''] = (parts[index] ?? '').split(':');
    return { used: Number(used), resetsAt: reset === '0' ? demand.endsAt : Number(reset) };
  });
  return { marker, standings };
};
