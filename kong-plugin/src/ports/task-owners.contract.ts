import { describe, expect, it } from 'vitest';
import type { TaskOwners } from './task-owners.ts';

interface Subject {
  readonly name: string;
  /** A fresh, empty store. */
  readonly create: () => TaskOwners | Promise<TaskOwners>;
}

const trickyPairs: readonly (readonly [left: readonly [string, string], right: readonly [string, string]])[] = [
  [
    ['orders', 'a:b'],
    ['orders:a', 'b'],
  ],
  [
    ['orders', '","x'],
    ['orders","', 'x'],
  ],
  [
    ['', 'orders'],
    ['orders', ''],
  ],
  [
    ['orders', 'T1'],
    ['orders', 't1'],
  ],
  [
    ['orders', 'constructor'],
    ['orders', '__proto__'],
  ],
];

/** What every implementation of `TaskOwners` must do. */
export const describeTaskOwners = ({ name, create }: Subject): void => {
  describe(`${name} keeps the contract of TaskOwners`, () => {
    claims(create);
    describe('two tasks that concatenate alike are two tasks', () => {
      it.each(trickyPairs)('%j and %j', async (left, right) => {
        const owners = await create();
        await owners.claim(...left, 'alice');
        expect(await owners.ownerOf(...right)).toBeUndefined();
        expect(await owners.claim(...right, 'bob')).toBe('bob');
        expect(await owners.ownerOf(...left)).toBe('alice');
      });
    });
  });
};

const claims = (create: Subject['create']): void => {
  it('knows no owner of a task that nobody claimed', async () => {
    expect(await (await create()).ownerOf('orders', 'task-1')).toBeUndefined();
  });

  it('answers with the claimant once a task is claimed', async () => {
    const owners = await create();
    expect(await owners.claim('orders', 'task-1', 'alice')).toBe('alice');
    expect(await owners.ownerOf('orders', 'task-1')).toBe('alice');
  });

  it('gives a claimed task to nobody else', async () => {
    const owners = await create();
    await owners.claim('orders', 'task-1', 'alice');
    expect(await owners.claim('orders', 'task-1', 'bob')).toBe('alice');
    expect(await owners.ownerOf('orders', 'task-1')).toBe('alice');
  });

  it('lets exactly one of 50 simultaneous claims win and tells all of them who', async () => {
    const owners = await create();
    const names = Array.from({ length: 50 }, (_, index) => `caller-${index}`);
    const answers = await Promise.all(names.map((owner) => owners.claim('orders', 'task-1', owner)));
    expect(new Set(answers).size).toBe(1);
    expect(names).toContain(answers[0]);
    expect(await owners.ownerOf('orders', 'task-1')).toBe(answers[0]);
  });

  it('keeps tasks of two servers apart though their ids are equal', async () => {
    const owners = await create();
    await owners.claim('orders', 'task-1', 'alice');
    expect(await owners.ownerOf('commerce', 'task-1')).toBeUndefined();
    expect(await owners.claim('commerce', 'task-1', 'bob')).toBe('bob');
  });
};
