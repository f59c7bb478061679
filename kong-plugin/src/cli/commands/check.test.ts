import { describe, expect, it } from 'vitest';
import { kongFile, policyFile } from '../testing/fixtures.ts';
import { run, shippedKongFile } from '../testing/run-in-memory.ts';

/** The shipped file's own policy may be anything; here only its Kong part counts. */
const check = (kong: string, more: readonly string[] = [], files: Readonly<Record<string, string>> = {}) =>
  run(['check', 'k.yml', ...more], { 'k.yml': kong, ...files });

const findingsOf = (out: string): readonly string[] =>
  out.split('\n').filter((line) => /^(?:error|warning) /.test(line));

const withoutBuffering = kongFile;
const withPolicy = kongFile
  .replace(
    'server: { name: shop, kind: mcp }',
    'server: { name: shop, kind: mcp }\n          policy: { file: policy.yml }',
  )
  .replace(
    'server: { name: pay, kind: rest }',
    'server: { name: pay, kind: rest }\n          policy: { file: policy.yml }',
  );

const oneRoute = (route: string): string => `_format_version: '3.0'
services:
  - name: shop-mcp
    url: http://127.0.0.1:9101/mcp
    routes:
      - name: governed
        paths: [/mcp]
        response_buffering: false
        plugins:
          - name: key-auth
          - name: mcp-guard
          - name: mcp-governance
            config: { server: { name: shop }, rules: [{ id: all, callers: { consumers: [alice] }, tools: ['*'] }] }
${route}
consumers: [{ username: alice }]
`;

