import path from 'node:path';
import { expect, it } from 'vitest';
import { configFields } from '../kong-plugin/src/config/fields.ts';
import type { KongField, NamedField } from '../kong-plugin/src/config/kong-schema.ts';

const rows = (fields: readonly NamedField[], prefix = ''): readonly string[] =>
  fields.flatMap((named) =>
    Object.entries(named).flatMap(([name, field]) => {
      const here = `${prefix}${name}`;
      const nested = field.type === 'record' ? rows(field.fields, `${here}.`) : elementRows(field, here);
      return [
        `| \`${here}\` | ${typeOf(field)} | ${defaultOf(field)} | ${field.description.replaceAll('|', '\\|')} |`,
        ...nested,
      ];
    }),
  );

const elementRows = (field: KongField, here: string): readonly string[] =>
  field.type === 'array' && field.elements.type === 'record' ? rows(field.elements.fields, `${here}[].`) : [];

const typeOf = (field: KongField): string => {
  if (field.type === 'string' && field.one_of !== undefined) return field.one_of.join(' \\| ');
  if ((field.type === 'integer' || field.type === 'number') && field.between !== undefined)
    return `${field.type}, ${field.between.join(' to ')}`;
  if (field.type === 'array' || field.type === 'set') return `list of ${field.elements.type}s`;
  return field.type;
};

const defaultOf = (field: KongField): string => {
  if (field.type === 'record') return field.required === true ? '' : 'not set';
  if (field.required === true) return '**required**';
  return field.default === undefined ? 'not set' : `\`${JSON.stringify(field.default)}\``;
};

it('docs/configuration.md says what the schema says (npx vitest run test/configuration-document -u writes it)', async () => {
  const text = [
    '# Configuration of mcp-governance',
    '',
    'Made from the schema that Kong loads (`kong-plugin/src/config/fields.ts`); a test keeps it true.',
    '',
    '| field | type | default | meaning |',
    '|---|---|---|---|',
    ...rows(configFields),
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot(path.resolve(import.meta.dirname, '../docs/configuration.md'));
});
