import { afterEach, describe, expect, it } from 'vitest';
import type { PolicySource, PolicyState } from './policy-source.ts';

/** A source whose offer a test can change. */
export interface PolicyPlace {
  readonly source: PolicySource;
  /** Makes the source offer this text from now on; undefined: nothing at all. */
  readonly offer: (text: string | undefined) => Promise<void>;
  /** Moves the source's clock. */
  readonly advance: (milliseconds: number) => void;
  readonly now: () => number;
}

export interface PolicySubject {
  readonly name: string;
  /** A source that was created while its place offered this text. */
  readonly create: (text: string | undefined, options?: { readonly maxAgeSeconds?: number }) => Promise<PolicyPlace>;
}

const policy = (revision: string): string => JSON.stringify({ version: 1, revision });
const broken = '{"version": 1, "rulez": []}';

/** What every implementation of `PolicySource` must do. */
export const describePolicySource = ({ name, create }: PolicySubject): void => {
  describe(`${name} keeps the contract of PolicySource`, () => {
    const places: PolicyPlace[] = [];
    const start: PolicySubject['create'] = async (text, options) => {
      const place = await create(text, options);
      places.push(place);
      await place.source.refresh();
      return place;
    };
    afterEach(async () => {
      await Promise.all(places.splice(0).map(({ source }) => source.close()));
    });

    beginnings(start);
    changes(start);
    age(start);
    listeners(start);
  });
};

type Start = PolicySubject['create'];

const beginnings = (start: Start): void => {
  it('has the policy that it was created with', async () => {
    const { source, now } = await start(policy('r1'));
    const state = source.current();
    expect(state).toMatchObject({ revision: 'r1', snapshot: { revision: 'r1' }, loadedAt: now(), issues: [] });
    expect([state.ageSeconds(now()), state.isStale(now())]).toEqual([0, false]);
  });

  it.each([
    ['a bad document', broken],
    ['no document', undefined],
  ])('has no policy and says why, created with %s, until there is a good one', async (_, text) => {
    const { source, offer, now } = await start(text);
    const before = source.current();
    expect(before.snapshot).toBeUndefined();
    expect(before.issues.length).toBeGreaterThan(0);
    expect([before.ageSeconds(now()), before.isStale(now())]).toEqual([undefined, true]);
    await offer(policy('r1'));
    await source.refresh();
    expect(source.current()).toMatchObject({ revision: 'r1', issues: [] });
  });
};

const changes = (start: Start): void => {
  it('puts a change into force, and tells listeners after that', async () => {
    const { source, offer } = await start(policy('r1'));
    const heard: (readonly [string | undefined, string | undefined])[] = [];
    source.subscribe((state) => heard.push([state.revision, source.current().revision]));
    await offer(policy('r2'));
    await source.refresh();
    await source.refresh();
    expect(heard).toEqual([['r2', 'r2']]);
  });

  it('keeps the policy while a bad document is offered, and tells of that once', async () => {
    const { source, offer } = await start(policy('r1'));
    const heard: PolicyState[] = [];
    source.subscribe((state) => heard.push(state));
    await offer(broken);
    for (let round = 0; round < 3; round++) await source.refresh();
    expect(source.current()).toMatchObject({
      revision: 'r1',
      issues: [{ path: 'rulez', suggestion: 'Did you mean rules?' }],
    });
    expect(heard).toHaveLength(1);
    await offer(policy('r2'));
    await source.refresh();
    expect(source.current()).toMatchObject({ revision: 'r2', issues: [] });
    expect(heard).toHaveLength(2);
  });

  it('forgets the issues when the policy in force is offered again', async () => {
    const { source, offer } = await start(policy('r1'));
    await offer(undefined);
    await source.refresh();
    expect(source.current().issues).toHaveLength(1);
    await offer(policy('r1'));
    await source.refresh();
    expect(source.current()).toMatchObject({ revision: 'r1', issues: [] });
  });
};

const age = (start: Start): void => {
  it('grows older only while it is not confirmed', async () => {
    const place = await start(policy('r1'), { maxAgeSeconds: 60 });
    const { source, offer, advance, now } = place;
    const age = (): readonly unknown[] => [source.current().ageSeconds(now()), source.current().isStale(now())];
    advance(60_000);
    expect(age()).toEqual([60, false]);
    await source.refresh();
    expect(age()).toEqual([0, false]);
    await offer(broken);
    advance(60_001);
    await source.refresh();
    expect(age()).toEqual([60.001, true]);
    expect(source.current().revision).toBe('r1');
  });
};

const listeners = (start: Start): void => {
  it('goes on when a listener throws, and reports it', async () => {
    const { source, offer } = await start(policy('r1'));
    const heard: (string | undefined)[] = [];
    source.subscribe(() => {
      throw new Error('no room');
    });
    source.subscribe((state) => heard.push(state.revision));
    await offer(policy('r2'));
    await source.refresh();
    expect(heard).toEqual(['r2']);
    expect(source.current()).toMatchObject({
      revision: 'r2',
      issues: [{ problem: 'The policy could not be put to use: no room.' }],
    });
  });

  it('calls no listener that has unsubscribed, and none after it is closed', async () => {
    const { source, offer } = await start(policy('r1'));
    const heard: string[] = [];
    const end = source.subscribe(() => heard.push('ended'));
    source.subscribe(() => heard.push('stayed'));
    end();
    await offer(policy('r2'));
    await source.refresh();
    expect(heard).toEqual(['stayed']);
    await source.close();
    await offer(policy('r3'));
    await source.refresh();
    await source.close();
    expect([heard, source.current().revision]).toEqual([['stayed'], 'r2']);
  });
};
