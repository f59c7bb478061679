/**
 * The part of Kong's schema language (kong/db/schema) that this plugin uses. One table of fields serves three readers:
 * Kong (through `--dump-all-plugins`), the plugin's own config reader and the local gateway, so that all three accept
 * exactly the same configuration.
 */
export type KongField = KongString | KongNumber | KongBoolean | KongList | KongMap | KongRecord;

interface Common {
  readonly description: string;
  readonly required?: boolean;
  readonly default?: unknown;
}

export interface KongString extends Common {
  readonly type: 'string';
  readonly one_of?: readonly string[];
  readonly len_min?: number;
  readonly len_max?: number;
  readonly referenceable?: boolean;
  readonly encrypted?: boolean;
}

export interface KongNumber extends Common {
  readonly type: 'integer' | 'number';
  readonly between?: readonly [number, number];
}

export interface KongBoolean extends Common {
  readonly type: 'boolean';
}

/** Elements need no description of their own. */
type Element =
  Omit<KongString, 'description'> | Omit<KongList, 'description'> | Omit<KongRecord, 'description' | 'required'>;

export interface KongList extends Common {
  readonly type: 'array' | 'set';
  readonly elements: Element;
  readonly len_min?: number;
  readonly len_max?: number;
}

export interface KongMap extends Common {
  readonly type: 'map';
  readonly keys: Omit<KongString, 'description'>;
  readonly values: Element;
}

export interface KongRecord extends Common {
  readonly type: 'record';
  /** Said of every record that is a field: one that does not say is required (kong/db/schema/entity.lua). */
  readonly required: boolean;
  readonly fields: readonly NamedField[];
}

/** Kong writes a field as a table with one key, its name. */
export type NamedField = Readonly<Record<string, KongField>>;
