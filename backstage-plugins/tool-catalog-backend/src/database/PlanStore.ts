import type { Knex } from 'knex';
import type { Plan, PlanLimit } from '@mcp-governance/backstage-plugin-tool-catalog-common';

interface Row {
  readonly id: string;
  readonly server: string;
  readonly name: string;
  readonly description: string;
  readonly tools: readonly string[];
  readonly limits: readonly PlanLimit[];
  readonly requires_approval: boolean;
  readonly auto_approved_teams: readonly string[];
  readonly status: Plan['status'];
}

export class PlanStore {
  constructor(private readonly knex: Knex) {}

  async all(): Promise<readonly Plan[]> {
    return (await this.knex<Row>('plan').orderBy(['server', 'id'])).map(toPlan);
  }

  async find(id: string): Promise<Plan | undefined> {
    const row = await this.knex<Row>('plan').where({ id }).first();
    return row === undefined ? undefined : toPlan(row);
  }

  async put(plan: Plan, now: number): Promise<void> {
    await this.knex('plan')
      .insert({ ...toRow(plan), changed_at: now })
      .onConflict('id')
      .merge();
  }

  /** Plans of the configuration fill an empty place; what somebody changed in the portal stays. */
  async seed(plans: readonly Plan[], now: number): Promise<void> {
    for (const plan of plans)
      await this.knex('plan')
        .insert({ ...toRow(plan), changed_at: now })
        .onConflict('id')
        .ignore();
  }
}

const toRow = (plan: Plan) => ({
  id: plan.id,
  server: plan.server,
  name: plan.name,
  description: plan.description,
  tools: JSON.stringify(plan.tools),
  limits: JSON.stringify(plan.limits),
  requires_approval: plan.requiresApproval,
  auto_approved_teams: JSON.stringify(plan.autoApprovedTeams),
  status: plan.status,
});

const toPlan = (row: Row): Plan => ({
  id: row.id,
  server: row.server,
  name: row.name,
  description: row.description,
  tools: row.tools,
  limits: row.limits,
  requiresApproval: row.requires_approval,
  autoApprovedTeams: row.auto_approved_teams,
  status: row.status,
});
