import { replaceCardNumbers } from './card-numbers.ts';

/** What stands in a record where a secret stood. */
export const REDACTED = '[redacted]';

/**
 * Secrets recognised by their own shape, anywhere in a text. Each pattern starts at a boundary that its own body cannot
 * contain, or has bounded repeats, so that no text costs more than linear time.
 */
const secretPatterns: readonly RegExp[] = [
  // A private key without its end is a key that was cut: everything after the start is secret.
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
  // JWS has three parts and JWE five; two parts are a signed token that lost its signature.
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*){0,3}/g,
  /(?<![A-Za-z0-9])(?:Bearer|DPoP)\s{1,4}[A-Za-z0-9\-._~+/]{6,}=*/gi,
  // "Basic information" is not a credential: base64 shows a digit, padding or a capital after a small letter.
  /(?<![A-Za-z0-9])Basic\s{1,4}(?=[A-Za-z0-9+/]{0,64}?(?:[a-z][A-Z]|[0-9=]))[A-Za-z0-9+/]{8,}={0,2}/g,
  /(?<![A-Za-z0-9_-])(?:sk|rk)_(?:live|test)_[A-Za-z0-9_-]*/g,
  /(?<![A-Za-z0-9_-])(?:whsec_|gh[opusr]_|github_pat_|glpat-|xox[a-z]-)[A-Za-z0-9_-]{8,}/g,
  /(?<![A-Za-z0-9_-])(?:sk-|npm_|AIza)[A-Za-z0-9_-]{30,}/g,
  /(?<![A-Za-z0-9_-])(?:AKIA|ASIA)[A-Z0-9]{8,}/g,
];

/** `scheme://user:password@host`: the address stays readable, the password goes. */
const urlPassword = /:\/\/[^\s/:@]{0,256}:[^\s/@]{1,256}@/g;

/**
 * Nearly every text holds nothing of the kind, and one pass says so: it takes a quarter of the time of all the patterns
 * above. Whatever they or `replaceCardNumbers` could find contains one of these.
 */
const mayHoldSecret =
  /-----BEGIN|eyJ|bearer|dpop|basic|[sr]k[-_]|whsec_|gh[opusr]_|github_pat_|glpat-|xox|npm_|aiza|a[ks]ia|:\/\/|\d(?:[^\da-z]{0,4}\d){12}/i;

/** The text with everything that looks like a secret replaced; the same text when there is nothing. */
export const redactText = (text: string): string => (mayHoldSecret.test(text) ? replaceSecrets(text) : text);

const replaceSecrets = (text: string): string =>
  replaceCardNumbers(
    secretPatterns
      .reduce((redacted, pattern) => redacted.replace(pattern, REDACTED), text)
      .replace(urlPassword, `://${REDACTED}@`),
    REDACTED,
  );
