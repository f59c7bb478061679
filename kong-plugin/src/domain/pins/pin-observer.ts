import { createHash } from 'node:crypto';
import { LruMap } from '../policies/lru-map.ts';
import type { ListedTools, NamedDefinition } from './read-definitions.ts';

/** One page of `tools/list` and the request that fetched it. */
export interface ListPage {
  readonly server: string;
  /** Who asked, e.g. `ownerKey` and scopes: a server may list other tools to other callers (tools.mdx, tools/list). */
  readonly caller: string;
  /** `params.cursor` of the request; absent for the first page. */
  readonly cursor?: string;
  readonly listed: ListedTools;
}

/** What a page proves. */
export interface Sighting {
  readonly definitions: readonly NamedDefinition[];
  /** Digest of the caller; a list proves an absence only to those who would be shown the tool. */
  readonly view: string;
  /** Names on all pages, when this page completed the list. Without it nothing can be missing. */
  readonly complete?: ReadonlySet<string>;
}

/** A list of several pages that is being fetched. */
interface Chain {
  readonly names: ReadonlySet<string>;
  readonly nextCursor: string;
  readonly startedAt: number;
}

/** Callers who fetch a list of several pages at the same moment; one too many is only not taken for complete. */
const MAX_CHAINS = 128;

/** Names of one chain: what a catalog keeps of one server. A server that hands out cursors forever ends here. */
const MAX_NAMES = 1_000;

/** Pages further apart than this may come from two states of the server. */
const MAX_CHAIN_MS = 60_000;

/**
 * Puts the pages of lists together. Each page is a sighting at once, since a changed definition is changed whatever the
 * other pages say; but only a list that one caller fetched from its first page to its last shows that a tool is gone.
 */
export class PinObserver {
  readonly #chains = new LruMap<string, Chain>(MAX_CHAINS);

  see({ server, caller, cursor, listed }: ListPage, now: number): Sighting {
    const view = createHash('sha256').update(caller).digest('hex').slice(0, 16);
    const key = JSON.stringify([server, view]);
    const page = { definitions: listed.definitions, view };
    const before = cursor === undefined ? firstPage(now) : this.#continued(key, { cursor, now });
    if (before === undefined) return page;
    this.#chains.delete(key);
    const names = new Set([...before.names, ...listed.definitions.map((definition) => definition.name)]);
    if (listed.isLast) return { ...page, complete: names };
    const { nextCursor } = listed;
    // A page that adds nothing twice over would never reach the bound on names: the bound on time ends that chain.
    if (nextCursor !== undefined && names.size <= MAX_NAMES)
      this.#chains.set(key, { names, nextCursor, startedAt: before.startedAt });
    return page;
  }

  #continued(key: string, { cursor, now }: { readonly cursor: string; readonly now: number }): Start | undefined {
    const chain = this.#chains.get(key);
    if (chain === undefined || chain.nextCursor !== cursor) return undefined;
    return now - chain.startedAt <= MAX_CHAIN_MS ? chain : undefined;
  }
}

type Start = Pick<Chain, 'names' | 'startedAt'>;

const firstPage = (now: number): Start => ({ names: new Set(), startedAt: now });
