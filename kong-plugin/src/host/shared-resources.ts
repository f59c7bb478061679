import { success, type Result } from '../domain/result.ts';

export interface Closable {
  close(): Promise<void>;
}

/** What several instances of the plugin use together, by what it was made from; the key's first member is its kind. */
export interface SharedResources {
  readonly shared: ReadonlyMap<string, Closable>;
  readonly once: <Resource extends Closable>(key: unknown, create: () => Resource) => Resource;
  /** The same for what may turn out impossible; then nothing is kept. */
  readonly onceIfPossible: <Resource extends Closable>(
    key: unknown,
    create: () => Result<Resource, string>,
  ) => Result<Resource, string>;
}

export const createSharedResources = (): SharedResources => {
  const shared = new Map<string, Closable>();
  const once: SharedResources['once'] = <Resource extends Closable>(key: unknown, create: () => Resource): Resource => {
    const name = JSON.stringify(key);
    const known = shared.get(name) as Resource | undefined;
    if (known !== undefined) return known;
    const created = create();
    shared.set(name, created);
    return created;
  };
  const onceIfPossible: SharedResources['onceIfPossible'] = <Resource extends Closable>(
    key: unknown,
    create: () => Result<Resource, string>,
  ): Result<Resource, string> => {
    const known = shared.get(JSON.stringify(key)) as Resource | undefined;
    if (known !== undefined) return success(known);
    const created = create();
    return created.ok ? success(once(key, () => created.value)) : created;
  };
  return { shared, once, onceIfPossible };
};
