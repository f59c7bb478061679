const templates = {
  'application/json; charset=utf-8': (message: string, id: string) =>
    `{\n  "message":"${message}",\n  "request_id":"${id}"\n}`,
  'text/html; charset=utf-8': (message: string, id: string) =>
    `<!doctype html>\n<html>\n  <head>\n    <meta charset="utf-8">\n    <title>Error</title>\n  </head>\n  <body>\n    <h1>Error</h1>\n    <p>${message}.</p>\n    <p>request_id: ${id}</p>\n  </body>\n</html>\n`,
  'text/plain; charset=utf-8': (message: string, id: string) => `${message}\nrequest_id: ${id}\n`,
  'application/xml; charset=utf-8': (message: string, id: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<error>\n  <message>${message}</message>\n  <requestid>${id}</requestid>\n</error>\n`,
} as const;

type MimeType = keyof typeof templates;

const known: Readonly<Record<string, MimeType>> = {
  'text/html': 'text/html; charset=utf-8',
  'application/json': 'application/json; charset=utf-8',
  'text/plain': 'text/plain; charset=utf-8',
  'application/xml': 'application/xml; charset=utf-8',
  'application/*': 'application/json; charset=utf-8',
  'text/*': 'text/plain; charset=utf-8',
  '*/*': 'application/json; charset=utf-8',
};

const DEFAULT_TYPE: MimeType = 'application/json; charset=utf-8';

/** Kong's own error page: its type follows the Accept header, its words are Kong's. */
export const errorBody = (
  message: string,
  options: { readonly accept: string | undefined; readonly requestId: string },
): { readonly type: string; readonly body: string } => {
  const type = responseType(options.accept);
  return { type, body: templates[type](message, options.requestId) };
};

/** The first of the types with the highest quality that Kong has a page for. */
const responseType = (accept: string | undefined): MimeType => {
  let best: MimeType = DEFAULT_TYPE;
  let bestQuality = 0;
  for (const item of (accept ?? '').split(',')) {
    const [type = '', ...parameters] = item.trim().toLowerCase().split(';');
    if (!/^[^/\s]+\/[^/\s]+$/.test(type.trim())) continue;
    const quality = Number(/q\s*=\s*([0-9.]+)/.exec(parameters.join(';'))?.[1] ?? 1);
    if (quality <= bestQuality) continue;
    bestQuality = quality;
    best = known[type.trim()] ?? DEFAULT_TYPE;
  }
  return best;
};

const messages: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  402: 'Payment required',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  408: 'Request timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length required',
  412: 'Precondition failed',
  413: 'Payload too large',
  414: 'URI too long',
  415: 'Unsupported media type',
  417: 'Expectation failed',
  422: 'Unprocessable entity',
  426: 'Upgrade required',
  428: 'Precondition required',
  429: 'Too many requests',
  431: 'Request header fields too large',
  494: 'Request header or cookie too large',
  500: 'An unexpected error occurred',
  501: 'Not implemented',
  502: 'An invalid response was received from the upstream server',
  503: 'The upstream server is currently unavailable',
  504: 'The upstream server is timing out',
};

export const httpErrorMessage = (status: number): string =>
  messages[status] ?? `The upstream server responded with ${status}`;
