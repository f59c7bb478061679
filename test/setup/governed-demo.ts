import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readFileSync } from 'node:fs';
import { startGovernedDemo as start, type GovernedDemo } from '../../kong-plugin/demo/governed-demo.ts';
import type { InvocationRecord } from '../../kong-plugin/src/domain/records/invocation-record.ts';

const root = path.resolve(import.meta.dirname, '../..');
const configs = {
  /** What the README runs. */
  'kong.yml': path.join(root, 'kong.yml'),
  /** The same servers, open to everybody: conformance suites send no key. */
  conformance: path.join(root, 'test/setup/conformance.kong.yml'),
} as const;

export interface GovernedDemoForTests extends GovernedDemo {
  readonly mcpUrl: string;
  readonly restUrl: string;
  /** Records written so far, oldest first. */
  records(): readonly InvocationRecord[];
  /** Waits until a record fits, at most 30 s; log phases run after the answer. */
  recordWhere(fits: (record: InvocationRecord) => boolean): Promise<InvocationRecord>;
}

/** The demo behind the local gateway, on free ports, with its files in a folder that is removed at the end. */
export const startGovernedDemo = async (
  options: { readonly config?: keyof typeof configs } = {},
): Promise<GovernedDemoForTests> => {
  const config = options.config ?? 'kong.yml';
  const dataDirectory = mkdtempSync(path.join(tmpdir(), 'governed-'));
  const demo = await start({
    configFile: configs[config],
    dataDirectory,
    proxyPort: 0,
    adminPort: 0,
    serverPorts: { mcp: 0, rest: 0 },
    managementPort: 0,
    preferKong: false,
  });
  const records = (): readonly InvocationRecord[] => readRecords(demo.recordsFile);
  return {
    ...demo,
    mcpUrl: `${demo.proxyUrl}${config === 'kong.yml' ? '/mcp/orders' : '/conformance/mcp'}`,
    restUrl: `${demo.proxyUrl}/commerce`,
    records,
    recordWhere: (fits) => waitFor(() => records().find(fits)),
    close: async () => {
      await demo.close();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
};

const readRecords = (file: string): readonly InvocationRecord[] => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  // What stands behind the last line feed is a record that is being written.
  return text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as InvocationRecord);
};

/** Asks every 20 ms until there is an answer; rejects after 30 s, which only a hung machine needs. */
export const waitFor = async <Value>(ask: () => Value | undefined | Promise<Value | undefined>): Promise<Value> => {
  for (const end = Date.now() + 30_000; Date.now() < end;) {
    const value = await ask();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('waited 30 s in vain');
};
