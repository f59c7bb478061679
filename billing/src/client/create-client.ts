import createFetchClient, { type Client } from 'openapi-fetch';
import type { paths } from './schema.ts';

export interface BillingClientOptions {
  /** `http://127.0.0.1:8120` */
  readonly url: string;
  /** Made by `stoa-billing token add`. */
  readonly token: string;
  readonly fetch?: (request: Request) => Promise<Response>;
}

/**
 * The API with its types: `client.GET('/v1/accrual', { params: { query: { tenant: 'acme' } } })` gives `data` or, when it was
 * refused, `error`, which is an RFC 9457 problem that names each wrong field and what to send instead.
 */
export const createBillingClient = ({ url, token, fetch }: BillingClientOptions): Client<paths> =>
  createFetchClient<paths>({
    baseUrl: url,
    headers: { authorization: `Bearer ${token}` },
    // Repeated parameters: group_by=tool&group_by=day.
    querySerializer: { array: { style: 'form', explode: true } },
    ...(fetch === undefined ? {} : { fetch }),
  });
