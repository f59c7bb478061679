import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import type { YAMLMap } from 'yaml';
import { parseDocument, isMap, isSeq, YAMLSeq, type Document } from 'yaml';
import {
  consumerTags,
  foreignConsumer,
  keyIdOf,
  keyTags,
  MANAGED_TAG,
  type KongChange,
  type KongWriter,
  type ManagedConsumer,
} from './kongChanges';

export interface DeclarativeFileOptions {
  /** The declarative configuration (YAML or JSON) that every DB-less node loads. It holds keys: mode 0600. */
  readonly file: string;
  /** Loads a whole configuration into every node (`POST /config`); rejects with Kong's own words when one refuses it. */
  readonly load: (text: string) => Promise<void>;
}

interface PlainConsumer {
  readonly username?: string;
  readonly tags?: readonly string[];
  readonly keyauth_credentials?: readonly { readonly key?: string; readonly tags?: readonly string[] }[];
}

/**
 * Kong without a database: the portal edits the declarative file and loads it. Comments and everything foreign in the file
 * stay as they are. Nodes get the configuration before the file is replaced, so a file that Kong refuses is never left behind.
 */
export class DeclarativeFileWriter implements KongWriter {
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: DeclarativeFileOptions) {}

  async managed(): Promise<readonly ManagedConsumer[]> {
    const consumers = consumersOf(await this.read());
    return consumers.flatMap(({ username, tags = [], keyauth_credentials: keys = [] }) =>
      username === undefined || !tags.includes(MANAGED_TAG)
        ? []
        : [{ username, tags, keyIds: keys.flatMap((key) => keyIdOf(key.tags) ?? []) }],
    );
  }

  /** One change of the file at a time. */
  apply(changes: readonly KongChange[]): Promise<void> {
    const done = this.queue.then(() => this.change(changes));
    this.queue = done.catch(() => undefined);
    return done;
  }

  private async change(changes: readonly KongChange[]): Promise<void> {
    const document = await this.read();
    for (const change of changes) applyChange(document, change);
    const text = document.toString({ lineWidth: 0 });
    await this.options.load(text);
    await replaceFile(this.options.file, text);
  }

  private async read(): Promise<Document> {
    const document = parseDocument(await readFile(this.options.file, 'utf8'));
    const [problem] = document.errors;
    if (problem !== undefined)
      throw new Error(`${this.options.file} is not YAML: ${problem.code} at line ${problem.linePos?.[0].line ?? '?'}.`);
    return document;
  }
}

const consumersOf = (document: Document): readonly PlainConsumer[] =>
  ((document.toJS() as { consumers?: readonly PlainConsumer[] } | null)?.consumers ?? []) as readonly PlainConsumer[];

const applyChange = (document: Document, change: KongChange): void => {
  const found = findConsumer(document, change.username);
  if (found !== undefined && !tagsOf(found).includes(MANAGED_TAG)) throw foreignConsumer(change.username);
  switch (change.kind) {
    case 'put_consumer':
      if (found === undefined)
        consumerList(document).add(
          document.createNode({ username: change.username, tags: consumerTags(change.tags) }) as YAMLMap,
        );
      else found.set('tags', document.createNode(consumerTags(change.tags)));
      return;
    case 'delete_consumer':
      if (found !== undefined) remove(consumerList(document), found);
      return;
    case 'put_key': {
      if (found === undefined) throw new Error(`Kong has no consumer "${change.username}" to give a key to.`);
      removeKey(found, change.keyId);
      keyList(document, found).add(document.createNode({ key: change.secret, tags: keyTags(change.keyId) }) as YAMLMap);
      return;
    }
    case 'delete_key':
      if (found !== undefined) removeKey(found, change.keyId);
      return;
  }
};

const consumerList = (document: Document): YAMLSeq => {
  const present = document.get('consumers');
  if (isSeq(present)) return present;
  const list = new YAMLSeq();
  document.set('consumers', list);
  return list;
};

const findConsumer = (document: Document, username: string): YAMLMap | undefined =>
  consumerList(document)
    .items.filter(isMap)
    .find((item) => item.get('username') === username);

const tagsOf = (node: YAMLMap): readonly string[] => {
  const tags = node.get('tags');
  return isSeq(tags) ? (tags.toJSON() as readonly string[]) : [];
};

const keyList = (document: Document, consumer: YAMLMap): YAMLSeq => {
  const present = consumer.get('keyauth_credentials');
  if (isSeq(present)) return present;
  const list = document.createNode([]) as YAMLSeq;
  consumer.set('keyauth_credentials', list);
  return list;
};

const removeKey = (consumer: YAMLMap, keyId: string): void => {
  const keys = consumer.get('keyauth_credentials');
  if (!isSeq(keys)) return;
  for (const key of keys.items.filter(isMap)) if (keyIdOf(tagsOf(key)) === keyId) remove(keys, key);
};

const remove = (list: YAMLSeq, item: YAMLMap): void => {
  list.items = list.items.filter((each) => each !== item);
};

/** Written aside, synced, renamed: a reader sees the old file or the new one. */
const replaceFile = async (file: string, text: string): Promise<void> => {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    const handle = await open(aside, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
};
