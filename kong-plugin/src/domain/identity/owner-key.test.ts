import { describe, expect, it } from 'vitest';
import { callerOf } from '../policies/testing/fixtures.ts';
import { ownerKey } from './owner-key.ts';

const ann = callerOf({ consumer: 'idp', tenant: 'acme', user: 'ann', tags: ['a', 'b'], groups: ['x', 'y'] });

describe('ownerKey', () => {
  it('stays the same when tags, groups or scopes change or come in another order', () => {
    expect(ownerKey({ ...ann, tags: ['b', 'a', 'c'], groups: ['y', 'x'], scopes: ['s'] })).toBe(ownerKey(ann));
  });

  it.each([
    ['another user', { ...ann, user: 'bob' }],
    ['another consumer', { ...ann, consumerId: 'other' }],
    ['another tenant', { ...ann, tenant: 'globex' }],
    ['a user called null', { ...ann, user: 'null' }],
    ['a tenant that holds the user', { ...ann, tenant: 'acme","ann', user: '' }],
  ])('differs for %s', (_, other) => {
    expect(ownerKey(other)).not.toBe(ownerKey(ann));
  });

  it('differs between a user called null and no user', () => {
    const { user: _, ...nobody } = ann;
    expect(ownerKey(nobody)).not.toBe(ownerKey({ ...ann, user: 'null' }));
  });
});
