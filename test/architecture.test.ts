import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(path.join(root, file)));
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const isTest = (file: string): boolean =>
  /\.(test|contract)\.ts$|\/(testing|fuzz|test)\//.test(file) || file.startsWith('test/');
const sources = tracked.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !isTest(file));
const inLayer = (layer: string): readonly string[] =>
  sources.filter((file) => file.startsWith(`kong-plugin/src/${layer}/`));

/** Relative imports of a file as paths from the root, and packages by name. */
const importsOf = (file: string): readonly string[] =>
  [...read(file).matchAll(/^\s*(?:import|export)\b[^;]*?from '([^']+)'/gm)].map(([, target = '']) =>
    target.startsWith('.') ? path.join(path.dirname(file), target) : target,
  );

/** Imports point inwards: what each layer below kong-plugin/src may import. */
const allowed: Readonly<Record<string, readonly RegExp[]>> = {
  // luxon is arithmetic: the zone and the moment are given to it.
  domain: [/^kong-plugin\/src\/domain\//, /^node:crypto$/, /^node:buffer$/, /^luxon$/],
  ports: [/^kong-plugin\/src\/(domain|ports)\//],
  stores: [/^kong-plugin\/src\/(domain|ports|stores)\//, /^node:/, /^(pg|redis|@open-policy-agent\/opa-wasm)$/],
  spool: [/^kong-plugin\/src\/(domain|ports|spool)\//, /^node:/],
  shipper: [/^kong-plugin\/src\/(domain|ports|spool|shipper)\//, /^node:/],
  management: [/^kong-plugin\/src\/(domain|ports|management)\//, /^node:/],
  cli: [/^kong-plugin\/src\/(domain|config|ports|stores|cli)\//, /^node:/, /^yaml$/, /package\.json$/],
  observability: [/^kong-plugin\/src\/(domain|ports|observability)\//, /^prom-client$/],
  config: [/^kong-plugin\/src\/(domain|config)\//, /^yaml$/, /^node:buffer$/],
  pipeline: [/^kong-plugin\/src\/(domain|ports|pipeline)\//],
};

describe('architecture', () => {
  it.each(Object.keys(allowed))('%s imports only what lies further in', (layer) => {
    const files = inLayer(layer);
    expect(files.length).toBeGreaterThan(0);
    const outward = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => allowed[layer]?.some((pattern) => pattern.test(target)) !== true)
        .map((target) => `${file} imports ${target}`),
    );
    expect(outward).toEqual([]);
  });

  it('the domain has no clock, randomness, I/O, promise, throw or mutable module state', () => {
    const forbidden =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandomBytes\b|\brandomUUID\b|\bprocess\.|\bsetTimeout\b|\basync\b|\bawait\b|\bPromise\b|^\s*throw\b|^let /m;
    const impure = inLayer('domain').filter((file) => forbidden.test(withoutComments(read(file))));
    expect(impure).toEqual([]);
  });

  it('nothing in the plugin knows the local gateway, the demo or a test', () => {
    const wrong = sources
      .filter((file) => file.startsWith('kong-plugin/src/'))
      .flatMap((file) =>
        importsOf(file).filter((target) => /kong-plugin\/(local-gateway|demo|bench)|\/testing\//.test(target)),
      );
    expect(wrong).toEqual([]);
  });
});

/** Billing: what each folder below billing/src may import. Outer folders see inner ones, never the other way round. */
const billingLayers: Readonly<Record<string, readonly RegExp[]>> = {
  // Hashing is arithmetic.
  domain: [/^billing\/src\/domain\//, /^node:(crypto|buffer)$/],
  database: [/^billing\/src\/(domain|database)\//, /^node:/, /^(pg|knex)$/],
  ledger: billingInner('domain|database|audit|ledger'),
  // Exports of records are CSV as everything else is.
  audit: billingInner('domain|database|ledger|audit|exports'),
  'price-book': billingInner('domain|database|price-book', /^(yaml|zod)$/),
  statements: billingInner('domain|database|ledger|audit|price-book|statements'),
  stripe: billingInner('domain|database|price-book|statements|stripe', /^stripe$/),
  budgets: billingInner('domain|database|budgets', /^yaml$/),
  exports: billingInner('domain|price-book|statements|exports', /^(csv-stringify\/sync|knex)$/),
  accrual: billingInner('domain|ledger|price-book|statements|accrual'),
  client: [/^billing\/src\/client\//, /^openapi-fetch$/],
  http: billingInner(
    'domain|database|ledger|audit|price-book|statements|stripe|budgets|exports|accrual|http',
    /^(hono(\/.*)?|@hono\/zod-openapi|zod|prom-client)$|package\.json$/,
  ),
  worker: billingInner('domain|database|ledger|audit|price-book|statements|stripe|budgets|worker'),
};

function billingInner(folders: string, ...more: readonly RegExp[]): readonly RegExp[] {
  return [new RegExp(`^billing/src/(${folders})/`), /^node:/, /^knex$/, ...more];
}

describe('architecture of billing', () => {
  it.each(Object.keys(billingLayers))('%s imports only what lies further in', (layer) => {
    const files = sources.filter((file) => file.startsWith(`billing/src/${layer}/`));
    expect(files.length).toBeGreaterThan(0);
    const outward = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => billingLayers[layer]?.some((pattern) => pattern.test(target)) !== true)
        .filter((target) => !(isOfRecords(target) && importsTypesOnly(file, target)))
        .map((target) => `${file} imports ${target}`),
    );
    expect(outward).toEqual([]);
  });

  it('the domain has no clock, randomness, I/O, promise, throw or mutable module state', () => {
    const forbidden =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandomBytes\b|\brandomUUID\b|\bprocess\.|\bsetTimeout\b|\basync\b|\bawait\b|\bPromise\b|^\s*throw\b|^let /m;
    const files = sources.filter((file) => file.startsWith('billing/src/domain/'));
    expect(files.filter((file) => forbidden.test(withoutComments(read(file))))).toEqual([]);
  });

  it('of the plugin it uses the shape of records, and reads its log in one command', () => {
    const used = sources
      .filter((file) => file.startsWith('billing/src/'))
      .flatMap((file) =>
        importsOf(file)
          .filter((target) => target.startsWith('kong-plugin/'))
          .map((target) => ({ file, target })),
      )
      .filter(({ file, target }) => !isOfRecords(target) || !importsTypesOnly(file, target))
      .map(({ file, target }) => `${file} runs ${target}`);
    expect(used).toEqual([
      'billing/src/cli/commands/backfill.ts runs kong-plugin/src/domain/records/read-kong-log.ts',
      'billing/src/cli/commands/backfill.ts runs kong-plugin/src/domain/records/invocation-event.ts',
    ]);
  });

  it('nothing that runs knows the Stripe double, the demo or a test', () => {
    const wrong = sources
      .filter((file) => file.startsWith('billing/src/'))
      .flatMap((file) =>
        importsOf(file).filter((target) => /^billing\/(demo|bench|testing)\/|\/testing\//.test(target)),
      );
    expect(wrong).toEqual([]);
  });
});

const isOfRecords = (target: string): boolean => target.startsWith('kong-plugin/src/domain/records/');

const importsTypesOnly = (file: string, target: string): boolean => {
  const name = path.basename(target).replaceAll('.', '\\.');
  const [statement = ''] = new RegExp(`^import\\b[^;]*?from '[^']*${name}'`, 'm').exec(read(file)) ?? [];
  return statement.startsWith('import type');
};

describe('tidiness', () => {
  it('the top level holds what the README says and nothing else', () => {
    const top = new Set(tracked.map((file) => file.split('/')[0] ?? ''));
    const known = new Set([
      ...[
        'package.json',
        'package-lock.json',
        'kong-plugin',
        'backstage-plugins',
        'billing',
        'kong.yml',
        'docker-compose.yml',
        'test',
      ],
      ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'LICENSE', '.ci', 'docs'],
      ...[
        '.gitignore',
        '.prettierrc.json',
        '.prettierignore',
        'eslint.config.js',
        'tsconfig.json',
        'vitest.config.ts',
        '.dockerignore',
      ],
    ]);
    expect([...top].filter((entry) => !known.has(entry))).toEqual([]);
  });

  it('files are named in kebab-case; Backstage packages name them as their export', () => {
    const named = (file: string): RegExp =>
      /^backstage-plugins\/[^/]+\/(src|dev)\//.test(file) ? /^[A-Za-z0-9.-]+$/ : /^[a-z0-9.-]+$/;
    const odd = tracked.filter((file) => /\.(tsx?|mts|mjs|cjs)$/.test(file) && !named(file).test(path.basename(file)));
    expect(odd).toEqual([]);
  });

  it('Lua files keep to 300 lines as TypeScript files do', () => {
    const long = tracked.filter((file) => file.endsWith('.lua') && read(file).split('\n').length > 300);
    expect(long).toEqual([]);
  });

  it('no tracked text names a package host, a path of the machine it was written on, or unfinished work', () => {
    const unwanted = [
      /https?:\/\/(registry|proxy|static|index|files|repo\d?)\.[a-z0-9.-]+\//,
      /(?<![\w.~])\/(work|root|home\/[a-z]+)\/[a-z]/,
      /\b(TODO|FIXME)\b|\bXXX:/,
    ];
    const text = tracked.filter(
      (file) =>
        /\.(ts|mjs|cjs|js|lua|md|yml|json|sh)$|Dockerfile$|\.ci\/run$/.test(file) &&
        file !== 'test/architecture.test.ts',
    );
    const hits = text.filter(
      (file) =>
        statSync(path.join(root, file)).size < 1_000_000 && unwanted.some((pattern) => pattern.test(read(file))),
    );
    expect(hits).toEqual([]);
  });

  it.each(['package-lock.json', 'backstage-plugins/package-lock.json'])('%s carries no download addresses', (lock) => {
    expect(read(lock)).not.toMatch(/"resolved": "https?:/);
  });

  it('every link in the documents points at something', () => {
    const broken = tracked
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)]
          .map(([, target = '']) => path.join(path.dirname(file), target))
          .filter((target) => !existsSync(path.join(root, target)))
          .map((target) => `${file} -> ${target}`),
      );
    expect(broken).toEqual([]);
  });
});

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
