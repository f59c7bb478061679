import type { Call } from '../call.ts';
import type { Refusal } from '../refusal.ts';
import { plainText } from './plain-text.ts';
import type { ReplyForm } from './reply-forms.ts';

/** As long as a tool name may be (tools.mdx §Tool Names). */
const MAX_NAME_CHARACTERS = 128;
const MAX_DETAIL_CHARACTERS = 512;

/** What a JSON-RPC error says: for hidden things the words of a server that has no such thing, else the refusal's detail. */
export const replyMessage = (
  refusal: Refusal,
  { form, call }: { readonly form: ReplyForm; readonly call?: Call },
): string => {
  const name = shortName(namedBy(call) ?? refusal.subject ?? '');
  switch (refusal.reason) {
    case 'tool_denied':
    case 'tool_quarantined':
      return form.isHidden ? withName('Unknown tool', name) : replyDetail(refusal, form);
    case 'prompt_denied':
      return withName('Unknown prompt', name);
    case 'completion_denied':
      return completionMessage(call, name);
    case 'method_denied':
      return 'Method not found';
    case 'unsupported_version':
      return versionMessage(refusal, form);
    default:
      return form.isHidden ? form.title : replyDetail(refusal, form);
  }
};

export const replyDetail = (refusal: Refusal, form: ReplyForm): string =>
  plainText(refusal.detail, { maxCharacters: MAX_DETAIL_CHARACTERS }) || form.title;

export const shortName = (name: string): string => plainText(name, { maxCharacters: MAX_NAME_CHARACTERS });

const namedBy = (call: Call | undefined): string | undefined => {
  if (call === undefined) return undefined;
  if (call.kind === 'tool' || call.kind === 'prompt') return call.name;
  if (call.kind === 'resource') return call.uri;
  if (call.kind !== 'completion') return undefined;
  return call.reference.kind === 'prompt' ? call.reference.name : call.reference.uri;
};

const withName = (text: string, name: string): string => (name === '' ? text : `${text}: ${name}`);

const completionMessage = (call: Call | undefined, name: string): string => {
  if (call?.kind !== 'completion') return 'Unknown reference';
  return call.reference.kind === 'prompt' ? withName('Unknown prompt', name) : 'Resource not found';
};

/** Both SDKs recognise the legacy text; modern clients read `data`. */
const versionMessage = (refusal: Refusal, form: ReplyForm): string => {
  const requested = refusal.data?.['requested'];
  if (typeof requested !== 'string') return replyDetail(refusal, form);
  const prefix = refusal.era === 'modern' ? '' : 'Bad Request: ';
  return `${prefix}Unsupported protocol version: ${shortName(requested)}`;
};
