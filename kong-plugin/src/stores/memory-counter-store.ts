import type { Demand, Grant, TakenUnits } from '../domain/limits/limit-rule.ts';
import { toGrant, type Standing } from '../domain/limits/to-grant.ts';
import type { CounterStore, StoreHealth } from '../ports/counter-store.ts';
import { ExpiringMap } from './expiring-map.ts';
import { defaultTakeMemory, isReturnable, takeMemoryOf, type TakeMemory } from './take-memory.ts';

export interface MemoryCounterOptions {
  /** About 250 bytes each: 500,000 are 125 MB. Beyond it takes are rejected, because forgetting a counter frees its units. */
  readonly maxCounters?: number;
  /** Counters of the loop breaker, which any caller can make by the thousand; the oldest is forgotten. */
  readonly maxRepeatCounters?: number;
  /** About 320 bytes each: 500,000 are 160 MB. The oldest is forgotten; its units can then not be given back. */
  readonly maxTakes?: number;
  readonly takeMemory?: TakeMemory;
}

interface UnitCounter {
  used: number;
  readonly endsAt: number;
}

/** Leases by take id. */
interface LeaseCounter {
  readonly leases: Map<string, { readonly cost: number; readonly endsAt: number }>;
  endsAt: number;
}

/**
 * As little as a repeated take and `giveBack` need: of half a million takes that are remembered at once, the grants
 * themselves took twice the memory.
 */
interface RememberedTake {
  readonly granted: boolean;
  /** How each counter stood before the take, from which `toGrant` makes the same grant again. */
  readonly used: readonly number[];
  readonly resetsAt: readonly number[];
  /** Keys of the counters that got their units back. */
  returned: readonly string[];
  readonly endsAt: number;
}

const nothingReturned: readonly string[] = [];

/** Counters of one node. Several nodes need a shared store, or N nodes grant N times the limit. */
export const createMemoryCounterStore = (options: MemoryCounterOptions = {}): CounterStore =>
  new MemoryCounterStore(options);

class MemoryCounterStore implements CounterStore {
  private readonly units = new ExpiringMap<UnitCounter>();
  private readonly repeats = new ExpiringMap<UnitCounter>();
  private readonly leases = new ExpiringMap<LeaseCounter>();
  private readonly takes = new ExpiringMap<RememberedTake>();
  private readonly bounds: Required<MemoryCounterOptions>;
  private isFull = false;

  constructor(options: MemoryCounterOptions) {
    this.bounds = {
      maxCounters: 500_000,
      maxRepeatCounters: 100_000,
      maxTakes: 500_000,
      takeMemory: defaultTakeMemory,
      ...options,
    };
  }

  /** Not one await between looking and counting: one step for everybody on this node. */
  async take(takeId: string, demands: readonly Demand[], now: number): Promise<Grant> {
    const known = this.takes.get(takeId, now);
    const standings = known === undefined ? this.standingsOf(demands, now) : standingsBefore(known);
    const grant = toGrant({ demands, standings, mode: 'take' });
    if (known !== undefined) return grant;
    if (demands.length === 0) return grant;
    if (grant.granted) {
      this.makeRoom(demands, now);
      for (const demand of demands) this.raise(takeId, demand, now);
    }
    const endsAt = now + this.memoryOf(demands, { granted: grant.granted, now });
    this.remember(takeId, toRemembered(standings, { granted: grant.granted, endsAt }), now);
    return grant;
  }

  async giveBack(takeId: string, demands: readonly TakenUnits[], now: number): Promise<void> {
    const take = this.takes.get(takeId, now);
    for (const demand of demands) {
      if (demand.kind === 'concurrent') this.leases.get(demand.key, now)?.leases.delete(takeId);
      else if (take?.granted === true && isReturnable(demand, now)) this.lower(take, demand, now);
    }
  }

  ended(takeId: string): void {
    this.takes.delete(takeId);
  }

  async peek(demands: readonly Demand[], now: number): Promise<Grant> {
    return toGrant({ demands, standings: this.standingsOf(demands, now), mode: 'peek' });
  }

