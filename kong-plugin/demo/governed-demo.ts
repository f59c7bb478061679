import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { startLocalGateway, type LocalGateway } from '../local-gateway/local-gateway.ts';
import { startDemoMcpServer } from './mcp-server/demo-mcp-server.ts';
import { startDemoRestApi } from './rest-api/demo-rest-api.ts';
import { findKong, startKong } from './kong-process.ts';

export type DemoMcpServer = Awaited<ReturnType<typeof startDemoMcpServer>>;
export type DemoRestApi = Awaited<ReturnType<typeof startDemoRestApi>>;

export interface GovernedDemoOptions {
  /** Declarative configuration whose services `orders-mcp` and `commerce-api` are the demo servers. */
  readonly configFile: string;
  /** Where sockets, keys and records go. */
  readonly dataDirectory: string;
  /** 0: any free port. */
  readonly proxyPort: number;
  readonly adminPort: number;
  /** Ports of the demo servers; 0 for any. The configuration is adapted to them. */
  readonly serverPorts: { readonly mcp: number; readonly rest: number };
  /** Use a `kong` found on PATH instead of the local gateway. */
  readonly preferKong: boolean;
  readonly log?: (line: string) => void;
}

export interface GovernedDemo {
  readonly engine: 'kong' | 'local gateway';
  readonly proxyUrl: string;
  readonly adminUrl: string;
  readonly recordsFile: string;
  readonly mcpServer: DemoMcpServer;
  readonly restApi: DemoRestApi;
  /** Present when the local gateway runs. */
  readonly gateway?: LocalGateway;
  close(): Promise<void>;
}

/** Starts the demo servers and a governing gateway in front of them. Rejects with one clear sentence, and leaves nothing running. */
export const startGovernedDemo = async (options: GovernedDemoOptions): Promise<GovernedDemo> => {
  const started: { close(): Promise<void> }[] = [];
  const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    started.unshift(part);
    return part;
  };
  const close = async (): Promise<void> => {
    for (const part of started) await part.close();
  };
  try {
    const mcpServer = keep(await startDemoMcpServer({ port: options.serverPorts.mcp }));
    const restApi = keep(await startDemoRestApi({ port: options.serverPorts.rest }));
    const declarative = adaptConfig(options.configFile, { mcp: mcpServer.url, rest: restApi.url });
    const recordsFile = path.join(options.dataDirectory, 'mcp-governance/invocations.jsonl');
    const kong = options.preferKong ? findKong() : undefined;
    if (kong !== undefined) {
      const running = keep(await startKong(kong, { ...options, declarative }));
      return { engine: 'kong', ...running, recordsFile, mcpServer, restApi, close };
    }
    const gateway = keep(
      await startLocalGateway({
        config: { declarative },
        proxyPort: options.proxyPort,
        adminPort: options.adminPort,
        prefix: options.dataDirectory,
        ...(options.log === undefined ? {} : { log: options.log }),
      }),
    );
    return {
      engine: 'local gateway',
      proxyUrl: gateway.proxyUrl,
      adminUrl: gateway.adminUrl,
      gateway,
      recordsFile,
      mcpServer,
      restApi,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** The configuration names the demo's usual addresses; wherever the servers really listen goes in their place. */
const adaptConfig = (file: string, urls: { readonly mcp: string; readonly rest: string }): object => {
  const text = readFileSync(file, 'utf8')
    .replaceAll('http://127.0.0.1:9101', new URL(urls.mcp).origin)
    .replaceAll('http://127.0.0.1:9102', new URL(urls.rest).origin);
  return parse(text) as object;
};
