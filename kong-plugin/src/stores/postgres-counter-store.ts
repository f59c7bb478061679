import pg from 'pg';
import type { Demand, Grant, TakenUnits } from '../domain/limits/limit-rule.ts';
import { toGrant, type Standing } from '../domain/limits/to-grant.ts';
import type { CounterStore, StoreHealth } from '../ports/counter-store.ts';
import { CounterStoreLink, type Attempt, type LinkOptions, type Return } from './counter-store-link.ts';
import { counterSchema, type CounterSchema } from './postgres-counter-schema.ts';
import { defaultTakeMemory, isReturnable, takeKey, takeMemoryOf, type TakeMemory } from './take-memory.ts';

export interface PostgresCounterOptions extends Pick<
  LinkOptions,
  'deadlineMs' | 'probeDelayMs' | 'onNotice' | 'clock'
> {
  readonly url: string;
  readonly schema?: string;
  /** Takes at the same time from this node. */
  readonly maxConnections?: number;
  readonly sweepEveryMs?: number;
  readonly takeMemory?: TakeMemory;
}

export interface PostgresCounterStore extends CounterStore {
  /** Removes what ended more than an hour before `now`; answers how many rows. Runs by itself every `sweepEveryMs`. */
  sweep(now: number): Promise<number>;
}

/** Clocks of nodes differ by less; a counter that is removed early would free its units. */
const SWEEP_AFTER_MS = 3_600_000;
const DEFAULT_SWEEP_EVERY_MS = 60_000;
/** 1,000 rows a table a step: an hour of 3,000 calls a second is swept in a few minutes. */
const MAX_SWEEP_STEPS = 100;
const DEFAULT_MAX_CONNECTIONS = 10;

/** Counters shared by all nodes, in tables that the store makes itself. A take is one statement: one call of a function. */
export const createPostgresCounterStore = (options: PostgresCounterOptions): PostgresCounterStore =>
  new PostgresCounters(options);

class PostgresCounters implements PostgresCounterStore {
  private readonly pool: pg.Pool;
  private readonly sql: CounterSchema;
  private readonly link: CounterStoreLink;
  private readonly sweeping: NodeJS.Timeout;
  private prepared: Promise<void> | undefined;
  private latestNow = 0;

  constructor(private readonly options: PostgresCounterOptions) {
    const deadlineMs = options.deadlineMs ?? 100;
    this.sql = counterSchema(options.schema ?? 'mcp_governance');
    this.link = new CounterStoreLink({
      ...options,
      deadlineMs,
      name: 'PostgreSQL',
      probe: (attempt) => this.query('select 1', [], attempt),
      undo: (doubt, attempt) => this.returnUnits(doubt, { forget: true, attempt }),
    });
    this.pool = new pg.Pool({
      connectionString: options.url,
      max: options.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
      connectionTimeoutMillis: Math.max(deadlineMs, 1_000),
      // The server gives up when we do, so that a late take does not count a call that was refused.
      statement_timeout: deadlineMs,
      allowExitOnIdle: true,
    });
    this.pool.on('error', (error) => this.link.failed(error));
    this.prepare().catch((error: unknown) => this.link.failed(error));
    this.sweeping = setInterval(() => void this.sweepQuietly(), options.sweepEveryMs ?? DEFAULT_SWEEP_EVERY_MS).unref();
  }

  async take(takeId: string, demands: readonly Demand[], now: number): Promise<Grant> {
    if (demands.length === 0) return toGrant({ demands, standings: [], mode: 'take' });
    this.latestNow = Math.max(this.latestNow, now);
    const { grantedMs, refusedMs } = takeMemoryOf(demands, {
      now,
      memory: this.options.takeMemory ?? defaultTakeMemory,
    });
    const values = [takeKey(takeId), toRows(demands), now, now + grantedMs, now + refusedMs];
    const answer = await this.link.runTake({ takeId, demands, now }, (attempt) =>
      this.query(this.sql.take, values, attempt),
    );
    const { marker, standings } = readTake(answer, demands);
    this.link.sawMarker('', marker);
    return toGrant({ demands, standings, mode: 'take' });
  }

