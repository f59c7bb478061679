/** Stripe's refusal of a request. Thrown, because it ends the request wherever it is noticed, as an API's endpoint does. */
export class StripeFailure extends Error {
  constructor(
    readonly status: number,
    readonly body: FailureBody,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(body.message);
  }
}

export interface FailureBody {
  readonly type: 'invalid_request_error' | 'idempotency_error' | 'api_error' | 'card_error' | 'rate_limit_error';
  readonly message: string;
  readonly code?: string;
  readonly param?: string;
  readonly decline_code?: string;
}

export function invalidRequest(message: string, details: { code?: string; param?: string } = {}): StripeFailure {
  return new StripeFailure(400, { type: 'invalid_request_error', message, ...details });
}

export function noSuch(kind: string, id: string, param = 'id', status = param === 'id' ? 404 : 400): StripeFailure {
  const message = `No such ${kind}: '${id}'`;
  return new StripeFailure(status, { type: 'invalid_request_error', code: 'resource_missing', message, param });
}

/** 429 without `stripe-should-retry`: the SDK does not retry it, so that the product's own back-off is what is tested. */
export function rateLimited(message: string): StripeFailure {
  return new StripeFailure(429, { type: 'invalid_request_error', code: 'rate_limit', message });
}
