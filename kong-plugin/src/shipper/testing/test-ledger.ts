import { Buffer } from 'node:buffer';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { InvocationEvent } from '../../domain/records/invocation-event.ts';

export interface ReceivedBatch {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly bytes: number;
  readonly events: readonly InvocationEvent[];
}

/** Answers in place of the ledger; undefined lets it store the batch and answer itself. */
export type LedgerFault = (batch: ReceivedBatch, outgoing: ServerResponse) => 'answered' | 'store' | 'store-silently';

export interface TestLedger {
  readonly url: string;
  /** Every batch that arrived, whatever became of it. */
  readonly batches: readonly ReceivedBatch[];
  /** By id: the first event of each, as the ledger keeps it. */
  readonly stored: ReadonlyMap<string, InvocationEvent>;
  readonly duplicates: number;
  /** `epoch sequence` of all events that were stored or known. */
  readonly sequences: ReadonlySet<string>;
  break(fault: LedgerFault | undefined): void;
  close(): Promise<void>;
}

/** A ledger as far as a node can tell: it takes batches and counts each id once. */
export const startTestLedger = async (port = 0): Promise<TestLedger> => {
  const batches: ReceivedBatch[] = [];
  const stored = new Map<string, InvocationEvent>();
  const sequences = new Set<string>();
  let duplicates = 0;
  let fault: LedgerFault | undefined;
  const store = ({ events }: ReceivedBatch): object => {
    let accepted = 0;
    for (const event of events) {
      sequences.add(`${event.nodeepoch} ${event.nodesequence}`);
      if (stored.has(event.id)) continue;
      stored.set(event.id, event);
      accepted += 1;
    }
    duplicates += events.length - accepted;
    return { accepted, duplicate: events.length - accepted, quarantined: [] };
  };
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const batch = readBatch(incoming, Buffer.concat(chunks));
      batches.push(batch);
      const wanted = fault?.(batch, outgoing) ?? 'store';
      if (wanted === 'answered') return;
      const receipt = store(batch);
      if (wanted === 'store-silently') outgoing.destroy();
      else outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(receipt));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    batches,
    stored,
    sequences,
    get duplicates() {
      return duplicates;
    },
    break: (next) => {
      fault = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const readBatch = (incoming: IncomingMessage, body: Buffer): ReceivedBatch => ({
  path: incoming.url ?? '',
  headers: incoming.headers,
  bytes: body.length,
  events: gunzipSync(body)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as InvocationEvent),
});
