import { createHash, createHmac } from 'node:crypto';
import type { PolicyDocument } from './policyDocument';

export interface SignedPolicy {
  /** Exactly these bytes are signed. */
  readonly body: string;
  readonly etag: string;
  /** Value of `x-policy-signature` (docs/policy.md): HMAC-SHA-256 over the body's bytes. */
  readonly signature: string;
}

export const signPolicy = (document: PolicyDocument, secret: string): SignedPolicy => {
  const body = JSON.stringify(document);
  return {
    body,
    etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`,
    signature: `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  };
};
