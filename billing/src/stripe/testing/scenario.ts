import { createTestDatabase } from '../../database/testing/test-database.ts';
import { queryRows } from '../../database/query-rows.ts';
import { addDays } from '../../domain/calendar/day.ts';
import { monthOf, type Period } from '../../domain/calendar/period.ts';
import type { Statement } from '../../domain/statements/statement.ts';
import type { InvocationEvent } from '../../../../kong-plugin/src/domain/records/invocation-event.ts';
import { createIngest, type Ingest } from '../../ledger/ingest.ts';
import { incoming, newEvent } from '../../ledger/testing/events.ts';
import { closePeriod } from '../../statements/close-period.ts';
import { invoiceStatement } from '../invoices/invoice-statement.ts';
import { pollInvoices } from '../invoices/sync-invoice.ts';
import { refreshMeterDays } from '../outbox/refresh-meter-days.ts';
import { sendMeterTotals } from '../outbox/send-meter-totals.ts';
import type { ProviderContext } from '../provider-context.ts';
import { applyWholeCatalog, closeMonth, loadPrices } from './billing-world.ts';
import { Crash, crashing, createProviderWorld, type ProviderWorld } from './provider-world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const TOOLS = ['search', 'fetch'] as const;
const TENANT = 'acme';

/** Units of each tool and minor units of all: what every side must agree on. */
export interface Totals {
  readonly units: Readonly<Record<string, bigint>>;
  readonly minor: bigint;
}

/** Two prices whose amounts this file computes by itself: 0.25 cents a search; fetches 1.01 cents, the first 20 free. */
const prices = (lineMode: string): string => `
version: 1
tenants: [{ id: ${TENANT}, name: Acme GmbH, currency: eur, line_mode: ${lineMode} }]
prices:
  - { server: web, tool: search, currency: eur, model: flat, unit_amount: "0.0025", effective_from: 2020-01-01 }
  - { server: web, tool: fetch, currency: eur, model: flat, unit_amount: "0.0101", free_units: 20, effective_from: 2020-01-01 }
`;

const amountOf = (units: Readonly<Record<string, bigint>>): bigint => {
  const halfUp = (hundredths: bigint): bigint => (hundredths + 50n) / 100n;
  const fetches = units['fetch'] ?? 0n;
  return halfUp((units['search'] ?? 0n) * 25n) + halfUp((fetches > 20n ? fetches - 20n : 0n) * 101n);
};

/**
 * A month of one tenant, with an unlucky seed: answers that are lost before or after they took effect, an outage of 30 hours,
 * batches that come twice, events that come up to 40 hours late, and processes that die between any two steps.
 */
export class Scenario {
  readonly happened = { faults: 0, crashes: 0, duplicates: 0, late: 0, meters: 0 };
  private readonly billable: Record<string, bigint> = { search: 0n, fetch: 0n };
  private readonly lateBillable: Record<string, bigint> = { search: 0n, fetch: 0n };
  private readonly shipped: InvocationEvent[] = [];
  private sequence = 0;
  private statement: Statement | undefined;

  private constructor(
    private readonly world: ProviderWorld,
    private readonly random: () => number,
    private readonly month: Period,
    private readonly ingest: Ingest,
  ) {}

  static async start(seed: number): Promise<Scenario> {
    // Neighbouring seeds begin alike without this.
    const random = mulberry32(Math.imul(seed, 0x9e3779b1));
    const test = await createTestDatabase();
    const month = monthBefore(3);
    const world = await createProviderWorld({ start: Date.parse(month.start), seed: String(seed), random, test });
    const scenario = new Scenario(
      { ...world, close: async () => Promise.all([world.close(), test.close()]).then(() => undefined) },
      random,
      month,
      createIngest(test.database),
    );
    await loadPrices(world.context, prices(random() < 0.5 ? 'auto' : 'lines'));
    await applyWholeCatalog(world.context);
    return scenario;
  }

  close(): Promise<void> {
    return this.world.close();
  }

  async liveThroughTheMonth(): Promise<void> {
    this.breakThings();
    const end = Date.parse(this.month.end);
    while (this.world.now() < end - 2 * HOUR_MS) {
      const from = this.world.now();
      this.world.advance(Math.min(end - HOUR_MS - from, (12 + this.random() * 120) * HOUR_MS));
      await this.shipSome(from, this.billable);
      await this.sendMeters();
    }
    // Stripe makes its draft at midnight, and would make it final an hour later.
    this.world.advance(end + 10 * 60_000 - this.world.now());
    await this.stubbornly(async (context) => {
      const polled = await pollInvoices(context);
      if (!polled.ok) throw new Crash('the poll failed');
    });
  }

