import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './free-port.ts';
import { everythingOn, message } from './everything-on.ts';
import { median, table } from './measure.ts';
import { findKong } from '../demo/kong-process.ts';
import type { MeasuredGateway } from './gateway-process.ts';
import { KongGateway } from './kong/kong-gateway.ts';
import { missingForLoad, missingForNginx } from './nginx/nginx.ts';
import { NginxGateway, type GatewayOptions } from './nginx/nginx-gateway.ts';
import { PluginServerProcess } from './plugin-server-process.ts';
import type { WrkResult } from './wrk.ts';

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
  readonly route: string;
  readonly server?: PluginServerProcess;
}

/** Through the `kong` on PATH, or else through nginx's own Lua, the nearest thing that a machine without Kong can run. */
export const benchEndToEnd = async (print: (line: string) => void): Promise<void> => {
  const kong = findKong();
  const missing = missingForLoad() ?? (kong === undefined ? missingForNginx() : undefined);
  if (missing !== undefined) {
    print(`\nThrough a gateway: not measured, ${missing} (Debian packages, BENCH_NGINX_ROOT for unpacked ones).`);
    return;
  }
  const prefix = mkdtempSync(path.join(tmpdir(), 'governance-bench-'));
  const servers = {
    nothing: new PluginServerProcess('nothing', prefix),
    everything: new PluginServerProcess('everything', prefix),
  };
  let gateway: MeasuredGateway | undefined;
  try {
    for (const server of Object.values(servers)) (await server.connect()).close();
    const options = { prefix, plugins: await pluginsOf(servers) };
    gateway = await (kong === undefined ? NginxGateway.start(options) : KongGateway.start(kong, options));
    const sides: readonly Side[] = [
      { name: 'key-auth alone', route: 'key_auth' },
      { name: 'key-auth, a plugin that does nothing', route: 'nothing', server: servers.nothing },
      { name: 'key-auth, everything on, mcp-guard', route: 'everything', server: servers.everything },
    ];
    const script = wrkScript(prefix);
    for (const connections of LOADS)
      report(await measureSides(sides, { gateway, script, connections }), { sides, connections, print, gateway });
  } finally {
    await gateway?.stop();
    for (const server of Object.values(servers)) server.stop();
    rmSync(prefix, { recursive: true, force: true });
  }
};

const pluginsOf = async ({
  nothing,
  everything,
}: Readonly<Record<'nothing' | 'everything', PluginServerProcess>>): Promise<GatewayOptions['plugins']> => ({
  key_auth: undefined,
  nothing: { name: 'bench-noop', socket: nothing.socket, config: {}, guarded: false },
  everything: {
    name: 'mcp-governance',
    socket: everything.socket,
    config: everythingOn(await freePort()),
    guarded: true,
  },
});

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
  readonly gateway: MeasuredGateway;
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
    for (const [index, { route, server }] of sides.entries()) {
      const before = [gateway.cpuMicroseconds(), (await server?.cpuMicroseconds()) ?? 0] as const;
      const measured = await gateway.load(route, { script, connections, seconds: pass === 0 ? 1 : SECONDS });
      const gatewayCpu = (gateway.cpuMicroseconds() - before[0]) / measured.requests;
      const serverCpu = (((await server?.cpuMicroseconds()) ?? 0) - before[1]) / measured.requests;
      // The first pass warms both up.
      if (pass > 0) results[index]?.push({ ...measured, gatewayCpu, serverCpu });
    }
  return results;
};

interface Report {
  readonly sides: readonly Side[];
  readonly connections: number;
  readonly print: (line: string) => void;
  readonly gateway: MeasuredGateway;
}

const report = (results: readonly (readonly Measured[])[], { sides, connections, print, gateway }: Report): void => {
  const of = (index: number, what: keyof Measured): number => median((results[index] ?? []).map((each) => each[what]));
  const ratio = (what: keyof Measured): string => `${(of(2, what) / of(1, what)).toFixed(2)}x`;
  print(`\nThrough ${gateway.name}, ${connections} at a time, median of ${PASSES} passes of ${SECONDS} s`);
  print(
    table([
      ['', 'p50 ms', 'p99 ms', 'requests/s', 'gateway CPU us', 'plugin server CPU us'],
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
