import { describe, expect, it } from 'vitest';
import { carriedText, readCarried, type CarriedParts } from './carried.ts';

const admission = { server: 'orders', kind: 'tool', method: 'tools/call', decision: 'allow' } as const;
const nothing: CarriedParts = {
  admission,
  position: undefined,
  taken: undefined,
  owner: undefined,
  list: undefined,
};
const rate = {
  key: '{t:acme}["rate\n"]',
  cost: 2,
  endsAt: 9,
  kind: 'rate',
  giveBack: ['server_error', 'tool_error'],
} as const;
const place = { key: 'b', cost: 1, endsAt: 9, kind: 'concurrent', giveBack: [] } as const;

const carried = (parts: Partial<CarriedParts>) => readCarried(carriedText('f0e1', { ...nothing, ...parts }));

describe('what a request carries', () => {
  it('comes back as it was, but for what giving back does not need', () => {
    const position = { nodeId: 'gw-1', epoch: '019c', sequence: 4 };
    const list = {
      caller: { tags: [], groups: ['a\nb'], scopes: [] },
      call: { kind: 'list', method: 'tools/list', itemKind: 'tool' },
      era: 'legacy',
      id: 7,
    } as const;
    const units = [rate, place].map((unit) => ({ ...unit, rule: 'r', limit: 5, window: 'day' }));
    const { taken, ...rest } = carried({
      position,
      taken: { takeId: 'f0e1:again', demands: units },
      owner: '["c"]',
      list,
    });
    expect(rest).toEqual({
      admission: { json: JSON.stringify(admission), isApart: true },
      position,
      owner: '["c"]',
      list,
    });
    expect(taken).toMatchObject({ takeId: 'f0e1:again', hasLease: true });
    expect(taken?.demands()).toEqual([rate, place]);
  });

  it('says nothing of what there is not', () => {
    expect(JSON.parse(JSON.stringify(carried({})))).toEqual({
      admission: { json: JSON.stringify(admission), isApart: true },
    });
    expect(carried({ taken: { takeId: 'f0e1', demands: [rate] } }).taken?.hasLease).toBe(false);
  });

  it.each([{ path: '/users/{id}' }, { taskId: 't-1' }])('says that the admission names %j, as its end may', (named) => {
    expect(carried({ admission: { ...admission, ...named } }).admission.isApart).toBe(false);
  });

  it('of an earlier version is read as far as a record needs it', () => {
    const earlier = { admission: { ...admission, subject: 'a', subjectKind: 'tool' }, owner: 'o', taken: ['f0e1'] };
    expect(readCarried(JSON.stringify(['f0e1', earlier, 'f0e1'])).admission).toEqual({
      json: JSON.stringify({ ...admission, tool: 'a' }),
      isApart: false,
    });
  });

  it.each(['', '{}', 'f0e1', '["f0e1",{"admission":{}},"f0e1"]', carriedText('f0e1', nothing).slice(0, -1)])(
    'is not read from %j',
    (text) => {
      expect(() => readCarried(text)).toThrow(/is no admission|lacks what was decided/);
    },
  );
});