  async closeAndInvoice(): Promise<void> {
    const before = this.world.now() - 40 * HOUR_MS;
    this.world.advance(20 * HOUR_MS);
    await this.shipSome(before, this.billable, Date.parse(this.month.end) - 1);
    await this.sendMeters();
    [this.statement] = await closeMonth(this.world.context, this.month);
    const { statement } = this;
    if (statement === undefined) return;
    await this.shipSome(before, this.lateBillable, Date.parse(this.month.end) - 1);
    const invoice = async (context: ProviderContext): Promise<void> => {
      const outcome = await invoiceStatement(context, statement, { finalize: true });
      if (outcome.kind === 'held') throw new Error(`Held: ${outcome.because} ${outcome.differences.join(' ')}`);
      if (outcome.kind === 'waiting') throw new Crash(outcome.because);
    };
    // Now and then it takes so long that Stripe has forgotten every idempotency key.
    const pauseMs = (): number => (this.random() < 0.5 ? 25 * HOUR_MS : 3 * 60_000);
    await this.stubbornly(invoice, { pauseMs, deathsPerCall: 0.12 });
  }

  /** What came too late for its own statement is on the next one. */
  async liveThroughTheNextMonth(): Promise<void> {
    const next = monthOf(this.month.end);
    this.world.advance(Math.max(0, Date.parse(next.end) + DAY_MS - this.world.now()));
    const closed = await closePeriod(this.world.context.database, next, { now: new Date(this.world.now()) });
    if (!closed.ok) throw new Error(closed.error.problem);
  }

  async result(): Promise<{
    readonly truth: Totals;
    readonly ledger: Totals;
    readonly stripe: Totals;
    readonly lateTruth: Readonly<Record<string, bigint>>;
    readonly adjusted: Readonly<Record<string, bigint>>;
    readonly happened: Scenario['happened'];
  }> {
    // Only looks from here on.
    this.world.double.faults.clear();
    const { lines = [], subtotalMinor = 0n } = this.statement ?? {};
    const onStatement = totals(
      lines.flatMap(({ tool, kind, quantity }) =>
        tool === undefined || kind === 'adjustment' ? [] : [{ tool, quantity }],
      ),
    );
    return {
      truth: { units: this.billable, minor: amountOf(this.billable) },
      ledger: { units: onStatement, minor: subtotalMinor },
      stripe: { units: await this.metered(), minor: await this.invoiced() },
      lateTruth: await this.ledgerBeyond(onStatement),
      adjusted: await this.adjusted(),
      happened: this.happened,
    };
  }

  private async metered(): Promise<Readonly<Record<string, bigint>>> {
    const { database, provider, environment } = this.world.context;
    const [customer] = await database('stripe_object')
      .where({ environment, kind: 'customer' })
      .pluck<string[]>('stripe_id');
    const meters = await database('stripe_meter')
      .where({ environment })
      .select<{ tool: string; meter_id: string }[]>('tool', 'meter_id');
    const counted: { tool: string; quantity: bigint }[] = [];
    for (const { tool, meter_id: meterId } of meters) {
      const answer = await provider.meterTotals({
        ...{ meterId, customerId: customer ?? '' },
        ...{ firstDay: this.month.start, endDay: this.month.end },
      });
      if (!answer.ok) throw new Error(answer.error.message);
      for (const quantity of answer.value.values()) counted.push({ tool, quantity });
    }
    return totals(counted);
  }

  /** Everything that any invoice of the month asks for. */
  private async invoiced(): Promise<bigint> {
    let sum = 0n;
    for (const { id, status, subscription } of this.world.double.account.invoices.values()) {
      const read = await this.world.context.provider.readInvoice(id);
      if (!read.ok) throw new Error(read.error.message);
      if (read.value.periodStart >= Date.parse(this.month.end) && subscription !== null) continue;
      if (status !== 'open') throw new Error(`Invoice ${id} is ${status}.`);
      if (subscription !== null) this.happened.meters++;
      sum += read.value.subtotalMinor;
    }
    return sum;
  }

  private async ledgerBeyond(onStatement: Readonly<Record<string, bigint>>): Promise<Readonly<Record<string, bigint>>> {
    const rows = await queryRows<{ readonly tool: string; readonly quantity: bigint }>(
      this.world.context.database,
      `select tool, sum(n)::bigint as quantity from usage_day
       where outcome = 'ok' and day >= ? and day < ? group by tool`,
      [this.month.start, this.month.end],
    );
    const ledger = totals(rows);
    for (const tool of TOOLS)
      if ((ledger[tool] ?? 0n) !== (this.billable[tool] ?? 0n) + (this.lateBillable[tool] ?? 0n))
        throw new Error(`The ledger has ${ledger[tool]} of ${tool}.`);
    return Object.fromEntries(TOOLS.map((tool) => [tool, (ledger[tool] ?? 0n) - (onStatement[tool] ?? 0n)]));
  }

