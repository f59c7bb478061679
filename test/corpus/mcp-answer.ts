/** The JSON-RPC messages of an answer, whether it came as JSON or as a stream of events. */
export const messagesIn = (reply: {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}): readonly unknown[] => {
  if (reply.headers.get('content-type')?.startsWith('text/event-stream') !== true)
    return reply.body === '' ? [] : [JSON.parse(reply.body)];
  return reply.body
    .split(/\r?\n\r?\n/)
    .map((event) =>
      event
        .split(/\r?\n/)
        .filter((line) => line.startsWith('data:'))
        .map((line) => line.slice('data:'.length).trim())
        .join('\n'),
    )
    .filter((data) => data !== '')
    .map((data) => JSON.parse(data) as unknown);
};

/** The answer with this id; undefined when there is none. */
export const answerTo = (
  id: string | number,
  reply: Parameters<typeof messagesIn>[0],
): { readonly result?: Readonly<Record<string, unknown>>; readonly error?: object } | undefined =>
  messagesIn(reply).find(
    (message): message is { readonly id: string | number; readonly result?: Readonly<Record<string, unknown>> } =>
      typeof message === 'object' && message !== null && 'id' in message && message.id === id,
  );
