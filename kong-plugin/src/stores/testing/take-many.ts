import { demandOf } from '../../domain/limits/testing/fixtures.ts';
import type { CounterStore } from '../../ports/counter-store.ts';
import { createPostgresCounterStore } from '../postgres-counter-store.ts';
import { createRedisCounterStore } from '../redis-counter-store.ts';

/** One node of several: takes 50 times at once from one quota of 100, and says how many were granted. */
const [kind = '', url = '', key = '', node = '', now = ''] = process.argv.slice(2);

const open = (): CounterStore =>
  kind === 'redis'
    ? createRedisCounterStore({ urls: [url], deadlineMs: 30_000 })
    : createPostgresCounterStore({ url, deadlineMs: 30_000 });

const main = async (): Promise<void> => {
  const store = open();
  const startsAt = Number(now);
  const demands = [
    demandOf({ rule: 'quota', key, limit: 100, window: 'month', startsAt, endsAt: startsAt + 86_400_000 }),
    demandOf({ rule: 'loose', key: `${key}-loose`, limit: 1_000, startsAt, endsAt: startsAt + 60_000 }),
  ];
  await store.peek(demands, startsAt);
  // All nodes start together: the parent answers once each of them has its connection.
  process.stdout.write('ready\n');
  await new Promise((resolve) => process.stdin.once('data', resolve));
  const grants = await Promise.all(
    Array.from({ length: 50 }, (_, index) => store.take(`${key}-${node}-${index}`, demands, startsAt)),
  );
  process.stdout.write(`granted ${grants.filter((grant) => grant.granted).length}\n`);
  await store.close();
  process.stdin.destroy();
};

void main();
