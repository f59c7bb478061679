import { Buffer } from 'node:buffer';
import type { ItemKind } from '../domain/call.ts';
import { ownerKey } from '../domain/identity/owner-key.ts';
import { filterList, type FilteredList, type ListAnswer } from '../domain/lists/filter-list.ts';
import { readListResult } from '../domain/pins/read-definitions.ts';
import { failure, success, type Result } from '../domain/result.ts';
import { checkPin } from '../pipeline/check-pin.ts';
import type { PolicyInForce } from '../pipeline/policy-in-force.ts';
import type { PinStore } from '../ports/pin-store.ts';
import type { CarriedList } from '../domain/records/carried.ts';
import type { BufferedAnswer } from './guard-protocol.ts';
import type { PinLearner } from './pin-learner.ts';

export interface ListAnswersOptions {
  readonly server: string;
  readonly pins: PinStore;
  readonly learner: PinLearner;
  readonly warn: (message: string) => void;
}

interface Showing {
  readonly list: CarriedList;
  readonly policy: PolicyInForce;
  readonly now: number;
}

/** What a caller may see of a server's lists, and what the lists tell about the server's tools. */
export class ListAnswers {
  constructor(private readonly options: ListAnswersOptions) {}

  /** The part of the answer that its caller may see, judged by the function that judges calls. */
  filter(answer: BufferedAnswer, { list, policy, now }: Showing): Result<FilteredList, { readonly why: string }> {
    const received: Omit<ListAnswer, 'mayUse'> = {
      body: Buffer.from(answer.body, 'base64'),
      contentType: answer.content_type,
      contentEncoding: answer.content_encoding,
      status: answer.status,
      call: list.call,
      era: list.era,
      id: list.id,
    };
    // In the same turn as the filter: nothing may be listed by what was known before this answer.
    const seen = this.observe(received, { list, policy, now });
    if (!seen.ok) return seen;
    return filterList({ ...received, mayUse: (kind, name) => this.mayShow(kind, name, { list, policy, now }) });
  }

  private mayShow(kind: ItemKind, name: string, { list, policy, now }: Showing): boolean {
    if (!policy.judge.mayUse(list.caller, kind, name, now)) return false;
    return (
      kind !== 'tool' || checkPin(name, { server: this.options.server, store: this.options.pins, policy }) === undefined
    );
  }

  private observe(
    received: Omit<ListAnswer, 'mayUse'>,
    { list, policy, now }: Showing,
  ): Result<undefined, { readonly why: string }> {
    if (list.call.itemKind !== 'tool') return success(undefined);
    const whole = filterList({ ...received, mayUse: () => true });
    if (!whole.ok) return whole;
    if (whole.value.result === undefined) return success(undefined);
    const listed = readListResult(whole.value.result);
    if (!listed.ok) {
      this.options.warn(`tools of ${this.options.server} cannot be pinned: ${listed.error}`);
      return policy.pinMode === 'observe' ? success(undefined) : failure({ why: listed.error });
    }
    const caller = JSON.stringify([ownerKey(list.caller), list.caller.scopes]);
    const { cursor } = list.call;
    this.options.learner.see({ caller, listed: listed.value, ...(cursor === undefined ? {} : { cursor }) }, now);
    return success(undefined);
  }
}
