import { StripeFailure } from '../state/stripe-failure.ts';

/** Only keys that look like test keys: a live key sent here is a leak and a mistake, and is refused by name. */
export function authenticate(authorization: string | undefined): void {
  const key = keyOf(authorization);
  if (key === undefined) {
    throw refuse(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    );
  }
  if (/^(sk|rk)_live_/.test(key)) {
    throw refuse('This is the Stripe double, and that is a live key. It was sent in clear to a test server: roll it.');
  }
  if (!/^(sk|rk)_test_[A-Za-z0-9_]+$/.test(key))
    throw refuse('Invalid API Key provided: use a key like sk_test_double.');
}

function keyOf(authorization: string | undefined): string | undefined {
  const [scheme, value] = authorization?.split(' ') ?? [];
  if (value === undefined) return undefined;
  if (scheme?.toLowerCase() === 'bearer') return value;
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  return Buffer.from(value, 'base64').toString('utf8').split(':')[0];
}

const refuse = (message: string): StripeFailure => new StripeFailure(401, { type: 'invalid_request_error', message });
