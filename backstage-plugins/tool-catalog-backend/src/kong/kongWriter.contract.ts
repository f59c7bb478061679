import { consumerTags, type KongWriter } from './kongChanges';

export interface WriterUnderTest {
  readonly writer: KongWriter;
  /** Keys that Kong accepts now, by consumer. */
  readonly keys: () => Promise<Readonly<Record<string, readonly string[]>>>;
}

const tags = ['tenant:acme', 'application:helpdesk', 'team:support'];
const put = { kind: 'put_consumer', username: 'app-helpdesk', tags } as const;
const key = { kind: 'put_key', username: 'app-helpdesk', keyId: 'k1', secret: 'test-key-one-0123456789' } as const;

/** Kong has one foreign consumer, `acme-support` with the key `test-key-acme-support`. */
export const describeKongWriter = (name: string, open: () => Promise<WriterUnderTest>): void => {
  describe(`${name} as a writer of Kong`, () => {
    it('makes consumers and keys, which may be made again', async () => {
      const { writer, keys } = await open();
      await writer.apply([put, key]);
      await writer.apply([put, key]);
      expect(await writer.managed()).toEqual([{ username: 'app-helpdesk', tags: consumerTags(tags), keyIds: ['k1'] }]);
      expect(await keys()).toEqual({
        'acme-support': ['test-key-acme-support'],
        'app-helpdesk': ['test-key-one-0123456789'],
      });
    });

    it('removes one key of two, then the consumer, and nothing foreign', async () => {
      const { writer, keys } = await open();
      await writer.apply([put, key, { ...key, keyId: 'k2', secret: 'test-key-two-0123456789' }]);
      await writer.apply([{ kind: 'delete_key', username: 'app-helpdesk', keyId: 'k1' }]);
      expect(await keys()).toMatchObject({ 'app-helpdesk': ['test-key-two-0123456789'] });
      await writer.apply([{ kind: 'delete_consumer', username: 'app-helpdesk' }]);
      expect(await writer.managed()).toEqual([]);
      expect(await keys()).toEqual({ 'acme-support': ['test-key-acme-support'] });
    });

    it('changes the tags of its consumer', async () => {
      const { writer } = await open();
      await writer.apply([put]);
      await writer.apply([{ ...put, tags: ['tenant:globex'] }]);
      expect(await writer.managed()).toMatchObject([{ tags: consumerTags(['tenant:globex']) }]);
    });

    it.each([
      { ...put, username: 'acme-support' },
      { ...key, username: 'acme-support' },
      { kind: 'delete_key', username: 'acme-support', keyId: 'k1' } as const,
      { kind: 'delete_consumer', username: 'acme-support' } as const,
    ])('refuses $kind of a consumer that is not ours, and applies nothing beside it', async (change) => {
      const { writer, keys } = await open();
      await expect(writer.apply([put, change])).rejects.toThrow(/"acme-support" that does not carry the tag/);
      expect(await keys()).toEqual({ 'acme-support': ['test-key-acme-support'] });
      expect(await writer.managed()).toEqual([]);
    });

    it('removing what is not there does nothing', async () => {
      const { writer } = await open();
      await writer.apply([
        { kind: 'delete_key', username: 'app-nobody', keyId: 'k1' },
        { kind: 'delete_consumer', username: 'app-nobody' },
      ]);
      expect(await writer.managed()).toEqual([]);
    });
  });
};
