import { sendJson, startHttpDouble, type HttpDouble } from './startHttpDouble';

export interface KongContent {
  services: Record<string, unknown>[];
  routes: Record<string, unknown>[];
  plugins: Record<string, unknown>[];
}

export interface KongDouble extends HttpDouble {
  /** What Kong holds; may be changed between requests. */
  readonly content: KongContent;
  /** Answers this to everything instead, until it is unset. */
  failWith: number | undefined;
}

/** An Admin API with pages of two, `next` and `offset` as Kong writes them, and a token. */
export const startKongDouble = async (content: Partial<KongContent> = {}): Promise<KongDouble> => {
  const held: KongContent = { services: [], routes: [], plugins: [], ...content };
  const state: { failWith: number | undefined } = { failWith: undefined };
  const double = await startHttpDouble((request, response) => {
    if (state.failWith !== undefined) return sendJson(response, { message: 'no' }, state.failWith);
    const url = new URL(request.url ?? '/', 'http://kong');
    const collection = url.pathname.replace('/', '') as keyof KongContent;
    const start = Number(url.searchParams.get('offset') ?? 0);
    const page = held[collection].slice(start, start + 2);
    const more = held[collection].length > start + 2;
    return sendJson(response, {
      data: page.length === 0 ? {} : page,
      ...(more ? { offset: String(start + 2), next: `/elsewhere/${collection}?offset=${start + 2}` } : { next: null }),
    });
  });
  return Object.defineProperties(double, {
    content: { value: held },
    failWith: { get: () => state.failWith, set: (status?: number) => void (state.failWith = status) },
  }) as KongDouble;
};
