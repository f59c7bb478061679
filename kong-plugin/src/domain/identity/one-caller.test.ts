import { describe, expect, it } from 'vitest';
import type { Caller } from '../caller.ts';
import { callerOf } from '../policies/testing/fixtures.ts';
import { oneCaller } from './one-caller.ts';

describe('one object for a caller', () => {
  it('is what all requests of the caller get, and is resolved once', () => {
    const resolved: Caller[] = [];
    const resolve = oneCaller((caller) => {
      resolved.push(caller);
      return { ...caller, application: 'crm' };
    });
    const first = resolve(callerOf({ consumer: 'alice', tags: ['a', 'b'] }));
    expect(resolve(callerOf({ consumer: 'alice', tags: ['a', 'b'] }))).toBe(first);
    expect(first.application).toBe('crm');
    expect(resolved).toHaveLength(1);
  });

  it.each<[string, Partial<Caller>]>([
    ['consumer', { consumerId: 'other' }],
    ['username', { consumer: 'bob' }],
    ['custom id', { customId: 'c' }],
    ['tenant', { tenant: 'globex' }],
    ['application', { application: 'erp' }],
    ['tag', { tags: ['a b'] }],
    ['group', { groups: ['a', 'b'] }],
    ['user', { user: 'u2' }],
    ['scope', { scopes: ['orders:write'] }],
  ])('is another for another %s', (_, change) => {
    const resolve = oneCaller((caller) => caller);
    const alice = callerOf({ consumer: 'alice', tenant: 'acme', application: 'crm', user: 'u1', tags: ['a', 'b'] });
    const other = { ...alice, ...change };
    expect(resolve(alice)).toEqual(alice);
    expect(resolve(other)).toEqual(other);
    expect(resolve(other)).not.toBe(resolve(alice));
  });
});
