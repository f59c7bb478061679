import { Buffer } from 'node:buffer';
import { createHmac, createPublicKey, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import { failure, success, type Result } from '../domain/result.ts';

/** Header of the answer: `sha256=<hex>` and `ed25519=<base64>`, one of them or both after a comma. */
export const SIGNATURE_HEADER = 'x-policy-signature';

export interface SignatureKeys {
  /** Shared with whoever publishes the policy. */
  readonly hmacSecret?: string;
  /** PEM, or the 32 bytes of the key in base64. */
  readonly ed25519PublicKey?: string;
}

/** Why the bytes are not what the publisher signed; undefined when they are. Every configured key must agree. */
export type CheckSignature = (bytes: Uint8Array, signature: string | undefined) => string | undefined;

/** Shorter secrets can be guessed from one signed document. */
const MIN_SECRET_CHARACTERS = 16;

export const createSignatureCheck = ({
  hmacSecret,
  ed25519PublicKey,
}: SignatureKeys): Result<CheckSignature, string> => {
  if (hmacSecret !== undefined && hmacSecret.length < MIN_SECRET_CHARACTERS)
    return failure(`The HMAC secret of the policy must have at least ${MIN_SECRET_CHARACTERS} characters.`);
  const publicKey = ed25519PublicKey === undefined ? undefined : readPublicKey(ed25519PublicKey);
  if (ed25519PublicKey !== undefined && publicKey === undefined)
    return failure('The Ed25519 public key of the policy is neither PEM nor 32 bytes in base64.');
  return success((bytes, signature) => {
    if (hmacSecret !== undefined && !isHmac(bytes, { secret: hmacSecret, signature }))
      return wrong('sha256', signature);
    if (publicKey !== undefined && !isEd25519(bytes, { publicKey, signature })) return wrong('ed25519', signature);
    return undefined;
  });
};

const wrong = (scheme: string, signature: string | undefined): string =>
  partOf(signature, scheme) === undefined
    ? `The policy is not signed: ${SIGNATURE_HEADER} has no ${scheme}= part.`
    : `The ${scheme} signature of the policy is wrong.`;

const partOf = (signature: string | undefined, scheme: string): string | undefined =>
  signature
    ?.split(',')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${scheme}=`))
    ?.slice(scheme.length + 1);

const isHmac = (
  bytes: Uint8Array,
  { secret, signature }: { readonly secret: string; readonly signature: string | undefined },
): boolean => {
  const given = partOf(signature, 'sha256');
  if (given === undefined || !/^[0-9a-f]{64}$/i.test(given)) return false;
  return timingSafeEqual(createHmac('sha256', secret).update(bytes).digest(), Buffer.from(given, 'hex'));
};

const isEd25519 = (
  bytes: Uint8Array,
  { publicKey, signature }: { readonly publicKey: KeyObject; readonly signature: string | undefined },
): boolean => {
  const given = partOf(signature, 'ed25519');
  return given !== undefined && verify(null, bytes, publicKey, Buffer.from(given, 'base64'));
};

/** DER of an Ed25519 public key up to the key itself (RFC 8410 section 4). */
const DER_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

const readPublicKey = (text: string): KeyObject | undefined => {
  try {
    const raw = Buffer.from(text, 'base64');
    const key = text.includes('-----BEGIN')
      ? createPublicKey(text)
      : createPublicKey({ key: Buffer.concat([DER_PREFIX, raw]), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
};
