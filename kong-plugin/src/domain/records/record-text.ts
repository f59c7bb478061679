import { rememberTexts } from '../remember-texts.ts';
import { plainText } from '../replies/plain-text.ts';
import { REDACTED, redactText } from './redact-text.ts';

/** Longest texts of a record, in characters; with 8 KiB of arguments they keep a record of ordinary text under 16 KiB. */
export const textLimits = {
  /** Tool and prompt names may have 256 characters at most, URIs are cut. */
  subject: 512,
  detail: 512,
  path: 512,
  userAgent: 256,
  /** Names of consumers, rules, clients, methods, ids. */
  name: 256,
} as const;

/**
 * Text from outside as a record shows it. Invisible characters go first, or a zero-width space between the digits of a card
 * number would hide it from the redaction.
 */
export const recordText = (text: string, limit: keyof typeof textLimits): string => shown[limit](text);

const shownUpTo = (maxCharacters: number): ((text: string) => string) =>
  rememberTexts((text) =>
    plainText(redactText(plainText(text, { maxCharacters: maxCharacters * 4 })), { maxCharacters }),
  );

/** Consumers, tools, rules, clients: a dozen texts of each record, of which most were in the last one as well. */
const shown: Readonly<Record<keyof typeof textLimits, (text: string) => string>> = {
  subject: shownUpTo(textLimits.subject),
  detail: shownUpTo(textLimits.detail),
  path: shownUpTo(textLimits.path),
  userAgent: shownUpTo(textLimits.userAgent),
  name: shownUpTo(textLimits.name),
};

/** A path may hide a secret behind percent-encoding (`4111%201111...`); such a path is shown decoded and redacted. */
export const recordPath = rememberTexts((path: string): string => {
  const decoded = recordText(decode(path.slice(0, textLimits.path * 4)), 'path');
  return decoded.includes(REDACTED) ? decoded : recordText(path, 'path');
});

/** Run by run: one broken escape must not keep the others from being read. */
const decode = (path: string): string =>
  path.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