  health(): StoreHealth {
    const why = `${this.bounds.maxCounters} counters are in use, the most that the memory store holds: use Redis or PostgreSQL`;
    return this.isFull ? { ok: false, why } : { ok: true };
  }

  async close(): Promise<void> {
    return undefined;
  }

  private standingsOf(demands: readonly Demand[], now: number): readonly Standing[] {
    return demands.map((demand) =>
      demand.kind === 'concurrent'
        ? this.leaseStanding(demand, now)
        : { used: this.countersOf(demand).get(demand.key, now)?.used ?? 0, resetsAt: demand.endsAt },
    );
  }

  private leaseStanding(demand: Demand, now: number): Standing {
    let used = 0;
    let resetsAt = Number.POSITIVE_INFINITY;
    for (const lease of this.leases.get(demand.key, now)?.leases.values() ?? []) {
      if (lease.endsAt <= now) continue;
      used += lease.cost;
      resetsAt = Math.min(resetsAt, lease.endsAt);
    }
    return { used, resetsAt: used === 0 ? demand.endsAt : resetsAt };
  }

  private countersOf(demand: TakenUnits): ExpiringMap<UnitCounter> {
    return demand.kind === 'repeat' ? this.repeats : this.units;
  }

  private raise(takeId: string, demand: Demand, now: number): void {
    if (demand.kind === 'concurrent') return this.lease(takeId, demand, now);
    const counters = this.countersOf(demand);
    const counter = counters.get(demand.key, now);
    if (counter === undefined) counters.add(demand.key, { used: demand.cost, endsAt: demand.endsAt }, now);
    else counter.used += demand.cost;
  }

  private lease(takeId: string, demand: Demand, now: number): void {
    const counter: LeaseCounter = this.leases.get(demand.key, now) ?? { leases: new Map(), endsAt: demand.endsAt };
    for (const [id, lease] of counter.leases) if (lease.endsAt <= now) counter.leases.delete(id);
    counter.leases.set(takeId, { cost: demand.cost, endsAt: demand.endsAt });
    counter.endsAt = Math.max(counter.endsAt, demand.endsAt);
    this.leases.add(demand.key, counter, now);
  }

  private lower(take: RememberedTake, demand: TakenUnits, now: number): void {
    if (take.returned.includes(demand.key)) return;
    take.returned = [...take.returned, demand.key];
    const counter = this.countersOf(demand).get(demand.key, now);
    if (counter !== undefined) counter.used = Math.max(0, counter.used - demand.cost);
  }

  private memoryOf(
    demands: readonly Demand[],
    { granted, now }: { readonly granted: boolean; readonly now: number },
  ): number {
    const { grantedMs, refusedMs } = takeMemoryOf(demands, { now, memory: this.bounds.takeMemory });
    return granted ? grantedMs : refusedMs;
  }

  private remember(takeId: string, take: RememberedTake, now: number): void {
    if (this.takes.size >= this.bounds.maxTakes) this.takes.dropOldest();
    this.takes.add(takeId, take, now);
  }

  private makeRoom(demands: readonly Demand[], now: number): void {
    while (this.repeats.size + demands.length > this.bounds.maxRepeatCounters && this.repeats.size > 0)
      this.repeats.dropOldest();
    this.isFull = this.isCrowded(demands);
    if (!this.isFull) return;
    this.units.sweepAll(now);
    this.leases.sweepAll(now);
    this.isFull = this.isCrowded(demands);
    const health = this.health();
    if (!health.ok) throw new Error(health.why);
  }

  private isCrowded(demands: readonly Demand[]): boolean {
    return this.units.size + this.leases.size + demands.length > this.bounds.maxCounters;
  }
}

const toRemembered = (
  standings: readonly Standing[],
  { granted, endsAt }: Pick<RememberedTake, 'granted' | 'endsAt'>,
): RememberedTake => ({
  granted,
  used: standings.map(({ used }) => used),
  resetsAt: standings.map(({ resetsAt }) => resetsAt),
  returned: nothingReturned,
  endsAt,
});

const standingsBefore = ({ used, resetsAt }: RememberedTake): readonly Standing[] =>
  used.map((before, index) => ({ used: before, resetsAt: resetsAt[index] ?? 0 }));
