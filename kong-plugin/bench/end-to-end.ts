import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-port.ts';
import { everythingOn, message } from './everything-on.ts';
import { median, table } from './measure.ts';
import { missingForNginx, NginxGateway, type WrkResult } from './nginx/nginx-gateway.ts';
import { PluginServerProcess, type PluginChoice } from './plugin-server-process.ts';

const SECONDS = 3;
const PASSES = 5;
const LOADS = [1, 16];

interface Measured extends WrkResult {
  /** Microseconds of CPU per request. */
  readonly gatewayCpu: number;
  readonly serverCpu: number;
}

interface Side {
  readonly name: string;
  readonly location: string;
  readonly server?: PluginServerProcess;
}

/** Through nginx's own Lua, the nearest thing to Kong that a machine without Kong can run. */
export const benchEndToEnd = async (print: (line: string) => void): Promise<void> => {
  const missing = missingForNginx();
  if (missing !== undefined) {
    print(
      `\nThrough nginx with LuaJIT: not measured, ${missing} (Debian packages, BENCH_NGINX_ROOT for unpacked ones).`,
    );
    return;
  }
  const prefix = mkdtempSync(path.join(tmpdir(), 'governance-bench-'));
  const running: { stop(): void }[] = [];
  try {
    const nothing = await startServer('nothing', prefix, {});
    running.push(nothing.server);
    const everything = await startServer('everything', prefix, {
      ...everythingOn(await freePort()),
      service_id: 'service-1',
    });
    running.push(everything.server);
    const plugin = ({ server, instance }: Started, guarded: boolean) => ({ socket: server.socket, instance, guarded });
    const gateway = await NginxGateway.start({
      prefix,
      plugins: {
        key_auth: undefined,
        nothing: plugin(nothing, false),
        everything: plugin(everything, true),
      },
    });
    running.push(gateway);
    const sides: readonly Side[] = [
      { name: 'key-auth alone', location: 'key_auth' },
      { name: 'key-auth, a plugin that does nothing', location: 'nothing', server: nothing.server },
      { name: 'key-auth, everything on, mcp-guard', location: 'everything', server: everything.server },
    ];
    const script = wrkScript(prefix);
    for (const connections of LOADS)
      report(await measureSides(sides, { gateway, script, connections }), { sides, connections, print });
  } finally {
    for (const each of running.reverse()) each.stop();
    rmSync(prefix, { recursive: true, force: true });
  }
};

interface Started {
  readonly server: PluginServerProcess;
  readonly instance: number;
}

const startServer = async (choice: PluginChoice, prefix: string, config: object): Promise<Started> => {
  const server = new PluginServerProcess(choice, prefix);
  const client = await server.connect();
  const instance = await client.startInstance({
    name: choice === 'nothing' ? 'bench-noop' : 'mcp-governance',
    config,
  });
  client.close();
  return { server, instance };
};

const wrkScript = (prefix: string): string => {
  const file = path.join(prefix, 'call.lua');
  writeFileSync(
    file,
    [
      'wrk.method = "POST"',
      `wrk.body = [==[${JSON.stringify(message)}]==]`,
      'wrk.headers["Content-Type"] = "application/json"',
      'wrk.headers["Accept"] = "application/json, text/event-stream"',
      'wrk.headers["apikey"] = "test-key-bench"',
      '',
    ].join('\n'),
  );
  return file;
};

interface LoadPlan {
  readonly gateway: NginxGateway;
  readonly script: string;
  readonly connections: number;
}

/** Side after side, pass after pass, so that what else the machine does falls on all of them. */
const measureSides = async (
  sides: readonly Side[],
  { gateway, script, connections }: LoadPlan,
): Promise<readonly (readonly Measured[])[]> => {
  const results: Measured[][] = sides.map(() => []);
  for (let pass = 0; pass <= PASSES; pass += 1)
    for (const [index, { location, server }] of sides.entries()) {
      const before = [gateway.cpuMicroseconds(), (await server?.cpuMicroseconds()) ?? 0] as const;
      const measured = await gateway.load(location, { script, connections, seconds: pass === 0 ? 1 : SECONDS });
      const gatewayCpu = (gateway.cpuMicroseconds() - before[0]) / measured.requests;
      const serverCpu = (((await server?.cpuMicroseconds()) ?? 0) - before[1]) / measured.requests;
      // The first pass warms both up.
      if (pass > 0) results[index]?.push({ ...measured, gatewayCpu, serverCpu });
    }
  return results;
};

const report = (
  results: readonly (readonly Measured[])[],
  {
    sides,
    connections,
    print,
  }: { readonly sides: readonly Side[]; readonly connections: number; readonly print: (line: string) => void },
): void => {
  const of = (index: number, what: keyof Measured): number => median((results[index] ?? []).map((each) => each[what]));
  const ratio = (what: keyof Measured): string => `${(of(2, what) / of(1, what)).toFixed(2)}x`;
  print(
    `\nThrough nginx with LuaJIT (not Kong: key-auth, the plugin server's protocol, mcp-guard), ${connections} at a time, median of ${PASSES} passes of ${SECONDS} s`,
  );
  print(
    table([
      ['', 'p50 ms', 'p99 ms', 'requests/s', 'nginx CPU us', 'plugin server CPU us'],
      ...sides.map(({ name }, index) => [
        name,
        (of(index, 'p50') / 1000).toFixed(3),
        (of(index, 'p99') / 1000).toFixed(2),
        of(index, 'perSecond').toFixed(0),
        of(index, 'gatewayCpu').toFixed(0),
        of(index, 'serverCpu').toFixed(0),
      ]),
      ['everything / nothing', ...(['p50', 'p99', 'perSecond', 'gatewayCpu', 'serverCpu'] as const).map(ratio)],
    ]),
  );
};
