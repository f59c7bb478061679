import type { InvocationReceipt } from '../domain/records/invocation-event.ts';
import type { BatchEvent } from '../spool/batch.ts';
import type { ShipAnswer } from './read-answer.ts';

export interface SendOptions {
  readonly post: (events: readonly BatchEvent[]) => Promise<ShipAnswer>;
  /** Keeps aside an event that the ledger refuses by itself; on the disk when it resolves. */
  readonly setAside: (event: BatchEvent, reason: string) => Promise<void>;
  readonly onReceipt: (receipt: InvocationReceipt) => void;
}

export type Sent =
  | { readonly kind: 'done' }
  /** What is left stays in the sender. */
  | { readonly kind: 'later'; readonly answer: Extract<ShipAnswer, { readonly kind: 'away' | 'refused' }> };

/** After so many events in a row that were refused one by one, it is not the events: nothing more is set aside. */
const MAX_REFUSED_IN_A_ROW = 20;
/** After so many pieces that fitted, the ledger is offered twice as much at a time again. */
const PIECES_BEFORE_GROWTH = 100;

/** Sends one batch in as many pieces as the ledger makes necessary, and remembers what is left when it goes away. */
export class BatchSender {
  private pieces: (readonly BatchEvent[])[] = [];
  private refusedInARow = 0;
  private largest: number;
  private fitted = 0;

  constructor(
    private readonly options: SendOptions,
    private readonly maxEvents: number,
  ) {
    this.largest = maxEvents;
  }

  get isEmpty(): boolean {
    return this.pieces.length === 0;
  }

  load(events: readonly BatchEvent[]): void {
    for (let start = 0; start < events.length; start += this.largest)
      this.pieces.push(events.slice(start, start + this.largest));
  }

  /** Sends what is left, until all of it is dealt with or the ledger cannot take it. */
  async send(): Promise<Sent> {
    for (let piece = this.pieces[0]; piece !== undefined; piece = this.pieces[0]) {
      const answer = await this.options.post(piece);
      const sent = await this.heed(answer, piece);
      if (sent !== undefined) return sent;
    }
    return { kind: 'done' };
  }

  private async heed(answer: ShipAnswer, piece: readonly BatchEvent[]): Promise<Sent | undefined> {
    switch (answer.kind) {
      case 'stored':
        this.options.onReceipt(answer.receipt);
        this.refusedInARow = 0;
        this.grow();
        this.pieces.shift();
        return undefined;
      case 'too_large':
        this.largest = Math.max(1, Math.floor(piece.length / 2));
        this.fitted = 0;
        return this.divide(piece, 'HTTP 413: too large by itself');
      case 'malformed':
        return this.divide(piece, answer.why);
      default:
        return { kind: 'later', answer };
    }
  }

  private async divide(piece: readonly BatchEvent[], reason: string): Promise<Sent | undefined> {
    const [event] = piece;
    if (piece.length > 1 || event === undefined) {
      const middle = Math.ceil(piece.length / 2);
      this.pieces.splice(0, 1, piece.slice(0, middle), piece.slice(middle));
      return undefined;
    }
    if (this.refusedInARow >= MAX_REFUSED_IN_A_ROW)
      return {
        kind: 'later',
        answer: { kind: 'refused', why: `the ledger refuses every event by itself (${reason})` },
      };
    await this.options.setAside(event, reason);
    this.refusedInARow += 1;
    this.pieces.shift();
    return undefined;
  }

  private grow(): void {
    this.fitted += 1;
    if (this.fitted < PIECES_BEFORE_GROWTH) return;
    this.fitted = 0;
    this.largest = Math.min(this.maxEvents, this.largest * 2);
  }
}