  private async adjusted(): Promise<Readonly<Record<string, bigint>>> {
    const rows = await queryRows<{ readonly tool: string; readonly quantity: bigint }>(
      this.world.context.database,
      `select tool, sum(quantity_delta)::bigint as quantity from adjustment
       where source = 'late' and tool is not null group by tool`,
    );
    return totals(rows);
  }

  private breakThings(): void {
    const { faults } = this.world.double;
    const chance = { probability: 0.06 };
    for (const kind of ['timeout-before-apply', 'timeout-after-apply', 'error-500', 'rate-limit'] as const)
      faults.add({ kind, ...chance });
    const start = Date.parse(this.month.start) / 1000;
    const from = start + Math.floor(this.random() * 26) * 86_400;
    faults.addOutage({ from, to: from + 30 * 3_600 });
  }

  /** A batch of events, some of them late, some not billable; now and then it comes twice, or an earlier one comes again. */
  private async shipSome(from: number, billable: Record<string, bigint>, until = this.world.now() - 1): Promise<void> {
    const count = 1 + Math.floor(this.random() * 25);
    const events = Array.from({ length: count }, () => this.makeEvent(from, until, billable));
    await this.ingest({ nodeId: 'gw-1', events: incoming(events) });
    this.shipped.push(...events);
    if (this.random() < 0.3) {
      this.happened.duplicates++;
      const again = this.shipped.filter(() => this.random() < 0.5);
      await this.ingest({ nodeId: 'gw-1', events: incoming(again) });
    }
  }

  private makeEvent(from: number, until: number, billable: Record<string, bigint>): InvocationEvent {
    const isLate = this.random() < 0.1;
    const earliest = Math.max(Date.parse(this.month.start), isLate ? from - 40 * HOUR_MS : from);
    const occurredAt = new Date(Math.floor(earliest + this.random() * (until - earliest))).toISOString();
    const tool = this.random() < 0.6 ? 'search' : 'fetch';
    const outcome = this.random() < 0.85 ? 'ok' : 'tool_error';
    if (isLate) this.happened.late++;
    if (outcome === 'ok') billable[tool] = (billable[tool] ?? 0n) + 1n;
    this.sequence += 1;
    return newEvent({ sequence: this.sequence, occurredAt, record: { server: 'web', tool, outcome, tenant: TENANT } });
  }

  private async sendMeters(): Promise<void> {
    const { start: firstDay, end: endDay } = this.month;
    await this.attempt(async (context) => {
      await refreshMeterDays(context, { firstDay, endDay });
      await sendMeterTotals(context);
    });
  }

  /** One run of a process that may die at any call to the provider. */
  private async attempt(work: (context: ProviderContext) => Promise<void>, deathsPerCall = 0.03): Promise<boolean> {
    const provider = crashing(this.world.context.provider, () => {
      if (this.random() >= deathsPerCall) return undefined;
      this.happened.crashes++;
      return this.random() < 0.5 ? 'before' : 'after';
    });
    try {
      // One call at a time, so that a seed is always the same story.
      await work({ ...this.world.contextWith({ provider }), callsAtOnce: 1 });
      return true;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      return false;
    } finally {
      this.happened.faults = this.world.double.faults.list().reduce((sum, { hits }) => sum + hits, 0);
    }
  }

  /** Again and again, a new process each time, as a worker does. */
  private async stubbornly(
    work: (context: ProviderContext) => Promise<void>,
    {
      pauseMs = () => 3 * 60_000,
      deathsPerCall,
    }: { readonly pauseMs?: () => number; readonly deathsPerCall?: number } = {},
  ): Promise<void> {
    for (let tries = 0; tries < 200; tries++) {
      if (await this.attempt(work, deathsPerCall)) return;
      this.world.advance(pauseMs());
    }
    throw new Error('It never succeeded.');
  }
}

const totals = (
  rows: readonly { readonly tool: string; readonly quantity: bigint }[],
): Readonly<Record<string, bigint>> => {
  const sums: Record<string, bigint> = Object.fromEntries(TOOLS.map((tool) => [tool, 0n]));
  for (const { tool, quantity } of rows) sums[tool] = (sums[tool] ?? 0n) + quantity;
  return sums;
};

/** The ledger takes events of the past 400 days, so that the month has to move along with the calendar. */
const monthBefore = (count: number): Period => {
  let period = monthOf(new Date().toISOString().slice(0, 10));
  for (let back = 0; back < count; back++) period = monthOf(addDays(period.start, -1));
  return period;
};

const mulberry32 = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};
