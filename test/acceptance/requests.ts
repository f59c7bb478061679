import type { CorpusRequest } from '../corpus/case.ts';
import { sendRaw, type RawHeaders, type RawReply } from '../corpus/raw-http.ts';

/** Sends a corpus request as it is, with further headers: a key, a token, a session. */
export const send = (
  proxyUrl: string,
  request: CorpusRequest,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawReply> => {
  const own: RawHeaders = Object.entries(request.headers).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => [name, one] as const),
  );
  return sendRaw(proxyUrl, {
    ...request,
    headers: [['Host', new URL(proxyUrl).host], ...Object.entries(headers), ...own],
  });
};
