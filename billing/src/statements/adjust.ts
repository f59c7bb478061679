import type { Knex } from 'knex';
import type { Database } from '../database/open-database.ts';
import { isDay, type Day } from '../domain/calendar/day.ts';
import type { Issue } from '../domain/issue.ts';
import { currencyRule, type MinorUnits } from '../domain/money/currency.ts';
import { multiply } from '../domain/money/decimal.ts';
import { formatMoney, roundToMinor } from '../domain/money/money.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { loadPriceList } from '../price-book/price-store.ts';
import { findTenant, type StoredTenant } from '../price-book/tenant-store.ts';
import {
  insertAdjustments,
  listAdjustments,
  adjustmentId,
  type NewAdjustment,
  type StoredAdjustment,
} from './adjustment-store.ts';

export interface AdjustmentRequest {
  /** Of the caller: the same key twice is one adjustment. */
  readonly idempotencyKey: string;
  readonly tenant: string;
  readonly server?: string;
  readonly tool?: string;
  /** The day that is corrected. */
  readonly day: Day;
  /** Signed calls. Without `amountMinor` they are rated at the price of the day, which must be one for every call. */
  readonly quantity?: bigint;
  /** Signed; below zero is in the tenant's favour. */
  readonly amountMinor?: MinorUnits;
  readonly reason: string;
  readonly actor: string;
  readonly now: Date;
}

export interface AdjustmentDone {
  readonly adjustment: StoredAdjustment;
  /** False: the key was known, and this is what it made then. */
  readonly isNew: boolean;
}

/** Longest key, and longest reason, which stands on the statement. */
const MAX_KEY = 200;
const MAX_REASON = 500;

/** Makes a correction for the tenant's next statement. */
export const createAdjustment = async (
  database: Database,
  request: AdjustmentRequest,
): Promise<Result<AdjustmentDone, readonly Issue[]>> => {
  const issues = checkRequest(request);
  const tenant = await findTenant(database, request.tenant);
  if (tenant === undefined) issues.push({ path: 'tenant', problem: `There is no tenant ${request.tenant}.` });
  if (tenant === undefined || issues.length > 0) return failure(issues);
  const amount = await amountOf(database, request, tenant);
  if (!amount.ok) return failure([amount.error]);
  const { server, tool } = request;
  return saveOnce(database, {
    idempotencyKey: request.idempotencyKey,
    tenant: tenant.id,
    ...(server === undefined || tool === undefined ? {} : { server, tool }),
    day: request.day,
    quantityDelta: request.quantity ?? 0n,
    amountMinor: amount.value,
    currency: tenant.currency,
    reason: request.reason.trim(),
    actor: request.actor,
    source: 'manual',
    settlement: 'next_statement',
    createdAt: request.now,
  });
};

export const checkRequest = (request: {
  readonly idempotencyKey: string;
  readonly server?: string;
  readonly tool?: string;
  readonly day?: Day;
  readonly reason: string;
}): Issue[] => {
  const { idempotencyKey, server, tool, day, reason } = request;
  const issues: Issue[] = [];
  if (idempotencyKey === '' || idempotencyKey.length > MAX_KEY)
    issues.push({
      path: 'idempotency_key',
      problem: `Must have 1 to ${MAX_KEY} characters.`,
      suggestion: 'Take a number of your own ticket.',
    });
  if (reason.trim() === '' || reason.length > MAX_REASON)
    issues.push({ path: 'reason', problem: `Must have 1 to ${MAX_REASON} characters: the tenant reads it.` });
  if (day !== undefined && !isDay(day))
    issues.push({ path: 'day', problem: `${day} is no day.`, suggestion: 'Write it as 2026-03-01.' });
  if ((server === undefined) !== (tool === undefined))
    issues.push({
      path: server === undefined ? 'server' : 'tool',
      problem: 'Is missing: server and tool go together.',
    });
  return issues;
};

/** Tiers and packages have no price for single calls: which of them were too many, nobody can say. */
const amountOf = async (
  database: Knex,
  { server, tool, day, quantity = 0n, amountMinor }: AdjustmentRequest,
  { id: tenant, currency }: StoredTenant,
): Promise<Result<MinorUnits, Issue>> => {
  if (amountMinor !== undefined) return checkAmount(amountMinor, currency);
  if (quantity === 0n) return failure({ path: 'amount', problem: 'Neither an amount nor a quantity is given.' });
  if (server === undefined || tool === undefined)
    return failure({
      path: 'tool',
      problem: 'Is missing: calls have a price by their tool.',
      suggestion: 'Or give an amount.',
    });
  const prices = await loadPriceList(database, { tenant });
  const version = prices.inForce({ tenant, currency, server, tool }, day);
  const rating = version === undefined ? undefined : prices.ratingOf(version);
  if (rating?.ok !== true || rating.value.unitAmount === undefined)
    return failure({
      path: 'amount',
      problem:
        version === undefined
          ? `${server}/${tool} had no price on ${day}.`
          : `Single calls of ${server}/${tool} have no price of their own (${version.price.model}).`,
      suggestion: 'Give the amount.',
    });
  return success(roundToMinor(multiply(rating.value.unitAmount, quantity), currency));
};

export const checkAmount = (amountMinor: MinorUnits, currency: string): Result<MinorUnits, Issue> => {
  const { increment } = currencyRule(currency);
  return amountMinor % increment === 0n
    ? success(amountMinor)
    : failure({
        path: 'amount',
        problem: `${formatMoney(amountMinor, currency)} cannot be paid: it must be a multiple of ${formatMoney(increment, currency)}.`,
      });
};

/** Two callers with one key get one adjustment; with other content the second is told so. */
export const saveOnce = async (
  database: Knex,
  wanted: NewAdjustment,
): Promise<Result<AdjustmentDone, readonly Issue[]>> => {
  const id = adjustmentId(wanted.idempotencyKey);
  const [before] = await listAdjustments(database, { id });
  if (before === undefined) await insertAdjustments(database, [wanted]);
  const [adjustment] = await listAdjustments(database, { id });
  if (adjustment === undefined) throw new Error(`adjustment ${id} is not there after it was stored`);
  if (!isSame(adjustment, wanted))
    return failure([
      {
        path: 'idempotency_key',
        problem: `${wanted.idempotencyKey} was used for another adjustment (${adjustment.id}).`,
        suggestion: 'Take a new key for a new adjustment.',
      },
    ]);
  return success({ adjustment, isNew: before === undefined });
};

const isSame = (stored: StoredAdjustment, wanted: NewAdjustment): boolean =>
  stored.tenant === wanted.tenant &&
  stored.server === wanted.server &&
  stored.tool === wanted.tool &&
  stored.day === wanted.day &&
  stored.quantityDelta === wanted.quantityDelta &&
  stored.amountMinor === wanted.amountMinor &&
  stored.reason === wanted.reason &&
  stored.settlement === wanted.settlement &&
  stored.sourceStatementId === wanted.sourceStatementId &&
  stored.sourceLineNo === wanted.sourceLineNo;
