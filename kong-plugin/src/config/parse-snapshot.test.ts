import { describe, expect, it } from 'vitest';
import { describeIssue } from '../domain/snapshot/snapshot-issue.ts';
import { fullDocument, snapshotOf } from '../domain/snapshot/testing/fixtures.ts';
import { MAX_DOCUMENT_BYTES, parseSnapshot } from './parse-snapshot.ts';

const issuesOf = (text: string): readonly string[] => {
  const read = parseSnapshot(text);
  return read.ok ? [] : read.error.map(describeIssue);
};

describe('parseSnapshot', () => {
  it('reads the same policy from JSON, indented JSON and YAML', () => {
    const expected = { ok: true, value: snapshotOf(fullDocument) };
    expect(parseSnapshot(JSON.stringify(fullDocument))).toEqual(expected);
    expect(parseSnapshot(JSON.stringify(fullDocument, undefined, 2))).toEqual(expected);
    const yaml = `
version: 1 # of the schema
revision: r1
tenants:
  - { id: acme, time_zone: Europe/Rome }
`;
    expect(parseSnapshot(yaml)).toMatchObject({ ok: true, value: { revision: 'r1', tenants: [{ id: 'acme' }] } });
  });

  it('takes a shared list by its anchor', () => {
    const yaml = `
version: 1
rules:
  - { id: a, effect: allow, tools: &tools [x, y] }
  - { id: b, effect: deny, tools: *tools, callers: { tenants: [globex] } }
`;
    expect(parseSnapshot(yaml)).toMatchObject({
      ok: true,
      value: { rules: [{ tools: ['x', 'y'] }, { tools: ['x', 'y'] }] },
    });
  });

  it('reads what YAML 1.1 took for something else as it is written: yes, no, dates, octal, sexagesimal', () => {
    const yaml = 'version: 1\nrules:\n  - { id: 2026-11-24, effect: allow, tools: [yes, no, on, 12:30:45, 0777x] }';
    expect(parseSnapshot(yaml)).toMatchObject({
      ok: true,
      value: { rules: [{ id: '2026-11-24', tools: ['yes', 'no', 'on', '12:30:45', '0777x'] }] },
    });
  });

  it.each<[string, string, readonly string[]]>([
    ['nothing', '', ['Must be a mapping, not empty.']],
    ['a text', 'hello', ['Must be a mapping, not a string.']],
    [
      'an unclosed list',
      'version: 1\nrules: [',
      ['Line 2: Flow sequence in block collection must be sufficiently indented and end with a ].'],
    ],
    ['a tab', 'version: 1\nrules:\n\t- x', ['Line 3: Tabs are not allowed as indentation.']],
    ['a key twice', 'version: 1\nrules: []\nrules: []', ['Line 3: The key rules occurs twice in one mapping.']],
    [
      'a key twice, deeper, once quoted',
      'version: 1\ntenants:\n  - id: a\n    "id": b',
      ['Line 4: The key id occurs twice in one mapping.'],
    ],
    [
      'a key twice in JSON, once escaped',
      '{"version":1,\n"rules":[],\n"rul\\u0065s":[]}',
      ['Line 3: The key rules occurs twice in one mapping.'],
    ],
    ['a tag of its own', 'version: !evil 1', ['Line 1: Unresolved tag: !evil.']],
    [
      'a tag that makes bytes',
      'version: 1\nrevision: !!binary aGk=',
      ['Line 2: Unresolved tag: tag:yaml.org,2002:binary.'],
    ],
    [
      'two documents',
      'version: 1\n---\nversion: 1',
      ['Line 2: Source contains multiple documents; please use YAML.parseAllDocuments().'],
    ],
    ['a merge key', 'version: 1\n<<: { rules: [] }', ['"<<": Line 2: There is no such field.']],
    [
      'an alias of nothing',
      'version: 1\nrules: *nothing',
      ['Cannot be read: Unresolved alias (the anchor must be set before the alias): nothing.'],
    ],
    [
      'an alias for a key',
      'version: 1\nrevision: &a rules\n*a : []',
      ['Line 3: With stringKeys, all keys must be strings.'],
    ],
    ['not a number', 'version: .nan', ['Holds a number that JSON cannot write.']],
    ['an unknown field', 'version: 1\nrulez: []', ['rulez: Line 2: There is no such field. Did you mean rules?']],
    [
      'a bad value in JSON',
      '{\n"version": 1,\n"rules": [\n{"id":"r","effect":"alow"}]}',
      ['rules[0].effect: Line 4: "alow" is not one of allow, deny. Did you mean allow?'],
    ],
    ['a missing field, at what lacks it', 'version: 1\nrules:\n\n  - id: r', ['rules[0].effect: Line 4: Is missing.']],
    ['an odd key', 'version: 1\n"a b": 1', ['"a b": Line 2: There is no such field.']],
  ])('refuses %s', (_, text, expected) => {
    expect(issuesOf(text)).toEqual(expected);
  });

  it('refuses a text that grows: 9 levels of 9 aliases', () => {
    const levels = Array.from(
      { length: 9 },
      (_, index) =>
        `l${index}: &l${index} [${Array.from({ length: 9 }, () => (index === 0 ? 'x' : `*l${index - 1}`)).join(', ')}]`,
    );
    expect(issuesOf(`version: 1\n${levels.join('\n')}`)).toEqual([
      expect.stringMatching(/^Cannot be read: Excessive alias count/),
    ]);
  });

  it.each(['[', '{"a":', '- ', '? '])('refuses 100,000 times %j without falling over', (text) => {
    expect(issuesOf(text.repeat(100_000))).not.toEqual([]);
  });

  it('lists 20 issues of syntax at most', () => {
    expect(issuesOf('version: 1\n' + 'a: !x 1\n'.repeat(50))).toHaveLength(20);
  });

  it('reads YAML of 1 MiB and no more, and JSON beyond that', () => {
    const filler = (length: number): string => `version: 1 #${'x'.repeat(length - 12)}`;
    expect(issuesOf(filler(1_048_576))).toEqual([]);
    expect(issuesOf(filler(1_048_577))).toEqual([
      'Is too long for YAML. Write documents of more than 1048576 characters as JSON.',
    ]);
    expect(issuesOf(`{"version":1}${' '.repeat(1_048_577)}`)).toEqual([]);
    expect(issuesOf(`{"version":1,}${' '.repeat(1_048_577)}`)).toEqual(['The document is not valid JSON.']);
  });

  it('reads no document of more than 32 MiB', () => {
    expect(issuesOf(`{"version":1}${' '.repeat(MAX_DOCUMENT_BYTES)}`)).toEqual([
      `Has ${MAX_DOCUMENT_BYTES + 13} bytes; at most ${MAX_DOCUMENT_BYTES} are read.`,
    ]);
  });
});
