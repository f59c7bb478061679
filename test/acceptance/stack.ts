import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startDemoMcpServer, type DemoMcpServer } from '../../kong-plugin/demo/mcp-server/demo-mcp-server.ts';
import { startDemoRestApi, type DemoRestApi } from '../../kong-plugin/demo/rest-api/demo-rest-api.ts';
import {
  startLocalGateway,
  type LocalGateway,
  type LocalGatewayOptions,
} from '../../kong-plugin/local-gateway/local-gateway.ts';
import type { InvocationRecord } from '../../kong-plugin/src/domain/records/invocation-record.ts';
import { waitFor } from '../setup/governed-demo.ts';
import type { RawReply } from '../corpus/raw-http.ts';

export interface Stack {
  readonly proxyUrl: string;
  readonly gateway: LocalGateway;
  readonly mcpServer: DemoMcpServer;
  readonly restApi: DemoRestApi;
  /** Everything that the gateway and its plugin server have logged. */
  readonly logged: readonly string[];
  /** The record file as it stands. */
  recordText(): string;
  records(): readonly InvocationRecord[];
  /** The record of the request that got this answer; waits for its log phase. */
  recordOf(reply: Pick<RawReply, 'headers'>): Promise<InvocationRecord>;
  close(): Promise<void>;
}

export interface Origins {
  readonly mcp: string;
  readonly rest: string;
}

/** The demo servers behind the local gateway with a configuration of the test's own. */
export const startStack = async (
  declarative: (origins: Origins) => object,
  options: Pick<LocalGatewayOptions, 'guardFile'> = {},
): Promise<Stack> => {
  const prefix = mkdtempSync(path.join(tmpdir(), 'acceptance-'));
  const logged: string[] = [];
  const mcpServer = await startDemoMcpServer({ port: 0 });
  const restApi = await startDemoRestApi({ port: 0 });
  const origins = { mcp: new URL(mcpServer.url).origin, rest: new URL(restApi.url).origin };
  const gateway = await startLocalGateway({
    config: { declarative: declarative(origins) },
    proxyPort: 0,
    adminPort: 0,
    prefix,
    log: (line) => void logged.push(line),
    ...options,
  });
  const recordText = (): string => readIfThere(path.join(prefix, 'mcp-governance/invocations.jsonl'));
  const records = (): readonly InvocationRecord[] => parseLines(recordText());
  return {
    proxyUrl: gateway.proxyUrl,
    gateway,
    mcpServer,
    restApi,
    logged,
    recordText,
    records,
    recordOf: ({ headers }) => {
      const requestId = headers.get('x-kong-request-id') ?? 'none';
      return waitFor(() => records().find(({ kongRequestId }) => kongRequestId === requestId));
    },
    close: async () => {
      await gateway.close();
      await Promise.all([mcpServer.close(), restApi.close()]);
      rmSync(prefix, { recursive: true, force: true });
    },
  };
};

const readIfThere = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

const parseLines = (text: string): readonly InvocationRecord[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as InvocationRecord);
