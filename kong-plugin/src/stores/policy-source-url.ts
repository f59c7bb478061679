import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { failure, success, type Result } from '../domain/result.ts';
import type { PolicySource } from '../ports/policy-source.ts';
import { createLastGoodPolicy, type KeptPolicy } from './last-good-policy.ts';
import { messageOf, sourceOf } from './policy-holder.ts';
import { PolicyIntake, type ParsePolicy } from './policy-intake.ts';
import { MAX_POLICY_BYTES } from './policy-limits.ts';
import { createRepeater } from './policy-repeater.ts';
import { createSignatureCheck, SIGNATURE_HEADER, type SignatureKeys } from './policy-signature.ts';

export interface UrlPolicyOptions extends SignatureKeys {
  readonly url: string;
  readonly parse: ParsePolicy;
  readonly now: () => number;
  /** The last good document, with which a node starts while the address does not answer. */
  readonly cacheFile: string;
  /** Seconds between two looks; 1 when left out, so that a change is in force within 2. */
  readonly pollSeconds?: number;
  readonly timeoutMilliseconds?: number;
  readonly maxAgeSeconds?: number;
  /** For example an `authorization` of this gateway. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Plain HTTP to other machines: whoever is in between can hold a change back, even a signed one. */
  readonly allowHttp?: boolean;
  readonly fetch?: typeof fetch;
}

/** A policy server that takes longer is as good as away: the copy in force stays. */
const TIMEOUT_MILLISECONDS = 5_000;

/** An address, polled with its ETag. Starts with the kept copy, whose signature is checked again. */
export const createUrlPolicySource = (options: UrlPolicyOptions): Result<PolicySource, string> => {
  const problem = addressProblem(options);
  if (problem !== undefined) return failure(problem);
  const check = createSignatureCheck(options);
  if (!check.ok) return check;
  const origin = createHash('sha256').update(options.url).digest('hex');
  const intake = new PolicyIntake({
    ...options,
    lastGood: createLastGoodPolicy(options.cacheFile),
    distrust: ({ bytes, signature }) => check.value(bytes, signature),
  });
  const closing = new AbortController();
  let etag = intake.restore(origin)?.etag;
  const look = async (): Promise<void> => {
    const answer = await ask(options, { etag, closing: closing.signal });
    if (answer.kind === 'failed') return intake.fail(answer.why);
    if (answer.kind === 'unchanged') return intake.repeat();
    const policy: KeptPolicy = { ...answer.policy, origin };
    await intake.offer(policy);
    // A refused document is asked for in full again: its signature may be mended without a new ETag.
    etag = intake.isInForce ? policy.etag : undefined;
  };
  const repeater = createRepeater(() => intake.guard(look), { everyMilliseconds: (options.pollSeconds ?? 1) * 1000 });
  void repeater.run();
  const close = (): Promise<void> => {
    closing.abort();
    return repeater.close();
  };
  return success(sourceOf(intake.holder, { refresh: () => repeater.run(), close }));
};

const addressProblem = ({ url, allowHttp = false }: UrlPolicyOptions): string | undefined => {
  if (!URL.canParse(url)) return `The policy's address is not a URL: ${url}`;
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== '' || password !== '') return "The policy's address must hold no password; use a header.";
  if (protocol === 'https:' || (protocol === 'http:' && (allowHttp || isLoopback(hostname)))) return undefined;
  return protocol === 'http:'
    ? `The policy's address must be https, because ${hostname} is another machine; allow http explicitly if you must.`
    : `The policy's address must be https, not ${protocol}`;
};

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

type Answer =
  | { readonly kind: 'policy'; readonly policy: Omit<KeptPolicy, 'origin'> }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'failed'; readonly why: string };

const ask = async (
  options: UrlPolicyOptions,
  { etag, closing }: { readonly etag: string | undefined; readonly closing: AbortSignal },
): Promise<Answer> => {
  const { fetch: send = fetch, timeoutMilliseconds = TIMEOUT_MILLISECONDS } = options;
  try {
    const response = await send(options.url, {
      headers: {
        accept: 'application/json, application/yaml',
        // What is signed are the document's bytes, not those of some compression.
        'accept-encoding': 'identity',
        ...options.headers,
        ...(etag === undefined ? {} : { 'if-none-match': etag }),
      },
      // A policy is only ever as trustworthy as the address that the operator wrote.
      redirect: 'manual',
      signal: AbortSignal.any([closing, AbortSignal.timeout(timeoutMilliseconds)]),
    });
    return await readAnswer(response, etag);
  } catch (error) {
    return { kind: 'failed', why: `The policy's address does not answer: ${causeOf(error)}.` };
  }
};

const readAnswer = async (response: Response, etag: string | undefined): Promise<Answer> => {
  if (response.status === 304 && etag !== undefined) return { kind: 'unchanged' };
  if (response.status !== 200) {
    await response.body?.cancel();
    const why = response.status >= 300 && response.status < 400 ? '; redirects are not followed' : '';
    return { kind: 'failed', why: `The policy's address answered ${response.status}${why}.` };
  }
  const bytes = await readBounded(response);
  if (bytes === undefined) return { kind: 'failed', why: `The policy has more than ${MAX_POLICY_BYTES} bytes.` };
  const [signature, tag] = [response.headers.get(SIGNATURE_HEADER), response.headers.get('etag')];
  return {
    kind: 'policy',
    policy: { bytes, ...(signature === null ? {} : { signature }), ...(tag === null ? {} : { etag: tag }) },
  };
};

const readBounded = async (response: Response): Promise<Uint8Array | undefined> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    // Leaving the loop cancels the rest.
    if (size > MAX_POLICY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

const causeOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return messageOf(cause);
};
