import type { Reply } from '../domain/replies/render-refusal.ts';
import { frameText } from '../domain/framed-text.ts';
import { sharedKeys, type Judgement, type Verdict } from './guard-protocol.ts';
import type { Kong } from './kong.ts';
import { verdictText } from './verdict-text.ts';

/** How the access phase of one request ends. */
export type Ending =
  | { readonly kind: 'admit'; readonly verdict: Omit<Verdict, 'admission'>; readonly admission: string }
  | { readonly kind: 'refuse'; readonly reply: Reply; readonly admission: string }
  /** Nothing was judged: a document of the gateway's own, or a refusal because nothing could be. */
  | { readonly kind: 'exit'; readonly reply: Reply };

/** As the answer to `plugin.Judge`. */
export const toJudgement = (ending: Ending, requestId: string): Judgement => {
  if (ending.kind === 'admit') return { kind: 'admit', text: verdictText(ending.verdict), admission: ending.admission };
  const text = frameText(requestId, ending.reply);
  return ending.kind === 'refuse' ? { kind: 'refuse', text, admission: ending.admission } : { kind: 'exit', text };
};

/** By PDK calls, of which the last ends the phase. */
export const tellKong = async (
  ending: Ending,
  { kong, guard }: { readonly kong: Kong; readonly guard: 'mcp-guard' | 'post-function' },
): Promise<void> => {
  if (guard === 'mcp-guard') return tellGuard(ending, kong);
  if (ending.kind === 'admit')
    return kong.ctx.shared.set(sharedKeys.verdict, { ...ending.verdict, admission: ending.admission });
  const { status, body, headers } = ending.reply;
  if (ending.kind === 'refuse') await kong.ctx.shared.set(sharedKeys.refusal, { admission: ending.admission, status });
  return kong.response.exit(status, body, headers);
};

const tellGuard = (ending: Ending, kong: Kong): Promise<never> => {
  if (ending.kind === 'admit') return kong.mcp_guard.admit(verdictText(ending.verdict), ending.admission);
  const { status, body, headers } = ending.reply;
  return ending.kind === 'refuse'
    ? kong.mcp_guard.refuse(status, body, headers, ending.admission)
    : kong.response.exit(status, body, headers);
};
