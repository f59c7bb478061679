/** A field of a Kong schema, as `--dump-all-plugins` prints it and as this gateway describes Kong's own entities. */
export interface KongField {
  readonly type:
    'string' | 'number' | 'integer' | 'boolean' | 'array' | 'set' | 'map' | 'record' | 'foreign' | 'json' | 'any';
  readonly description?: string;
  readonly required?: boolean;
  readonly default?: unknown;
  readonly elements?: KongField;
  readonly keys?: KongField;
  readonly values?: KongField;
  readonly fields?: readonly NamedField[];
  readonly entity_checks?: readonly EntityCheck[];
  readonly referenceable?: boolean;
  readonly encrypted?: boolean;
  readonly eq?: unknown;
  readonly ne?: unknown;
  readonly one_of?: readonly unknown[];
  readonly not_one_of?: readonly unknown[];
  readonly gt?: number;
  readonly between?: readonly [number, number];
  readonly len_eq?: number;
  readonly len_min?: number;
  readonly len_max?: number;
  readonly starts_with?: string;
  readonly match?: string;
  readonly not_match?: string;
  readonly match_all?: readonly { readonly pattern: string; readonly err: string }[];
  readonly match_none?: readonly { readonly pattern: string; readonly err: string }[];
  readonly match_any?: { readonly patterns: readonly string[]; readonly err: string };
  readonly uuid?: boolean;
  readonly unique?: boolean;
  readonly is_regex?: boolean;
  /** Only in this gateway's own descriptions: what Kong does with a Lua function. */
  readonly validator?: (value: never) => string | undefined;
}

export type NamedField = Readonly<Record<string, KongField>>;

export interface EntityCheck {
  readonly at_least_one_of?: readonly string[];
  readonly only_one_of?: readonly string[];
  readonly mutually_required?: readonly string[];
  readonly mutually_exclusive?: readonly string[];
  readonly distinct?: readonly string[];
  readonly conditional?: {
    readonly if_field: string;
    readonly if_match: Partial<KongField>;
    readonly then_field: string;
    readonly then_match: Partial<KongField>;
    readonly then_err?: string;
  };
}

/** Where a configuration is wrong. Array positions count from 1, as Kong counts them. */
export interface ConfigIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The validators that Kong has and a dump may name; another one would be silently ignored, so it is refused. */
export const knownFieldKeys: ReadonlySet<string> = new Set([
  'type',
  'description',
  'required',
  'default',
  'elements',
  'keys',
  'values',
  'fields',
  'entity_checks',
  'referenceable',
  'encrypted',
  'eq',
  'ne',
  'one_of',
  'not_one_of',
  'gt',
  'between',
  'len_eq',
  'len_min',
  'len_max',
  'starts_with',
  'match',
  'not_match',
  'match_all',
  'match_none',
  'match_any',
  'uuid',
  'unique',
  'is_regex',
  'validator',
]);
