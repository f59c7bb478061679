import { isJsonObject, type JsonObject, type JsonValue } from '../domain/json/json-value.ts';
import { LookalikeIndex } from '../domain/pins/name-skeleton.ts';
import { approve, mergeKnowledge, nextState, withApprovalOf, withdraw } from '../domain/pins/next-state.ts';
import type { Sighting } from '../domain/pins/pin-observer.ts';
import type { PinnedTool, PinState } from '../domain/pins/pinned-tool.ts';
import type { NamedDefinition } from '../domain/pins/read-definitions.ts';
import { scanDefinition } from '../domain/pins/scan-definition.ts';
import { canonicalDefinition, hashText } from '../domain/pins/tool-hash.ts';
import type { PinHealth, PinStore } from '../ports/pin-store.ts';

/** Large public servers list some 300 tools. Beyond this a server fills tables, not needs. */
const MAX_TOOLS_PER_SERVER = 1_000;

/** Characters of canonical JSON; the largest honest definitions are some 20,000. Of a larger one only the hash is kept. */
const MAX_DEFINITION_CHARACTERS = 65_536;

/** Of all definitions of one server, current and approved: what one malicious server may take of memory and disk. */
const MAX_SERVER_CHARACTERS = 8 * 1024 * 1024;

interface ServerTools {
  readonly tools: Map<string, PinnedTool>;
  /** Characters of the definitions that are kept. */
  characters: number;
}

/** Pins in the memory of one process; `file-pin-store.ts` keeps them. */
export class MemoryPinStore implements PinStore {
  readonly #servers = new Map<string, ServerTools>();
  readonly #scans = new WeakMap<JsonObject, readonly string[]>();
  #lookalikes: LookalikeIndex | undefined;
  #revision = 0;

  /** Raised by everything that must not be forgotten. */
  get revision(): number {
    return this.#revision;
  }