  async peek(demands: readonly Demand[], now: number): Promise<Grant> {
    if (demands.length === 0) return toGrant({ demands, standings: [], mode: 'peek' });
    const answer = await this.link.run((attempt) => this.query(this.sql.peek, [toRows(demands), now], attempt));
    return toGrant({ demands, standings: readStandings(answer, demands), mode: 'peek' });
  }

  async giveBack(takeId: string, demands: readonly TakenUnits[], now: number): Promise<void> {
    if (demands.length > 0)
      await this.link.run((attempt) => this.returnUnits({ takeId, demands, now }, { forget: false, attempt }));
  }

  async sweep(now: number): Promise<number> {
    let total = 0;
    for (let step = 0; step < MAX_SWEEP_STEPS; step++) {
      const removed = Number(await this.query(this.sql.sweep, [now - SWEEP_AFTER_MS]));
      total += removed;
      if (removed === 0) break;
    }
    return total;
  }

  health(): StoreHealth {
    return this.link.health();
  }

  async close(): Promise<void> {
    clearInterval(this.sweeping);
    this.link.close();
    await this.pool.end();
  }

  /** Nothing waits for it, and what it could not remove it removes the next time. */
  private async sweepQuietly(): Promise<void> {
    if (this.latestNow > 0) await this.sweep(this.latestNow).catch(() => 0);
  }

  private returnUnits(
    { takeId, demands, now }: Return,
    { forget, attempt }: { readonly forget: boolean; readonly attempt: Attempt },
  ): Promise<unknown> {
    const returned = demands.filter((demand) => isReturnable(demand, now));
    return this.query(this.sql.giveBack, [takeKey(takeId), toRows(returned), now, forget], attempt);
  }

  private async query(text: string, values: readonly unknown[], attempt?: Attempt): Promise<unknown> {
    await this.prepare();
    const client = await this.pool.connect();
    // Outside of a query a lost connection is an event, which ends the process when nobody listens.
    const onError = (error: Error): void => this.link.failed(error);
    client.on('error', onError);
    try {
      if (attempt?.isLate === true) throw new Error('nobody waits for the answer any more');
      const { rows } = await client.query<Record<string, unknown>>(text, [...values]);
      return Object.values(rows[0] ?? {})[0];
    } catch (error) {
      // Somebody dropped our tables or restored an empty database: the next query makes them again.
      if (isMissing(error)) this.prepared = undefined;
      throw error;
    } finally {
      client.off('error', onError);
      client.release();
    }
  }

  private prepare(): Promise<void> {
    this.prepared ??= this.createSchema().catch((error: unknown) => {
      this.prepared = undefined;
      throw error;
    });
    return this.prepared;
  }

  private async createSchema(): Promise<void> {
    const { rows } = await this.pool.query<{ readonly present: boolean }>(this.sql.isPresent);
    // One simple query is one transaction: all of it, or nothing.
    if (rows[0]?.present !== true) await this.pool.query(this.sql.create);
  }
}

/** Undefined table, function or schema. */
const isMissing = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && ['42P01', '42883', '3F000'].includes(error.code ?? '');

const toRows = (demands: readonly (TakenUnits & Partial<Demand>)[]): string =>
  JSON.stringify(
    demands.map((demand, place) => ({
      place,
      key: demand.key,
      kind: demand.kind,
      cost: demand.cost,
      quota: demand.limit,
      shadow: demand.shadow,
      ends_at: demand.endsAt,
    })),
  );

const readTake = (
  answer: unknown,
  demands: readonly Demand[],
): { readonly marker: string; readonly standings: readonly Standing[] } => {
  const { marker, standings } = (answer ?? {}) as { readonly marker?: unknown; readonly standings?: unknown };
  if (typeof marker !== 'string') throw new Error('PostgreSQL counter store: the marker row is missing');
  return { marker, standings: readStandings(standings, demands) };
};

const readStandings = (rows: unknown, demands: readonly Demand[]): readonly Standing[] => {
  if (!Array.isArray(rows) || rows.length !== demands.length)
    throw new Error('PostgreSQL counter store: the take was made before with other demands');
  return rows.map((row: unknown) => {
    const [used, resetsAt] = Array.isArray(row) ? (row as readonly unknown[]) : [];
    return { used: Number(used), resetsAt: Number(resetsAt) };
  });
};
