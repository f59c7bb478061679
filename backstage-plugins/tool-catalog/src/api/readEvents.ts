import type { TryEvent } from '@mcp-governance/backstage-plugin-tool-catalog-common';

/** Reads `data:` lines of server-sent events as JSON. An event that was cut off by the end of the stream is left out. */
export async function* readEvents(response: Pick<Response, 'body'>): AsyncGenerator<TryEvent> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const events = rest.split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = event
        .split('\n')
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice('data: '.length))
        .join('\n');
      if (data !== '') yield JSON.parse(data) as TryEvent;
    }
    if (done) return;
  }
}