  observe(server: string, { definitions, view, complete }: Sighting, now: number): readonly PinnedTool[] {
    const seen = definitions.flatMap((definition) => this.#see(server, { definition, view, now }) ?? []);
    const gone = complete === undefined ? [] : this.#withdraw(server, { names: complete, view, now });
    return [...seen, ...gone];
  }

  stateOf(server: string, tool: string): PinState | undefined {
    return this.#servers.get(server)?.tools.get(tool)?.state;
  }

  find(server: string, tool: string): PinnedTool | undefined {
    const found = this.#servers.get(server)?.tools.get(tool);
    return found === undefined ? undefined : this.#withWarnings(found);
  }

  list(server?: string): readonly PinnedTool[] {
    return this.kept(server).map((tool) => this.#withWarnings(tool));
  }

  /** As it is kept: without the warnings that are made when somebody reads. */
  kept(server?: string): readonly PinnedTool[] {
    const names = server === undefined ? [...this.#servers.keys()].sort() : [server];
    return names.flatMap((name) => [...(this.#servers.get(name)?.tools.values() ?? [])].sort(byName));
  }

  async approve(server: string, tool: string, hash: string, now: number): Promise<boolean> {
    const previous = this.#servers.get(server)?.tools.get(tool);
    const approved = previous === undefined ? undefined : approve(previous, hash, now);
    if (approved === undefined) return false;
    if (approved !== previous) this.#put(approved);
    return true;
  }

  health(): PinHealth {
    return { ok: true };
  }

  async close(): Promise<void> {}

  /** Takes over what was kept elsewhere. */
  merge(tools: readonly PinnedTool[]): void {
    for (const theirs of tools) {
      const mine = this.#servers.get(theirs.server)?.tools.get(theirs.tool);
      this.#put(mine === undefined ? theirs : mergeKnowledge(mine, theirs));
    }
  }

  /** Takes back the approval of this hash, which could not be kept. What was seen meanwhile stays. */
  undoApproval(before: PinnedTool, hash: string): void {
    const current = this.#servers.get(before.server)?.tools.get(before.tool);
    if (current?.approvedHash === hash && before.approvedHash !== hash) this.#put(withApprovalOf(current, before));
  }

  /** Answers with the tool when its state or definition is another than before. */
  #see(server: string, { definition, view, now }: Seen): PinnedTool | undefined {
    const known = this.#serverOf(server);
    const previous = known.tools.get(definition.name);
    if (previous === undefined && known.tools.size >= MAX_TOOLS_PER_SERVER && !makeRoom(known)) return undefined;
    const canonical = canonicalDefinition(definition);
    const hash = hashText(canonical);
    const isSame = previous?.currentHash === hash;
    const kept = isSame ? previous.definition : keepable(known, { definition, canonical });
    const warnings = isSame ? previous.warnings : tooLarge(kept, canonical);
    const next = nextState(previous, { server, tool: definition.name, hash, definition: kept, warnings, view }, now);
    if (next === previous) return undefined;
    const isNews = !isSame || next.state !== previous.state;
    if (isNews) this.#put(next);
    // Who saw it last is kept with the next change: it alone is not worth a write.
    else known.tools.set(next.tool, next);
    return isNews ? next : undefined;
  }

  #withdraw(server: string, { names, view, now }: Completed): readonly PinnedTool[] {
    const gone = [...this.#serverOf(server).tools.values()]
      .filter((tool) => tool.state !== 'withdrawn' && tool.seenBy === view && !names.has(tool.tool))
      .map((tool) => withdraw(tool, now));
    for (const tool of gone) this.#put(tool);
    return gone;
  }

  #put(tool: PinnedTool): void {
    const known = this.#serverOf(tool.server);
    const previous = known.tools.get(tool.tool);
    known.characters += sizeOf(tool) - (previous === undefined ? 0 : sizeOf(previous));
    known.tools.set(tool.tool, tool);
    if (previous === undefined) this.#lookalikes = undefined;
    this.#revision += 1;
  }

  #serverOf(server: string): ServerTools {
    const known = this.#servers.get(server) ?? { tools: new Map<string, PinnedTool>(), characters: 0 };
    this.#servers.set(server, known);
    return known;
  }

  /** Made when somebody reads: look-alikes depend on the other tools, and a list must not wait for the scanner. */
  #withWarnings(tool: PinnedTool): PinnedTool {
    this.#lookalikes ??= new LookalikeIndex([...this.#servers.values()].flatMap(({ tools }) => [...tools.values()]));
    const warnings = [...this.#lookalikes.warnings(tool), ...tool.warnings, ...this.#scanned(tool.definition)];
    return { ...tool, warnings };
  }

  #scanned(definition: JsonValue): readonly string[] {
    if (!isJsonObject(definition)) return [];
    const warnings = this.#scans.get(definition) ?? scanDefinition(definition);
    this.#scans.set(definition, warnings);
    return warnings;
  }
}

interface Seen {
  readonly definition: NamedDefinition;
  readonly view: string;
  readonly now: number;
}

interface Completed {
  readonly names: ReadonlySet<string>;
  readonly view: string;
  readonly now: number;
}

interface Measured {
  readonly definition: NamedDefinition;
  readonly canonical: string;
}

const byName = (left: PinnedTool, right: PinnedTool): number => (left.tool < right.tool ? -1 : 1);

/** Only a tool that nobody approved and nobody lists any more gives way. */
const makeRoom = (known: ServerTools): boolean => {
  for (const tool of known.tools.values()) {
    if (tool.state !== 'withdrawn' || tool.approvedHash !== undefined) continue;
    known.tools.delete(tool.tool);
    known.characters -= sizeOf(tool);
    return true;
  }
  return false;
};

const sizeOf = ({ definition, approvedDefinition, approvedHash, currentHash }: PinnedTool): number =>
  charactersOf(definition) + (approvedHash === currentHash ? 0 : charactersOf(approvedDefinition));

const charactersOf = (definition: JsonValue | undefined): number =>
  definition === undefined || definition === null ? 0 : canonicalDefinition(definition).length;

const keepable = ({ characters }: ServerTools, { definition, canonical }: Measured): JsonValue => {
  const isTooLarge = canonical.length > MAX_DEFINITION_CHARACTERS;
  return isTooLarge || characters + canonical.length > MAX_SERVER_CHARACTERS ? null : definition;
};

const tooLarge = (kept: JsonValue, canonical: string): readonly string[] =>
  kept === null
    ? [
        `The definition has ${canonical.length} characters and is not kept: nobody looked at it, only its hash is compared.`,
      ]
    : [];