describe('check', () => {
  it('finds nothing wrong with the fixture, with and without its policy', () => {
    expect(findingsOf(check(withoutBuffering).out)).toEqual([]);
    const ran = check(withPolicy, ['--policy', 'policy.yml'], { 'policy.yml': policyFile });
    expect(findingsOf(ran.out)).toEqual([]);
    expect(ran.code).toBe(0);
  });

  it('finds no error in the kong.yml of this repository', () => {
    expect(findingsOf(check(shippedKongFile).out).filter((line) => line.startsWith('error'))).toEqual([]);
  });

  it.each<[string, string, string]>([
    [
      'a configuration that Kong would refuse',
      kongFile.replace('kind: mcp', 'kind: soap'),
      'error    k.yml:12: service shop-mcp, mcp-governance: server.kind: expected one of: mcp, rest',
    ],
    [
      'a field that is misspelt',
      kongFile.replace(
        '          rules:\n            - id: readers',
        '          ruels: []\n          rules:\n            - id: readers',
      ),
      'error    k.yml:12: service shop-mcp, mcp-governance: ruels: unknown field',
    ],
    [
      'a missing mcp-guard',
      kongFile.replace('      - name: mcp-guard\n', ''),
      'error    k.yml:11: service shop-mcp, mcp-governance: the plugin mcp-guard is missing here',
    ],
    [
      'a disabled mcp-guard',
      kongFile.replace('- name: mcp-guard', '- { name: mcp-guard, enabled: false }'),
      'error    k.yml:12: service shop-mcp, mcp-governance: the plugin mcp-guard is missing here',
    ],
    [
      'guard: post-function without one',
      kongFile.replace(
        'server: { name: pay, kind: rest }',
        'server: { name: pay, kind: rest }\n          guard: post-function',
      ),
      'error    k.yml:33: service pay-api, mcp-governance: guard is post-function, but there is none here',
    ],
    [
      'a missing auth plugin',
      kongFile.replace('      - name: key-auth\n', ''),
      'warning  k.yml:11: service shop-mcp, mcp-governance: no auth plugin runs here',
    ],
    [
      'OAuth without the plugin that verifies tokens',
      kongFile.replace(
        'server: { name: shop, kind: mcp }',
        'server: { name: shop, kind: mcp }\n          oauth: { resource: "https://gw.example.com/mcp", authorization_servers: ["https://login.example.com"] }',
      ),
      "warning  k.yml:12: service shop-mcp, mcp-governance: oauth is set, but Kong's plugin jwt",
    ],
    [
      'a buffered route of an MCP server',
      kongFile.replace('        response_buffering: false\n', ''),
      'warning  k.yml:11: service shop-mcp, mcp-governance: route shop-mcp buffers',
    ],
    [
      'governance that is switched off',
      kongFile.replace('- name: mcp-governance', '- name: mcp-governance\n        enabled: no'),
      'warning  k.yml:12: service shop-mcp, mcp-governance: is disabled',
    ],
    [
      'a second, ungoverned route to the same service',
      oneRoute('      - name: debug\n        paths: [/debug]'),
      'warning  k.yml:12: route governed, mcp-governance: route debug leads to the same service without governance',
    ],
    [
      'a second route elsewhere in the file',
      oneRoute('').replace(
        'consumers: [{',
        'routes:\n  - { name: later, service: { name: shop-mcp }, paths: [/later] }\nconsumers: [{',
      ),
      'warning  k.yml:12: route governed, mcp-governance: route later leads to the same service',
    ],
    [
      'two places with one server name',
      kongFile.replace('name: pay, kind: rest', 'name: shop, kind: rest'),
      'warning  k.yml:33: service pay-api, mcp-governance: the server name shop is also used by service shop-mcp',
    ],
    [
      'a rule for a consumer that does not exist',
      kongFile.replace('consumers: [alice]', 'consumers: [alcie]'),
      'warning  k.yml:33: service pay-api, mcp-governance: rule payers: no consumer is named alcie. Did you mean alice?',
    ],
    [
      'a rule for a tenant that nobody belongs to',
      kongFile.replace('tenants: [acme, globex]', 'tenants: [acme, globx]'),
      'warning  k.yml:12: service shop-mcp, mcp-governance: rule readers: no consumer belongs to the tenant globx. Did you mean globex?',
    ],
    [
      'a rule for an ACL group without members',
      kongFile.replace('groups: [billing]', 'groups: [finance]'),
      'warning  k.yml:12: service shop-mcp, mcp-governance: rule desk: no consumer is in the ACL group finance',
    ],
    [
      'a consumer of two tenants',
      kongFile.replace("tags: ['tenant:globex']", "tags: ['tenant:globex', 'tenant:acme']"),
      'error    k.yml:50: consumer bob: The tags of consumer bob must name exactly one tenant',
    ],
    [
      'a rule that a deny overrules',
      kongFile.replace("tools: ['search_*']", "tools: ['delete_all']"),
      'warning  k.yml:12: service shop-mcp, mcp-governance: Rule readers: never allows anything, because rule nobody-deletes',
    ],
    [
      'a file without governance',
      'services: [{ name: a, url: http://127.0.0.1 }]',
      'error    k.yml: nothing here carries the plugin mcp-governance',
    ],
  ])('%s', (_title, kong, finding) => {
    const ran = check(kong);
    expect(ran.code).toBe(1);
    expect(findingsOf(ran.out).filter((line) => line.startsWith(finding))).toHaveLength(1);
  });

  it.each<[string, string]>([
    [
      'mcp-guard at the top level',
      kongFile.replaceAll('      - name: mcp-guard\n', '').concat('plugins: [{ name: mcp-guard }]\n'),
    ],
    [
      'the auth plugin on the route',
      kongFile
        .replace('      - name: key-auth\n', '')
        .replace('paths: [/mcp/shop]', 'paths: [/mcp/shop]\n        plugins: [{ name: key-auth }]'),
    ],
    [
      'plugins that name their service',
      kongFile
        .replace('      - name: key-auth\n      - name: mcp-guard\n', '')
        .concat(
          'plugins:\n  - { name: mcp-guard, service: shop-mcp }\n  - { name: key-auth, service: { name: shop-mcp } }\n',
        ),
    ],
    [
      'no auth plugin where every rule that allows admits anonymous callers',
      kongFile
        .replace('      - name: key-auth\n', '')
        .replace('callers: { tenants: [acme, globex] }', 'callers: { anonymous: true }')
        .replace('callers: { groups: [billing] }', 'callers: { anonymous: true }'),
    ],
    [
      'governance on each of two routes',
      oneRoute(
        oneRoute('')
          .split('\n')
          .slice(5, 13)
          .join('\n')
          .replace('name: governed', 'name: other')
          .replace('name: shop ', 'name: shop2 '),
      ),
    ],
    [
      'consumers that live in a database',
      kongFile
        .slice(0, kongFile.indexOf('consumers:\n  - username'))
        .replace('consumers: [alice]', 'consumers: [nobody-here]'),
    ],
  ])('accepts %s', (_title, kong) => {
    expect(findingsOf(check(kong).out)).toEqual([]);
  });

  it('says which document is not checked', () => {
    const ran = check(withPolicy);
    expect(ran.code).toBe(1);
    expect(findingsOf(ran.out)).toHaveLength(2);
    expect(ran.out).toContain(
      'not checked: the policy is policy.yml below the Kong prefix: name it with --policy FILE',
    );
  });

  it('says that no plugin loads the document that --policy names', () => {
    const ran = check(kongFile, ['--policy', 'policy.yml'], { 'policy.yml': policyFile });
    expect(findingsOf(ran.out)).toEqual([
      'warning  policy.yml: no plugin in k.yml names a policy, so that none loads this document; set policy.file or policy.url',
    ]);
  });

  it('an inline policy beside a place without one is nothing to report', () => {
    const inline = kongFile.replace(
      'server: { name: shop, kind: mcp }',
      'server: { name: shop, kind: mcp }\n          policy: { inline: "version: 1" }',
    );
    expect(findingsOf(check(inline).out)).toEqual([]);
  });

  it.each<[string, string, RegExp]>([
    [
      'a document that the plugin would refuse',
      policyFile.replace('effect: deny', 'effect: forbid'),
      /^error {4}policy\.yml:\d+: rules\[0\]\.effect: /,
    ],
    [
      'a tool that the server does not have',
      policyFile.replace('tools: [create_invoice]', 'tools: [create_invoce]'),
      /^warning {2}policy\.yml: rules\[0\]\.tools\[0\]: .*create_invoice/,
    ],
    [
      'a server that nothing governs',
      policyFile.replace('servers: [shop]', 'servers: [shpo]'),
      /^warning {2}policy\.yml: rules\[0\]\.servers: .*shop\?/,
    ],
    [
      'an application of a consumer that does not exist',
      policyFile.replace('consumers: [alice]', 'consumers: [alcie]'),
      /^warning {2}policy\.yml: application invoicing: no consumer is named alcie\. Did you mean alice\?/,
    ],
  ])('%s', (_title, policy, finding) => {
    const ran = check(withPolicy, ['--policy', 'policy.yml'], { 'policy.yml': policy });
    expect(ran.code).toBe(1);
    expect(findingsOf(ran.out).filter((line) => finding.test(line))).toHaveLength(1);
  });

  it('with --errors-only a warning is shown and is no finding, an error is one', () => {
    const warned = check(kongFile.replace('consumers: [alice]', 'consumers: [alcie]'), ['--errors-only']);
    expect(warned.code).toBe(0);
    expect(warned.out).toContain('0 errors, 1 warning');
    expect(check(kongFile.replace('kind: mcp', 'kind: soap'), ['--errors-only']).code).toBe(1);
  });

  it('answers the same with --json', () => {
    const ran = check(kongFile.replace('kind: mcp', 'kind: soap'), ['--json']);
    expect(JSON.parse(ran.out)).toMatchObject({
      errors: 1,
      warnings: 0,
      findings: [{ severity: 'error', file: 'k.yml', line: 12, problem: 'server.kind: expected one of: mcp, rest' }],
      servers: ['pay'],
    });
  });
});
