import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { startLocalGateway, type LocalGateway } from '../local-gateway/local-gateway.ts';
import { readDemoConfig, type MeteringTarget } from './demo-config.ts';
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
  /** Of the management API; 0 for any. */
  readonly managementPort: number;
  /** Use a `kong` found on PATH instead of the local gateway. */
  readonly preferKong: boolean;
  /** Where records go; left out: to their file only. */
  readonly metering?: MeteringTarget;
  readonly log?: (line: string) => void;
}

export interface GovernedDemo {
  readonly engine: 'kong' | 'local gateway';
  readonly proxyUrl: string;
  readonly adminUrl: string;
  readonly recordsFile: string;
  readonly managementUrl: string;
  /** What the gateway runs: kong.yml with the demo's addresses. */
  readonly declarative: object;
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
    const mcpServer = keep(await onFreePort(options.serverPorts.mcp, (port) => startDemoMcpServer({ port })));
    const restApi = keep(await onFreePort(options.serverPorts.rest, (port) => startDemoRestApi({ port })));
    const managementPort = await freePort(options.managementPort);
    const managementUrl = `http://127.0.0.1:${managementPort}`;
    const declarative = readDemoConfig(
      options.configFile,
      { mcp: mcpServer.url, rest: restApi.url, managementPort },
      options.metering,
    );
    const recordsFile = path.join(options.dataDirectory, 'mcp-governance/invocations.jsonl');
    const kong = options.preferKong ? findKong() : undefined;
    if (kong !== undefined) {
      const running = keep(await startKong(kong, { ...options, declarative }));
      return { engine: 'kong', ...running, recordsFile, managementUrl, declarative, mcpServer, restApi, close };
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
      managementUrl,
      declarative,
      mcpServer,
      restApi,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** A second demo beside the first takes any free port: nobody types the servers' own. */
const onFreePort = async <Started>(port: number, start: (port: number) => Promise<Started>): Promise<Started> => {
  try {
    return await start(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return start(0);
  }
};

/** The port itself when it is free, else any other: it goes into the configuration before anything listens there. */
export const freePort = (wanted: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' && wanted !== 0 ? resolve(freePort(0)) : reject(error),
    );
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
