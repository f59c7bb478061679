import { waitFor } from '../../setup/governed-demo.ts';
import type { McpAnswer } from './mcp-client.ts';

export interface Sent<Kind extends string> {
  readonly kind: Kind;
  readonly answer: McpAnswer;
}

export interface Load<Kind extends string> {
  readonly sent: readonly Sent<Kind>[];
  /** Waits until `count` more answers fit. */
  until(count: number, fits: (sent: Sent<Kind>) => boolean): Promise<void>;
  /** Resolves when every connection got its last answer. */
  stop(): Promise<readonly Sent<Kind>[]>;
}

export interface LoadOptions<Kind extends string> {
  /** Each connection sends these in turn, each starting at another one. */
  readonly kinds: readonly Kind[];
  readonly connections: number;
  readonly maximumRequests: number;
  readonly send: (kind: Kind) => Promise<McpAnswer>;
}

/** A client that was told to retry later does; without it an outage of a second would use up all requests. */
const RETRY_AFTER_MS = 20;

/** Requests from several connections until told to stop, at most `maximumRequests` in all. */
export const startLoad = <Kind extends string>(options: LoadOptions<Kind>): Load<Kind> => {
  const sent: Sent<Kind>[] = [];
  let started = 0;
  let isStopped = false;
  const connection = async (first: number): Promise<void> => {
    for (let turn = first; !isStopped && started < options.maximumRequests; turn += 1) {
      started += 1;
      const kind = options.kinds[turn % options.kinds.length];
      if (kind === undefined) return;
      const answer = await options.send(kind);
      sent.push({ kind, answer });
      if (answer.status >= 500 || answer.status === 0)
        await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
    }
  };
  const connections = Array.from({ length: options.connections }, (_, index) => connection(index));
  return {
    sent,
    until: async (count, fits) => {
      const from = sent.length;
      await waitFor(() => (sent.slice(from).filter(fits).length >= count ? true : undefined));
    },
    stop: async () => {
      isStopped = true;
      await Promise.all(connections);
      return sent;
    },
  };
};

/** How many answers had each status: `{ 200: 340, 503: 60 }`. */
export const statuses = (sent: readonly Sent<string>[]): Readonly<Record<number, number>> => {
  const counts: Record<number, number> = {};
  for (const { answer } of sent) counts[answer.status] = (counts[answer.status] ?? 0) + 1;
  return counts;
};
