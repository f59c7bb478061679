import { Buffer } from 'node:buffer';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseSnapshot } from '../config/parse-snapshot.ts';
import { describePolicySource } from '../ports/policy-source.contract.ts';
import type { PolicySource } from '../ports/policy-source.ts';
import { createUrlPolicySource, type UrlPolicyOptions } from './policy-source-url.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'policy-url-'));
let caches = 0;
const newCache = (): string => path.join(root, `cache-${(caches += 1)}`);

interface Offer {
  readonly body?: string | Buffer;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What each path of the policy server answers, and what it was asked. */
const offers = new Map<string, Offer>();
const asked: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly answered: number }[] = [];
let server: Server;
let base = '';
let paths = 0;

beforeAll(async () => {
  server = createServer((request, response) => {
    const where = request.url ?? '';
    const offer = offers.get(where) ?? { status: 503 };
    if (offer.status === 0) return;
    const etag = offer.headers?.['etag'];
    const isSame = etag !== undefined && request.headers['if-none-match'] === etag;
    const status = isSame ? 304 : (offer.status ?? 200);
    asked.push({ path: where, headers: request.headers, answered: status });
    response.writeHead(status, offer.headers);
    response.end(isSame ? undefined : offer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(root, { recursive: true, force: true });
});

const open: PolicySource[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((source) => source.close()));
});

const policy = (revision: string): string => JSON.stringify({ version: 1, revision });
const newPath = (offer: Offer): string => {
  const where = `/policy-${(paths += 1)}`;
  offers.set(where, offer);
  return where;
};
const resultOf = (where: string, more: Partial<UrlPolicyOptions> = {}) =>
  createUrlPolicySource({
    url: `${base}${where}`,
    parse: parseSnapshot,
    now: Date.now,
    cacheFile: newCache(),
    pollSeconds: 3600,
    ...more,
  });
const sourceOf = (where: string, more: Partial<UrlPolicyOptions> = {}): PolicySource => {
  const source = resultOf(where, more);
  if (!source.ok) throw new Error(source.error);
  open.push(source.value);
  return source.value;
};
const problemOf = async (source: PolicySource): Promise<string | undefined> => {
  await source.refresh();
  return source.current().issues[0]?.problem;
};

describePolicySource({
  name: 'an address',
  create: async (text, options = {}) => {
    const where = newPath(text === undefined ? { status: 404 } : { body: text });
    let time = Date.parse('2026-11-24T12:00:00Z');
    return {
      source: sourceOf(where, { ...options, now: () => time }),
      offer: async (body) => void offers.set(where, body === undefined ? { status: 404 } : { body }),
      advance: (milliseconds) => (time += milliseconds),
      now: () => time,
    };
  },
});

describe('a policy behind an address', () => {
  it('is asked for with the ETag of the one in force, and with the configured headers', async () => {
    const where = newPath({ body: policy('r1'), headers: { etag: '"1"' } });
    const source = sourceOf(where, { headers: { authorization: 'Bearer gateway' } });
    await source.refresh();
    await source.refresh();
    const requests = asked.filter((request) => request.path === where);
    expect(requests.map(({ headers, answered }) => [headers['if-none-match'], answered])).toEqual([
      [undefined, 200],
      ['"1"', 304],
      ['"1"', 304],
    ]);
    expect(requests[0]?.headers).toMatchObject({ authorization: 'Bearer gateway', 'accept-encoding': 'identity' });
    offers.set(where, { body: policy('r2'), headers: { etag: '"2"' } });
    await source.refresh();
    expect(source.current().revision).toBe('r2');
  });

  it('follows a change by itself within its polls', async () => {
    const where = newPath({ body: policy('r1') });
    const source = sourceOf(where, { pollSeconds: 0.02 });
    await source.refresh();
    const seen = new Promise<string | undefined>((resolve) => source.subscribe(({ revision }) => resolve(revision)));
    offers.set(where, { body: policy('r2') });
    expect(await seen).toBe('r2');
  });

  it.each<[string, Offer, RegExp]>([
    ['a redirect', { status: 302, headers: { location: '/elsewhere' } }, /answered 302; redirects are not followed/],
    ['404', { status: 404 }, /answered 404\.$/],
    ['304 to a question without an ETag', { status: 304 }, /answered 304/],
    ['a document that is not UTF-8', { body: Buffer.from([0x76, 0xff]) }, /not valid UTF-8/],
    ['a document of more than 32 MiB', { body: Buffer.alloc(33_554_433, ' ') }, /more than 33554432 bytes/],
    ['nothing within the timeout', { status: 0 }, /does not answer/],
  ])('that answers %s keeps what was in force', async (_, offer, expected) => {
    const where = newPath({ body: policy('r1') });
    const source = sourceOf(where, { timeoutMilliseconds: offer.status === 0 ? 100 : 10_000 });
    await source.refresh();
    offers.set(where, offer);
    expect(await problemOf(source)).toMatch(expected);
    expect(source.current().revision).toBe('r1');
    expect(asked.some((request) => request.path === '/elsewhere')).toBe(false);
  });

  it.each<[string, string, RegExp]>([
    ['no URL', 'policy', /is not a URL/],
    [
      'plain http to another machine',
      'http://policy.example.com/p',
      /must be https, because policy.example.com is another machine/,
    ],
    ['plain http to a name that only looks local', 'http://127.0.0.1.example.com/', /must be https/],
    ['ftp', 'ftp://127.0.0.1/p', /must be https, not ftp:/],
    ['a password', 'https://user:secret@policy.example.com/', /must hold no password/],
  ])('is not asked for at all: %s', (_, url, expected) => {
    const source = resultOf('', { url });
    expect(source).toEqual({ ok: false, error: expect.stringMatching(expected) });
    expect(JSON.stringify(source)).not.toContain('secret');
  });

  it.each(['http://localhost:1/p', 'http://[::1]:1/p', 'https://policy.example.com/p'])('may be %s', (url) => {
    const fetch = () => Promise.reject(new Error('not asked in this test'));
    const source = resultOf('', { url, fetch });
    expect(source.ok).toBe(true);
    if (source.ok) open.push(source.value);
  });
});

describe('a signed policy', () => {
  const hmacSecret = 'a shared secret of the portal';
  const keys = generateKeyPairSync('ed25519');
  const pem = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const raw = keys.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
  const hmacOf = (text: string, secret = hmacSecret): string =>
    `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`;
  const ed25519Of = (text: string): string =>
    `ed25519=${sign(null, Buffer.from(text), keys.privateKey).toString('base64')}`;
  const text = policy('r1');
  const signed = (signature: string | undefined, body = text): Offer => ({
    body,
    ...(signature === undefined ? {} : { headers: { 'x-policy-signature': signature } }),
  });
  const other = generateKeyPairSync('ed25519');
  const otherSignature = `ed25519=${sign(null, Buffer.from(text), other.privateKey).toString('base64')}`;

  it.each<[string, Partial<UrlPolicyOptions>, string]>([
    ['by HMAC', { hmacSecret }, hmacOf(text)],
    ['by HMAC in capitals', { hmacSecret }, hmacOf(text).replace(/[a-f]+$/, (end) => end.toUpperCase())],
    ['by Ed25519, key in PEM', { ed25519PublicKey: pem }, ed25519Of(text)],
    ['by Ed25519, key in base64', { ed25519PublicKey: raw }, ed25519Of(text)],
    ['by both', { hmacSecret, ed25519PublicKey: raw }, `${ed25519Of(text)}, ${hmacOf(text)}`],
  ])('%s is taken', async (_, options, signature) => {
    const source = sourceOf(newPath(signed(signature)), options);
    expect([await problemOf(source), source.current().revision]).toEqual([undefined, 'r1']);
  });

  it.each<[string, Partial<UrlPolicyOptions>, Offer, RegExp]>([
    ['no signature', { hmacSecret }, signed(undefined), /is not signed: x-policy-signature has no sha256= part/],
    [
      'a signature of other bytes',
      { hmacSecret },
      signed(hmacOf(`${text} `)),
      /sha256 signature of the policy is wrong/,
    ],
    ['a signature with another secret', { hmacSecret }, signed(hmacOf(text, 'another secret altogether')), /is wrong/],
    ['half a signature', { hmacSecret }, signed(hmacOf(text).slice(0, 40)), /is wrong/],
    ['an HMAC where Ed25519 is asked for', { ed25519PublicKey: pem }, signed(hmacOf(text)), /has no ed25519= part/],
    [
      'an Ed25519 signature of another key',
      { ed25519PublicKey: pem },
      signed(otherSignature),
      /ed25519 signature of the policy is wrong/,
    ],
    ['an empty Ed25519 signature', { ed25519PublicKey: pem }, signed('ed25519='), /is wrong/],
    ['one of two signatures', { hmacSecret, ed25519PublicKey: raw }, signed(hmacOf(text)), /has no ed25519= part/],
    ['a changed document', { ed25519PublicKey: raw }, signed(ed25519Of(text), policy('r2')), /is wrong/],
  ])('with %s is refused', async (_, options, offer, expected) => {
    const source = sourceOf(newPath(offer), options);
    expect(await problemOf(source)).toMatch(expected);
    expect(source.current().snapshot).toBeUndefined();
  });

  it('that was signed wrongly is taken once it is signed rightly, though its ETag stays', async () => {
    const headers = { etag: '"1"', 'x-policy-signature': hmacOf('other') };
    const where = newPath({ body: text, headers });
    const source = sourceOf(where, { hmacSecret });
    expect(await problemOf(source)).toMatch(/is wrong/);
    offers.set(where, { body: text, headers: { ...headers, 'x-policy-signature': hmacOf(text) } });
    expect([await problemOf(source), source.current().revision]).toEqual([undefined, 'r1']);
  });

  it.each<[string, Partial<UrlPolicyOptions>, RegExp]>([
    ['a secret of 15 characters', { hmacSecret: 'x'.repeat(15) }, /at least 16 characters/],
    ['a public key that is none', { ed25519PublicKey: 'AAAA' }, /neither PEM nor 32 bytes/],
    [
      'a public key of another kind',
      {
        ed25519PublicKey: generateKeyPairSync('ec', { namedCurve: 'P-256' })
          .publicKey.export({ type: 'spki', format: 'pem' })
          .toString(),
      },
      /neither PEM nor 32 bytes/,
    ],
  ])('is not asked for with %s', (_, options, expected) => {
    expect(resultOf('/', options)).toEqual({ ok: false, error: expect.stringMatching(expected) });
  });

  describe('kept on disk', () => {
    const start = async (): Promise<{ readonly where: string; readonly cacheFile: string }> => {
      const [where, cacheFile] = [
        newPath({ ...signed(hmacOf(text)), headers: { etag: '"1"', 'x-policy-signature': hmacOf(text) } }),
        newCache(),
      ];
      const source = sourceOf(where, { hmacSecret, cacheFile });
      await source.refresh();
      await source.close();
      return { where, cacheFile };
    };

    it('is in force at a start while the address does not answer, as old as it is', async () => {
      const { where, cacheFile } = await start();
      offers.set(where, { status: 503 });
      const now = (): number => Date.now() + 120_000;
      const source = sourceOf(where, { hmacSecret, cacheFile, now, maxAgeSeconds: 60 });
      expect(source.current().revision).toBe('r1');
      expect(source.current().isStale(now())).toBe(true);
      expect(await problemOf(source)).toMatch(/answered 503/);
      expect(source.current().revision).toBe('r1');
    });

    it('is confirmed by 304 to its ETag', async () => {
      const { where, cacheFile } = await start();
      const now = (): number => Date.now() + 120_000;
      const source = sourceOf(where, { hmacSecret, cacheFile, now, maxAgeSeconds: 60 });
      await source.refresh();
      expect(asked.filter((request) => request.path === where).at(-1)?.answered).toBe(304);
      expect([source.current().isStale(now()), source.current().issues]).toEqual([false, []]);
    });

    it.each<[string, (content: string) => string, Partial<UrlPolicyOptions>]>([
      ['was changed', (content) => content.replace('"r1"', '"r9"'), {}],
      ['lost its signature', (content) => content.replace(/"signature":"[^"]*"/, '"x":1'), {}],
      ['was signed with another secret', (content) => content, { hmacSecret: 'the secret was changed' }],
      ['came from another address', (content) => content, { url: 'http://127.0.0.1:1/other' }],
    ])('is not used when it %s', async (_, change, options) => {
      const { where, cacheFile } = await start();
      offers.set(where, { status: 503 });
      writeFileSync(cacheFile, change(readFileSync(cacheFile, 'utf8')));
      const source = sourceOf(where, { hmacSecret, cacheFile, ...options });
      await source.refresh();
      expect(source.current().snapshot).toBeUndefined();
    });
  });
});
