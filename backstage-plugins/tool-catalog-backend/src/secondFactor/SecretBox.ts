import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const VERSION = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals secrets at rest with AES-256-GCM. The `context` (whose secret, and what for) is authenticated: a sealed value that is
 * moved to another row does not open. Of a list of keys the first seals and all open, so that keys can be rotated.
 */
export class SecretBox {
  private readonly keys: readonly Buffer[];

  constructor(secrets: readonly string[]) {
    if (secrets.length === 0 || secrets.some((secret) => secret.length < 32))
      throw new Error('toolCatalog.encryptionKeys: give at least one key of 32 characters or more.');
    this.keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'tool-catalog secret box', 32)));
  }

  seal(text: string, context: string): string {
    const [key] = this.keys;
    if (key === undefined) throw new Error('unreachable: the constructor asks for a key');
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}.${sealed.toString('base64url')}`;
  }

  open(sealed: string, context: string): string {
    const [version, body = ''] = sealed.split('.');
    const bytes = Buffer.from(body, 'base64url');
    if (version === VERSION && bytes.length >= NONCE_BYTES + TAG_BYTES)
      for (const key of this.keys) {
        const opened = tryOpen(bytes, { key, context });
        if (opened !== undefined) return opened;
      }
    throw new Error(
      'A stored secret cannot be opened: toolCatalog.encryptionKeys does not hold the key that sealed it.',
    );
  }
}

const tryOpen = (
  bytes: Buffer,
  { key, context }: { readonly key: Buffer; readonly context: string },
): string | undefined => {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    const text = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
};
