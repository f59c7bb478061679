import { z } from '@hono/zod-openapi';
import { toMoneyJson } from '../../domain/money/money.ts';
import type { OutcomeQuantity, Statement, StatementLine } from '../../domain/statements/statement.ts';
import type { StoredStatement } from '../../statements/statement-store.ts';
import { day, moment, money, oneOf, quantity } from '../schemas.ts';

export const statementStates = ['draft', 'sealed', 'pushed', 'verified', 'finalized', 'paid', 'void'] as const;

const blocker = z.object({ kind: z.string(), detail: z.string() }).openapi('Blocker');

export const summarySchema = z
  .object({
    id: z.string(),
    tenant: z.string(),
    tenantName: z.string(),
    periodStart: day,
    periodEnd: day.openapi({ description: 'Not in the period.' }),
    revision: z.int(),
    state: oneOf(statementStates),
    subtotal: money,
    lineCount: z.int(),
    blockers: z.array(blocker).openapi({ description: 'What a draft waits for, or what was overridden.' }),
    createdAt: moment,
    sealedAt: moment.optional(),
    sealSha256: z.string().optional(),
    stripeInvoiceId: z.string().optional(),
  })
  .openapi('StatementSummary');

const outcomeQuantity = z.object({ outcome: z.string(), quantity });

export const lineSchema = z
  .object({
    lineNo: z.int(),
    kind: oneOf(['usage', 'free', 'minimum', 'adjustment']),
    server: z.string().optional(),
    tool: z.string().optional(),
    description: z.string(),
    priceVersionId: z.string().optional(),
    adjustmentId: z.string().optional(),
    quantity,
    freeQuantity: quantity,
    unitAmount: z.string().optional().openapi({ description: 'In units that people use.', example: '0.005' }),
    amount: money,
    firstDay: day,
    lastDay: day,
    billed: z.array(outcomeQuantity),
    unbilled: z.array(outcomeQuantity),
    allocations: z.array(z.object({ team: z.string(), costCenter: z.string(), amount: money, quantity })),
    evidenceSha256: z.string().optional(),
  })
  .openapi('StatementLine');

export const statementSchema = z
  .object({
    lines: z.array(lineSchema),
    unpriced: z.array(z.object({ server: z.string(), tool: z.string(), quantity })),
    unbilled: z.array(z.object({ server: z.string(), tool: z.string(), outcome: z.string(), quantity })),
  })
  .openapi('StatementBody');

export const fullStatementSchema = z.object({ ...summarySchema.shape, ...statementSchema.shape }).openapi('Statement');

export const presentSummary = (stored: StoredStatement): z.infer<typeof summarySchema> => {
  const { statement, state, createdAt, sealedAt, blockers, stripeInvoiceId } = stored;
  return {
    ...{ id: statement.id, tenant: statement.tenant, tenantName: statement.tenantName },
    ...{ periodStart: statement.periodStart, periodEnd: statement.periodEnd, revision: statement.revision, state },
    subtotal: toMoneyJson(statement.subtotalMinor, statement.currency),
    lineCount: statement.lines.length,
    blockers: blockers.map(({ kind, detail }) => ({ kind, detail })),
    createdAt: createdAt.toISOString(),
    ...(sealedAt === undefined ? {} : { sealedAt: sealedAt.toISOString() }),
    ...(statement.sealSha256 === undefined ? {} : { sealSha256: statement.sealSha256 }),
    ...(stripeInvoiceId === undefined ? {} : { stripeInvoiceId }),
  };
};

export const presentStatement = (statement: Statement): z.infer<typeof statementSchema> => ({
  lines: statement.lines.map((line) => presentLine(line, statement.currency)),
  unpriced: statement.unpriced.map(({ server, tool, quantity: count }) => ({ server, tool, quantity: Number(count) })),
  unbilled: statement.unbilled.map(({ server, tool, outcome, quantity: count }) => ({
    ...{ server, tool, outcome, quantity: Number(count) },
  })),
});

export const presentLine = (line: StatementLine, currency: string): z.infer<typeof lineSchema> => ({
  ...{ lineNo: line.lineNo, kind: line.kind, description: line.description },
  ...{ quantity: Number(line.quantity), freeQuantity: Number(line.freeQuantity) },
  amount: toMoneyJson(line.amountMinor, currency),
  ...{ firstDay: line.days[0], lastDay: line.days[1] },
  billed: line.outcomes.billed.map(presentOutcome),
  unbilled: line.outcomes.unbilled.map(presentOutcome),
  allocations: line.allocations.map(({ team, costCenter, amountMinor, quantity: count }) => ({
    ...{ team, costCenter, amount: toMoneyJson(amountMinor, currency), quantity: Number(count) },
  })),
  ...optional({
    ...{ server: line.server, tool: line.tool, unitAmount: line.unitAmount, evidenceSha256: line.evidenceSha256 },
    ...{ priceVersionId: line.priceVersionId, adjustmentId: line.adjustmentId },
  }),
});

const presentOutcome = ({ outcome, quantity: count }: OutcomeQuantity) => ({ outcome, quantity: Number(count) });

/** Fields that have a value; the others are left out. */
export const optional = <Name extends string>(
  fields: Readonly<Record<Name, string | undefined>>,
): { readonly [Key in Name]?: string } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [Key in Name]?: string;
  };
