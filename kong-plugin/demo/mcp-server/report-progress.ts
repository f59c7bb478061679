import type { ServerContext } from '@modelcontextprotocol/server';

export interface ProgressUpdate {
  readonly progress: number;
  readonly total: number;
  readonly message: string;
}

/** Does nothing when the client gave no progress token: the specification forbids unasked progress. */
export async function reportProgress(context: ServerContext, update: ProgressUpdate): Promise<void> {
  const progressToken = context.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return;
  await context.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, ...update } });
}
