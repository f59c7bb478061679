import type { LimitLeft, LimitsQuestion, LimitsUnknown } from '../domain/limits/limits-left.ts';
import { failure, type Result } from '../domain/result.ts';
import type { Governance } from '../pipeline/govern.ts';
import { limitsLeft } from '../pipeline/limits-left.ts';

export type Governed = Pick<Governance, 'config' | 'policy' | 'counters'>;

/** What governs on this node now, so that somebody can be told how things stand without sending a call. */
export class GovernedServers {
  private readonly joined: Governed[] = [];

  /** Until the returned function is called: Kong replaced the configuration. */
  join(governed: Governed): () => void {
    this.joined.push(governed);
    return () => {
      const index = this.joined.indexOf(governed);
      if (index !== -1) this.joined.splice(index, 1);
    };
  }

  /** By the newest configuration of the server: while Kong replaces one, new calls come to it. */
  async limitsLeft(question: LimitsQuestion, now: number): Promise<Result<readonly LimitLeft[], LimitsUnknown>> {
    const governed = this.joined.findLast(({ config }) => config.server.name === question.server);
    return governed === undefined ? failure({ reason: 'unknown_server' }) : limitsLeft(question, governed, now);
  }
}
