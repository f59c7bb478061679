import type { IncomingMessage, ServerResponse } from 'node:http';

interface StoredConsumer {
  readonly id: string;
  readonly username: string;
  tags: readonly string[];
  keys: { readonly id: string; readonly key: string; readonly tags: readonly string[] | null }[];
}

/** Consumers and keys of a Kong with a database, as the Admin API of 3.9 answers. */
export class KongDouble {
  pageSize = 1_000;
  refuse = false;
  readonly tokens = new Set<string | undefined>();
  private readonly consumers = new Map<string, StoredConsumer>();
  private nextId = 1;

  constructor(
    present: Readonly<Record<string, { readonly tags: readonly string[]; readonly keys: readonly string[] }>>,
  ) {
    for (const [username, { tags, keys }] of Object.entries(present))
      this.consumers.set(username, {
        id: this.id(),
        username,
        tags,
        keys: keys.map((key) => ({ id: this.id(), key, tags: null })),
      });
  }

  keys(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(
      [...this.consumers.values()]
        .filter(({ keys }) => keys.length > 0)
        .map(({ username, keys }) => [username, keys.map(({ key }) => key)]),
    );
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    this.tokens.add(request.headers['kong-admin-token'] as string | undefined);
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const [status, content] = this.refuse
        ? [500, { message: 'An unexpected error occurred' }]
        : this.answer(request.method ?? '', request.url ?? '', text === '' ? undefined : JSON.parse(text));
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(content === undefined ? undefined : JSON.stringify(content));
    });
  }

  private answer(method: string, target: string, body: unknown): readonly [number, object | undefined] {
    const url = new URL(target, 'http://kong');
    const [, key, nested, nestedKey] = url.pathname.split('/').slice(1).map(decodeURIComponent);
    if (key === undefined) return [200, this.page([...this.consumers.values()], url)];
    const consumer = [...this.consumers.values()].find(({ id, username }) => id === key || username === key);
    if (nested === 'key-auth') return this.answerKeys(method, { consumer, nestedKey, url }, body);
    if (nested === 'acls') return [200, this.page([], url)];
    if (method === 'PUT') return [200, this.put(key, body as { readonly tags: readonly string[] })];
    if (consumer === undefined) return [404, { message: 'Not found' }];
    if (method === 'DELETE') this.consumers.delete(consumer.username);
    return method === 'DELETE' ? [204, undefined] : [200, { ...consumer, keys: undefined }];
  }

  private answerKeys(
    method: string,
    place: { readonly consumer?: StoredConsumer; readonly nestedKey?: string; readonly url: URL },
    body: unknown,
  ): readonly [number, object | undefined] {
    const { consumer, nestedKey, url } = place;
    if (consumer === undefined) return [404, { message: 'Not found' }];
    if (method === 'POST') {
      consumer.keys.push({ id: this.id(), ...(body as { readonly key: string; readonly tags: readonly string[] }) });
      return [201, {}];
    }
    if (method === 'DELETE') {
      consumer.keys = consumer.keys.filter(({ id }) => id !== nestedKey);
      return [204, undefined];
    }
    return [200, this.page(consumer.keys, url)];
  }

  private put(username: string, { tags }: { readonly tags: readonly string[] }): object {
    const present = this.consumers.get(username);
    const consumer = present ?? { id: this.id(), username, tags, keys: [] };
    consumer.tags = tags;
    this.consumers.set(username, consumer);
    return { ...consumer, keys: undefined };
  }

  private page(items: readonly { readonly tags: readonly string[] | null }[], url: URL): object {
    const tag = url.searchParams.get('tags');
    const fitting = items.filter((item) => tag === null || item.tags?.includes(tag) === true);
    const from = Number(url.searchParams.get('offset') ?? 0);
    const size = Math.min(this.pageSize, Number(url.searchParams.get('size') ?? 100));
    const isLast = from + size >= fitting.length;
    return { data: fitting.slice(from, from + size), next: null, ...(isLast ? {} : { offset: String(from + size) }) };
  }

  private id(): string {
    return `00000000-0000-4000-8000-${String((this.nextId += 1)).padStart(12, '0')}`;
  }
}

export const createKongDouble = (present: ConstructorParameters<typeof KongDouble>[0]): KongDouble =>
  new KongDouble(present);
