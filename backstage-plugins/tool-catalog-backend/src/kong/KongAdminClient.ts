/** One Admin API. The token goes into `Kong-Admin-Token`; it is part of no error. */
export interface KongAdminOptions {
  readonly url: string;
  readonly token?: string;
  readonly fetch?: typeof fetch;
}

const TIMEOUT_MS = 10_000;
/** Kong's largest page. */
const PAGE_SIZE = 1_000;
/** A list that goes on for ever is a broken server, not a million consumers. */
const MAX_PAGES = 1_000;

export class KongAdminError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

/** Kong's Admin API (docs: Gateway Admin API 3.9), as far as the portal needs it. */
export class KongAdminClient {
  constructor(private readonly options: KongAdminOptions) {}

  async isDbless(): Promise<boolean> {
    const root = (await this.send('GET', '/')) as { readonly configuration?: { readonly database?: string } };
    return root.configuration?.database === 'off';
  }

  /** Undefined where there is no such entity. */
  async find<Entity>(path: string): Promise<Entity | undefined> {
    try {
      return (await this.send('GET', path)) as Entity;
    } catch (error) {
      if (error instanceof KongAdminError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Every page of a collection. */
  async list<Entity>(path: string, query: Readonly<Record<string, string>> = {}): Promise<readonly Entity[]> {
    const items: Entity[] = [];
    let offset: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const parameters = new URLSearchParams({
        ...query,
        size: String(PAGE_SIZE),
        ...(offset === undefined ? {} : { offset }),
      });
      const answer = (await this.send('GET', `${path}?${parameters.toString()}`)) as {
        readonly data: readonly Entity[];
        readonly offset?: string;
      };
      items.push(...answer.data);
      if (answer.offset === undefined) return items;
      offset = answer.offset;
    }
    throw new KongAdminError(`Kong's list ${path} does not end.`, 200);
  }

  async send(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await this.request(method, path, body);
    const text = await answer.text();
    if (!answer.ok && !(method === 'DELETE' && answer.status === 404))
      throw new KongAdminError(
        `Kong refused ${method} ${pathOnly(path)}: ${answer.status} ${reasonOf(text)}`,
        answer.status,
      );
    return text === '' ? undefined : parse(text);
  }

  private async request(method: string, path: string, body?: object): Promise<Response> {
    const { url, token, fetch: call = fetch } = this.options;
    try {
      return await call(`${url.replace(/\/$/, '')}${path}`, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          ...(token === undefined ? {} : { 'kong-admin-token': token }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      const why =
        error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error);
      throw new KongAdminError(`Kong's Admin API at ${new URL(url).origin} is not reachable: ${why}`, 0);
    }
  }
}

/** A path may end in a key; errors name the collection only. */
const pathOnly = (path: string): string => path.split('?')[0]?.split('/').slice(0, 4).join('/') ?? path;

/** Kong's own sentence; its `fields` may repeat what was sent, so they are left out. */
const reasonOf = (text: string): string => {
  const answer = parse(text) as { readonly message?: unknown } | undefined;
  return typeof answer?.message === 'string' ? answer.message.slice(0, 200) : '';
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
