import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from './commands/index.ts';
import { run } from './testing/run-in-memory.ts';
import { kongFile, linesOf, policyFile, recordOf } from './testing/fixtures.ts';

const files = {
  'kong.yml': kongFile,
  'policy.yml': policyFile,
  'records.jsonl': linesOf(recordOf({ tool: 'create_invoice', arguments: { amount: 5 } })),
  'empty.yml': '',
  'list.yml': '- a\n- b\n',
  'broken.yml': 'services: [\n  - name: x\n',
  'bad-config.yml': kongFile.replace('kind: mcp', 'kind: soap'),
  'bad-policy.yml': policyFile.replace('effect: deny', 'effect: forbid'),
  'no-consumer-name.yml': `${kongFile}  - tags: [x]\n`,
  'no-records.txt': 'hello\nworld\n',
};

describe('exit codes', () => {
  it.each<[number, string]>([
    [0, '--help'],
    [0, '-h'],
    [0, 'help'],
    [0, 'help explain'],
    [0, '--version'],
    ...commands.flatMap(({ name }): [number, string][] => [
      [0, `${name} --help`],
      [0, `${name} -h`],
    ]),
    [0, 'check'],
    [0, 'explain --as alice --tool create_invoice --server shop --policy policy.yml'],
    [1, 'explain --as bob --tool create_invoice --server shop --policy policy.yml'],
    [0, 'who-can create_invoice'],
    [1, 'who-can delete_order'],
    [0, 'tools-of alice'],
    [1, 'tools-of anonymous'],
    [0, 'diff kong.yml kong.yml'],
    [0, 'simulate records.jsonl --policy policy.yml'],
  ])('%i: %s', (code, line) => {
    expect(run(line.split(' '), files).code).toBe(code);
  });

  it('without a command: 2, and the overview goes to standard error', () => {
    const ran = run([]);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toContain('Usage: mcp-governance <command>');
  });
});

describe('what cannot be answered: code 2, nothing on standard output, a sentence that names the fix', () => {
  it.each<[string, RegExp]>([
    ['chekc', /there is no command "chekc"; did you mean check\?/],
    ['help expalin', /did you mean explain\?/],
    ['frobnicate', /there is no command "frobnicate"/],
    ['check --polcy x', /Unknown option '--polcy'/],
    ['check --policy', /'--policy <value>' argument missing/],
    ['check a b', /check takes 0 to 1 arguments?, and 2 were given/],
    ['who-can', /who-can takes 1 argument, and 0 were given/],
    ['diff kong.yml', /diff takes 2 arguments, and 1 was given/],
    ['simulate', /simulate takes 1 argument/],
    ['check missing.yml', /missing\.yml: there is no such file; name the declarative configuration with --kong FILE/],
    ['check --policy missing.yml', /missing\.yml: there is no such file; name the policy document/],
    ['check broken.yml', /broken\.yml:\d+: not YAML/],
    ['check list.yml', /list\.yml: expected a map with services/],
    ['check empty.yml', /empty\.yml: expected a map/],
    ['check no-consumer-name.yml', /no-consumer-name\.yml:\d+: consumers\[2\]: a consumer needs a username/],
    [
      'tools-of alice --kong bad-config.yml',
      /bad-config\.yml:\d+: service shop-mcp, mcp-governance: server\.kind: expected one of: mcp, rest/,
    ],
    ['tools-of alice --policy bad-policy.yml', /bad-policy\.yml:\d+: rules\[0\]\.effect/],
    ['tools-of alcie', /kong\.yml: there is no consumer "alcie"\. Did you mean alice\?/],
    ['tools-of alice --server shpo', /there is no server "shpo"\. Did you mean shop\?/],
    ['tools-of alice --at yesterday', /--at yesterday: expected a time such as/],
    ['tools-of alice --at 2026-13-01', /--at 2026-13-01: expected a time/],
    ['explain --tool x', /--as is missing/],
    ['explain --as alice', /name one of --tool, --prompt and --resource/],
    ['explain --as alice --tool x --prompt y', /name one of --tool, --prompt and --resource/],
    ['explain --as alice --tool x', /several places are governed \(shop, pay\): name one with --server/],
    ['explain --as alice --server shop --tool x --args {', /--args: not JSON: .*quote it for the shell/],
    ['explain --as alice --server shop --tool x --args [1]', /--args: expected a JSON object/],
    ['explain --as alice --server shop --tool x --args @missing.json', /missing\.json: there is no such file/],
    [
      'explain --as alice --server pay --tool listPayment',
      /server pay has no operation "listPayment"\. Did you mean listPayments\?/,
    ],
    ['explain --as alice --server pay --prompt x', /server pay has no prompts: it is a REST API/],
    ['diff kong.yml policy.yml', /kong\.yml is a Kong configuration and policy\.yml a policy document/],
    ['diff kong.yml missing.yml', /missing\.yml: there is no such file/],
    ['simulate missing.jsonl', /missing\.jsonl: there is no such file/],
    ['simulate no-records.txt', /no-records\.txt:1: no line is a record/],
    ['simulate records.jsonl --policy bad-policy.yml', /bad-policy\.yml:\d+: rules\[0\]\.effect/],
  ])('%s', (line, sentence) => {
    const ran = run(line.split(' '), files);
    expect(ran.code).toBe(2);
    expect(ran.out).toBe('');
    expect(ran.err).toMatch(sentence);
    expect(ran.err).toMatch(/^mcp-governance: /);
  });

  it('with --json the problems are on standard output as well, with file, line and path', () => {
    const ran = run(['tools-of', 'alice', '--kong', 'bad-config.yml', '--json'], files);
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.out)).toEqual({
      problems: [
        {
          file: 'bad-config.yml',
          line: 12,
          path: 'service shop-mcp, mcp-governance',
          problem: 'server.kind: expected one of: mcp, rest',
        },
      ],
    });
  });
});

