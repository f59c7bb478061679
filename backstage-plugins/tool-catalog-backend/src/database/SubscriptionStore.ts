import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import {
  nextState,
  type SubscriptionAction,
  type SubscriptionEvent,
  type SubscriptionState,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';

export interface SubscriptionRecord {
  readonly id: string;
  readonly application: string;
  readonly server: string;
  readonly plan: string;
  readonly tools?: readonly string[];
  readonly state: SubscriptionState;
  readonly requestedBy: string;
  readonly requestedAt: number;
  readonly decidedBy?: string;
  readonly decidedAt?: number;
  readonly reason?: string;
  readonly expiresAt?: number;
  readonly changedAt: number;
}

export type NewSubscription = Pick<SubscriptionRecord, 'application' | 'server' | 'plan' | 'tools' | 'expiresAt'> & {
  readonly state: 'pending' | 'active';
  readonly actor: string;
  readonly reason?: string;
  readonly now: number;
};

export interface Transition {
  readonly id: string;
  readonly action: SubscriptionAction;
  readonly actor: string;
  readonly reason?: string;
  readonly now: number;
}

/** Of a transition: the new record, or the state in which the action is not possible; undefined where there is none. */
export type TransitionAnswer =
  | { readonly ok: true; readonly record: SubscriptionRecord }
  | { readonly ok: false; readonly state: SubscriptionState }
  | undefined;

interface Row {
  readonly id: string;
  readonly application: string;
  readonly server: string;
  readonly plan: string;
  readonly tools: readonly string[] | null;
  readonly state: SubscriptionState;
  readonly requested_by: string;
  readonly requested_at: string;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly reason: string | null;
  readonly expires_at: string | null;
  readonly changed_at: string;
}

/** Unique violation in PostgreSQL (SQLSTATE). */
const UNIQUE_VIOLATION = '23505';

export class SubscriptionStore {
  constructor(private readonly knex: Knex) {}

  async all(): Promise<readonly SubscriptionRecord[]> {
    return (await this.knex<Row>('subscription').orderBy('requested_at')).map(toRecord);
  }

  async ofApplications(applications: readonly string[]): Promise<readonly SubscriptionRecord[]> {
    const rows = await this.knex<Row>('subscription')
      .whereIn('application', applications)
      .orderBy('requested_at', 'desc');
    return rows.map(toRecord);
  }

  async ofServers(servers: readonly string[]): Promise<readonly SubscriptionRecord[]> {
    return (await this.knex<Row>('subscription').whereIn('server', servers).orderBy('requested_at', 'desc')).map(
      toRecord,
    );
  }

  async find(id: string): Promise<SubscriptionRecord | undefined> {
    const row = await this.knex<Row>('subscription').where({ id }).first();
    return row === undefined ? undefined : toRecord(row);
  }

  /** Undefined where the application has a subscription to the server that is pending, active or suspended. */
  async add(wanted: NewSubscription): Promise<SubscriptionRecord | undefined> {
    const { application, server, plan, tools, state, actor, reason, now, expiresAt } = wanted;
    const id = randomUUID();
    const decided = state === 'active' ? { decided_by: actor, decided_at: now, reason } : {};
    try {
      return await this.knex.transaction(async (transaction) => {
        const [row] = await transaction('subscription')
          .insert({
            ...{ id, application, server, plan, state, requested_by: actor, requested_at: now, changed_at: now },
            tools: tools === undefined ? null : JSON.stringify(tools),
            expires_at: expiresAt ?? null,
            ...decided,
          })
          .returning<Row[]>('*');
        await addEvent(transaction, { subscription: id, at: now, actor, action: 'request', to_state: state, reason });
        return row === undefined ? undefined : toRecord(row);
      });
    } catch (error) {
      if ((error as { readonly code?: string }).code === UNIQUE_VIOLATION) return undefined;
      throw error;
    }
  }

  /** The row is held while the state is judged: of two decisions at once the second sees the first. */
  async transition({ id, action, actor, reason, now }: Transition): Promise<TransitionAnswer> {
    return this.knex.transaction(async (transaction) => {
      const before = await transaction<Row>('subscription').where({ id }).forUpdate().first();
      if (before === undefined) return undefined;
      const to = nextState(before.state, action);
      if (to === undefined) return { ok: false, state: before.state };
      const [after] = await transaction('subscription')
        .where({ id })
        .update({ state: to, decided_by: actor, decided_at: now, reason: reason ?? null, changed_at: now })
        .returning<Row[]>('*');
      await addEvent(transaction, {
        ...{ subscription: id, at: now, actor, action, reason },
        from_state: before.state,
        to_state: to,
      });
      return after === undefined ? undefined : { ok: true, record: toRecord(after) };
    });
  }

  /** Oldest first, of every subscription asked for. */
  async histories(ids: readonly string[]): Promise<ReadonlyMap<string, readonly SubscriptionEvent[]>> {
    const rows = await this.knex<EventRow>('subscription_event').whereIn('subscription', ids).orderBy('id');
    const histories = new Map<string, SubscriptionEvent[]>(ids.map((id) => [id, []]));
    for (const row of rows) histories.get(row.subscription)?.push(toEvent(row));
    return histories;
  }

  /** Ids of subscriptions whose time is over. */
  async due(now: number): Promise<readonly string[]> {
    const rows = await this.knex<Row>('subscription')
      .whereIn('state', ['active', 'suspended'])
      .where('expires_at', '<=', now)
      .select('id');
    return rows.map(({ id }) => id);
  }
}

interface EventRow {
  readonly subscription: string;
  readonly at: string | number;
  readonly actor: string;
  readonly action: string;
  readonly from_state?: SubscriptionState | null;
  readonly to_state: SubscriptionState;
  readonly reason?: string | null;
}

const addEvent = async (knex: Knex, event: EventRow): Promise<void> => {
  await knex('subscription_event').insert(event);
};

const toEvent = (row: EventRow): SubscriptionEvent => ({
  at: new Date(Number(row.at)).toISOString(),
  actor: row.actor,
  action: row.action,
  to: row.to_state,
  ...(row.from_state ? { from: row.from_state } : {}),
  ...(row.reason ? { reason: row.reason } : {}),
});

const toRecord = (row: Row): SubscriptionRecord => ({
  id: row.id,
  application: row.application,
  server: row.server,
  plan: row.plan,
  state: row.state,
  requestedBy: row.requested_by,
  requestedAt: Number(row.requested_at),
  changedAt: Number(row.changed_at),
  ...(row.tools === null ? {} : { tools: row.tools }),
  ...(row.decided_by === null ? {} : { decidedBy: row.decided_by }),
  ...(row.decided_at === null ? {} : { decidedAt: Number(row.decided_at) }),
  ...(row.reason === null ? {} : { reason: row.reason }),
  ...(row.expires_at === null ? {} : { expiresAt: Number(row.expires_at) }),
});
