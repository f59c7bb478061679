import type { Response } from 'express';
import type { TryEvent } from '@mcp-governance/backstage-plugin-tool-catalog-common';

/** Server-sent events of one try (HTML Living Standard, "Server-sent events"). */
export interface TryStream {
  send(event: TryEvent): void;
  end(): void;
  /** Aborted when the person leaves the page. */
  readonly signal: AbortSignal;
}

export const openTryStream = (response: Response): TryStream => {
  const left = new AbortController();
  response.on('close', () => left.abort());
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  return {
    send: (event) => void response.write(`data: ${JSON.stringify(event)}\n\n`),
    end: () => void response.end(),
    signal: left.signal,
  };
};
