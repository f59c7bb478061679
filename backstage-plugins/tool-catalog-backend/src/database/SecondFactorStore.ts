import type { Knex } from 'knex';
import type { SecondFactor } from '../secondFactor/secondFactor';

interface Row {
  readonly user: string;
  readonly sealed_secret: string;
  readonly is_confirmed: boolean;
  readonly last_step: string;
  readonly failures: number;
  readonly locked_until: string;
  readonly recovery_hashes: readonly string[];
}

export class SecondFactorStore {
  constructor(private readonly knex: Knex) {}

  async find(user: string): Promise<SecondFactor | undefined> {
    const row = await this.knex<Row>('second_factor').where({ user }).first();
    return row === undefined ? undefined : toFactor(row);
  }

  /** Replaces an enrolment that was never confirmed; false where a confirmed one stands. */
  async enrol(factor: SecondFactor, now: number): Promise<boolean> {
    const inserted = await this.knex('second_factor')
      .insert({ ...toRow(factor), created_at: now })
      .onConflict('user')
      .merge()
      .where('second_factor.is_confirmed', false)
      .returning('user');
    return inserted.length === 1;
  }

  async remove(user: string): Promise<void> {
    await this.knex('second_factor').where({ user }).delete();
  }

  /**
   * Judges and stores in one transaction that holds the row: of two requests with the same code one is refused, and parallel
   * guesses are counted one by one.
   */
  async change<Answer>(
    user: string,
    judge: (factor: SecondFactor) => { readonly factor: SecondFactor; readonly answer: Answer },
  ): Promise<Answer | undefined> {
    return this.knex.transaction(async (transaction) => {
      const row = await transaction<Row>('second_factor').where({ user }).forUpdate().first();
      if (row === undefined) return undefined;
      const { factor, answer } = judge(toFactor(row));
      await transaction('second_factor').where({ user }).update(toRow(factor));
      return answer;
    });
  }
}

const toFactor = (row: Row): SecondFactor => ({
  user: row.user,
  sealedSecret: row.sealed_secret,
  isConfirmed: row.is_confirmed,
  lastStep: Number(row.last_step),
  failures: row.failures,
  lockedUntil: Number(row.locked_until),
  recoveryHashes: row.recovery_hashes,
});

const toRow = (factor: SecondFactor) => ({
  user: factor.user,
  sealed_secret: factor.sealedSecret,
  is_confirmed: factor.isConfirmed,
  last_step: factor.lastStep,
  failures: factor.failures,
  locked_until: factor.lockedUntil,
  recovery_hashes: JSON.stringify(factor.recoveryHashes),
});
