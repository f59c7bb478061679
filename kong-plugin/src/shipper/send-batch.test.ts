import { describe, expect, it } from 'vitest';
import type { BatchEvent } from '../spool/batch.ts';
import type { ShipAnswer } from './read-answer.ts';
import { BatchSender } from './send-batch.ts';

const events = (count: number, from = 1): readonly BatchEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `e${from + index}`,
    sequence: from + index,
    line: '{}',
    at: 0,
    counted: 'own',
  }));

const stored = (count: number): ShipAnswer => ({
  kind: 'stored',
  receipt: { accepted: count, duplicate: 0, quarantined: [] },
});

const sender = (answer: (posted: readonly BatchEvent[]) => ShipAnswer, maxEvents = 1_000) => {
  const posted: number[] = [];
  const accepted: string[] = [];
  const setAside: string[] = [];
  const batch = new BatchSender(
    {
      post: (piece) => {
        posted.push(piece.length);
        const said = answer(piece);
        if (said.kind === 'stored') accepted.push(...piece.map(({ id }) => id));
        return Promise.resolve(said);
      },
      setAside: ({ id }, reason) => {
        setAside.push(`${id}: ${reason}`);
        return Promise.resolve();
      },
      onReceipt: () => undefined,
    },
    maxEvents,
  );
  return { batch, posted, accepted, setAside };
};

const malformed: ShipAnswer = { kind: 'malformed', why: 'HTTP 400' };

describe('sending a batch', () => {
  it('finds the one event that the ledger cannot read by halving, sets it aside and sends all others', async () => {
    const { batch, posted, accepted, setAside } = sender((piece) =>
      piece.some(({ id }) => id === 'e617') ? malformed : stored(piece.length),
    );
    batch.load(events(1_000));
    expect(await batch.send()).toEqual({ kind: 'done' });
    expect(setAside).toEqual(['e617: HTTP 400']);
    expect(accepted).toEqual(
      events(1_000)
        .map(({ id }) => id)
        .filter((id) => id !== 'e617'),
    );
    expect(posted.length).toBeLessThan(25);
  });

  it('sends less at a time after a 413, also the batches after it, and more again after a while', async () => {
    const { batch, posted, accepted } = sender((piece) =>
      piece.length > 300 ? { kind: 'too_large' } : stored(piece.length),
    );
    batch.load(events(1_000));
    await batch.send();
    expect(posted).toEqual([1_000, 500, 250, 250, 500, 250, 250]);
    expect(accepted).toHaveLength(1_000);
    for (let round = 0; round < 40; round += 1) {
      batch.load(events(1_000));
      await batch.send();
    }
    expect(posted.filter((size) => size === 500).length).toBeGreaterThan(2);
    expect(accepted).toHaveLength(41_000);
  });

  it('sets aside an event that is too large by itself', async () => {
    const { batch, setAside } = sender(() => ({ kind: 'too_large' }));
    batch.load(events(1));
    expect(await batch.send()).toEqual({ kind: 'done' });
    expect(setAside).toEqual(['e1: HTTP 413: too large by itself']);
  });

  it('keeps what is left when the ledger goes away, and sends only that later', async () => {
    let isAway = false;
    const { batch, accepted } = sender((piece) => {
      const answer: ShipAnswer = isAway ? { kind: 'away', why: 'HTTP 503' } : stored(piece.length);
      isAway = !isAway;
      return answer;
    }, 10);
    batch.load(events(30));
    expect(await batch.send()).toEqual({ kind: 'later', answer: { kind: 'away', why: 'HTTP 503' } });
    expect(batch.isEmpty).toBe(false);
    expect((await batch.send()).kind).toBe('later');
    expect(await batch.send()).toEqual({ kind: 'done' });
    expect(accepted).toEqual(events(30).map(({ id }) => id));
  });

  it('takes a ledger that refuses 20 events in a row one by one for broken, and sets no more aside', async () => {
    let isBroken = true;
    const { batch, accepted, setAside } = sender((piece) => (isBroken ? malformed : stored(piece.length)));
    batch.load(events(100));
    const sent = await batch.send();
    expect(sent).toMatchObject({ kind: 'later', answer: { kind: 'refused' } });
    expect(setAside).toHaveLength(20);
    expect((await batch.send()).kind).toBe('later');
    expect(setAside).toHaveLength(20);
    isBroken = false;
    expect(await batch.send()).toEqual({ kind: 'done' });
    expect(accepted).toHaveLength(80);
  });
});
