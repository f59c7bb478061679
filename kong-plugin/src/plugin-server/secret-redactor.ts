/** Shorter strings are no secrets, and replacing them would garble the text. */
const MINIMUM_SECRET_CHARACTERS = 4;

/**
 * Removes an instance's secrets from a text. Secrets are the values of the fields that the schema marks `referenceable`
 * or `encrypted`, and those that Kong filled from a vault: it lists them under `$refs` beside the field.
 */
export function createRedactor(schema: unknown, config: unknown): (text: string) => string {
  const secrets = new Set<string>();
  collectSecrets(config, { names: secretFieldNames(schema), secrets });
  const longestFirst = [...secrets].sort((left, right) => right.length - left.length);
  return (text) => longestFirst.reduce((result, secret) => result.replaceAll(secret, '[redacted]'), text);
}

/** A schema is a tree of `{name: attributes}`; names are enough, a field of the same name elsewhere is redacted too. */
function secretFieldNames(schema: unknown, names = new Set<string>()): ReadonlySet<string> {
  for (const [name, value] of entriesOf(schema)) {
    if (isMarkedSecret(value)) names.add(name);
    secretFieldNames(value, names);
  }
  return names;
}

const isMarkedSecret = (attributes: unknown): boolean =>
  isRecord(attributes) &&
  [attributes, attributes['elements'], attributes['values']].some(
    (marked) => isRecord(marked) && (marked['referenceable'] === true || marked['encrypted'] === true),
  );

interface Collection {
  readonly names: ReadonlySet<string>;
  readonly secrets: Set<string>;
}

function collectSecrets(config: unknown, collection: Collection): void {
  const references = isRecord(config) ? config['$refs'] : undefined;
  for (const [name, value] of entriesOf(config)) {
    if (name === '$refs') continue;
    const isSecret = collection.names.has(name) || (isRecord(references) && name in references);
    if (isSecret) addStrings(value, collection.secrets);
    else collectSecrets(value, collection);
  }
}

function addStrings(value: unknown, secrets: Set<string>): void {
  if (typeof value === 'string' && value.length >= MINIMUM_SECRET_CHARACTERS) secrets.add(value);
  for (const [, child] of entriesOf(value)) addStrings(child, secrets);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  isRecord(value) ? Object.entries(value) : [];