describe('a policy that only the gateway can reach', () => {
  const withPolicy = (policy: string) => ({
    'kong.yml': kongFile.replace(
      'server: { name: shop, kind: mcp }',
      `server: { name: shop, kind: mcp }\n          policy: ${policy}`,
    ),
    'policy.yml': policyFile,
  });

  it.each([
    ['{ file: policy.yml }', /the policy is policy\.yml below the Kong prefix: name it with --policy FILE/],
    [
      '{ url: "https://user:secret@policy.example.com/v1?token=secret", hmac_secret: 0123456789abcdef0123456789abcdef }',
      /the policy comes from https:\/\/policy\.example\.com\/v1: name a copy of it with --policy FILE/,
    ],
  ])('%s is not ignored: code 2, unless --policy stands for it', (policy, sentence) => {
    const refused = run(['tools-of', 'alice'], withPolicy(policy));
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(sentence);
    expect(refused.err).not.toContain('secret');
    expect(run(['tools-of', 'alice', '--policy', 'policy.yml'], withPolicy(policy)).code).toBe(0);
  });

  it('then stands only for the places that name a policy', () => {
    const ran = run(
      ['explain', '--as', 'alice', '--server', 'pay', '--tool', 'listPayments', '--policy', 'policy.yml'],
      withPolicy('{ file: policy.yml }'),
    );
    expect(ran.out).not.toContain('per-minute');
    const trial = run(
      ['explain', '--as', 'alice', '--server', 'pay', '--tool', 'listPayments', '--policy', 'policy.yml'],
      files,
    );
    expect(trial.out).toContain('per-minute');
  });

  it('an inline one is read from kong.yml', () => {
    const inline = `{ inline: ${JSON.stringify(JSON.stringify({ version: 1, rules: [{ id: 'inline-deny', effect: 'deny', tools: ['*'] }] }))} }`;
    const ran = run(['explain', '--as', 'alice', '--server', 'shop', '--tool', 'create_invoice'], withPolicy(inline));
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('by rule inline-deny');
  });

  it('an inline one that is wrong names the plugin that holds it', () => {
    const ran = run(['tools-of', 'alice'], withPolicy('{ inline: "version: 2" }'));
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/kong\.yml:12: service shop-mcp, mcp-governance: policy\.inline: version:/);
  });
});

it('nothing in a file can move the cursor of a terminal', () => {
  const evil = kongFile.replaceAll('id: desk', 'id: "de\\e[2Jsk\\u202E"');
  const ran = run(['explain', '--as', 'alice', '--server', 'shop', '--tool', 'create_invoice'], { 'kong.yml': evil });
  expect(ran.code).toBe(0);
  // eslint-disable-next-line no-control-regex
  expect(ran.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  expect(ran.out).toContain('de\\u{1b}[2Jsk\\u{202e}');
});

it('docs/cli.md says what --help says (run this test with -u to write it)', async () => {
  const fence = '```';
  const text = [
    '# mcp-governance, the command line',
    '',
    'Made from the help texts of `kong-plugin/src/cli`; a test keeps it true.',
    '',
    'It answers questions about a policy from its files, with the same judge that decides in the gateway and without a running',
    'Kong: in an editor, in a review, in CI.',
    '',
    fence,
    run(['--help']).out.trimEnd(),
    fence,
    ...commands.flatMap(({ name }) => ['', `## ${name}`, '', fence, run([name, '--help']).out.trimEnd(), fence]),
    '',
    '## In CI',
    '',
    `${fence}sh`,
    'mcp-governance check kong.yml --policy policy.yml',
    'mcp-governance diff main/policy.yml policy.yml --kong kong.yml > access-changes.txt',
    'mcp-governance simulate invocations.jsonl --policy policy.yml',
    fence,
    '',
    '`check` fails a build on any finding (`--errors-only`: on errors). `diff` and `simulate` answer 1 when something changes, which',
    'a build may want to show to a reviewer and not to fail on. 2 always means that there is no answer.',
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot(path.resolve(import.meta.dirname, '../../../docs/cli.md'));
});

it('the help of every command names its exit codes, and no line of it is wider than 120 characters', () => {
  for (const { name } of commands) {
    const { out } = run([name, '--help']);
    expect(out).toMatch(/Exit codes: 0 .*, 1 .*, 2 /);
    expect(out.split('\n').filter((line) => line.length > 120)).toEqual([]);
  }
});
