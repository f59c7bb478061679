import { fileURLToPath } from 'node:url';
import type { LuaTable, HostFunction, HostTable, LuaValue } from '../lua-vm.ts';
import { cjsonModule, indexed, live, LuaExit, LuaVm, ngxHelpers, returns } from '../lua-vm.ts';
import {
  likeMessagePack,
  requestId,
  type PlayScenarios,
  type Scenario,
  type ScenarioEnd,
  type ScenarioResult,
} from './scenario.ts';

const luaFolder = fileURLToPath(new URL('../../../lua', import.meta.url));
const pluginServerFile = fileURLToPath(new URL('./fake-plugin-server.lua', import.meta.url));
const handlerFile = `${luaFolder}/kong/plugins/mcp-guard/handler.lua`;

/** The request started here, and `ngx.now()` is 250 ms later. */
export const startSeconds = 1_700_000_000.5;

type Headers = Record<string, LuaValue>;

/** Kong as far as mcp-guard sees it, for one request in one fengari VM. */
class FakeKong {
  readonly #scenario: Scenario;
  readonly #vm: LuaVm;
  readonly #handler: LuaTable;
  readonly #shared: LuaTable;
  readonly #context: LuaTable;
  readonly #pluginContext: LuaTable;
  readonly #argument: LuaTable;
  readonly #errors: string[] = [];
  readonly #cleared: string[] = [];
  readonly #set: Record<string, string> = {};
  #query: string | undefined;
  #exit: ScenarioResult['exit'];
  #failure: string | undefined;
  #facts: LuaValue;
  #hasLeft: boolean | undefined;
  #bufferedAnswer: LuaValue;
  #serialized: LuaValue;
  #delivery: LuaValue;
  #judged: LuaValue;
  #source: string;
  #status: number;
  #upstreamStatus: number | undefined;
  #headers: Headers;
  readonly #bodyOut: Buffer[] = [];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    const response = scenario.response ?? {};
    this.#source = response.source ?? 'service';
    this.#status = response.status ?? 200;
    this.#upstreamStatus = response.upstreamStatus === null ? undefined : (response.upstreamStatus ?? this.#status);
    this.#headers = { ...(response.headers as Headers | undefined) };
    const globals = { kong: this.#kong(), ngx: this.#ngx() };
    const modules = { 'cjson.safe': cjsonModule(), 'kong.plugins.acl.groups': this.#aclGroups() };
    this.#vm = new LuaVm({ globals, modules, searchPath: luaFolder });
    this.#shared = this.#vm.newTable();
    this.#context = this.#vm.newTable();
    this.#pluginContext = this.#vm.newTable();
    this.#argument = this.#vm.newTable();
    this.#handler = this.#vm.loadPlugin(handlerFile);
  }

  play(): ScenarioResult {
    const scenario = this.#scenario;
    const config = { scan_limit_bytes: 1_048_576, log_refusals: true, ...scenario.config };
    const configs = scenario.configs === undefined ? [{ route_id: 'route-1' }] : (scenario.configs ?? undefined);
    this.#vm.callMethod(this.#handler, 'configure', configs as LuaValue);
    this.#context.set('buffered_proxying', true);
    this.#context.set('KONG_PROXY_LATENCY', 3);
    this.#context.set('KONG_WAITING_TIME', 40);
    this.#share(scenario.shared);
    for (const [key, value] of Object.entries(scenario.context ?? {})) this.#context.set(key, value as LuaValue);
    if (scenario.facts !== undefined)
      this.#facts = this.#vm.callPath('kong.mcp_guard.facts', [scenario.facts as LuaValue]);
    if (scenario.admit) this.#playAdmit(scenario.admit);
    if (scenario.judge) this.#playJudge(scenario.judge);
    if (scenario.refuse) this.#untilExit(() => this.#callRefuse(scenario.refuse));
    else if (scenario.access !== false && this.#exit === undefined)
      this.#untilExit(() => this.#vm.callMethod(this.#handler, 'access', config));
    const isBuffered = this.#context.get('buffered_proxying') === true;
    this.#share(scenario.sharedLater);
    if (scenario.buffered) this.#playBuffered(scenario.buffered);
    if (scenario.response ?? this.#exit) this.#playResponse(config);
    if (scenario.end) this.#playEnd(config, scenario.end);
    const result = this.#result(isBuffered);
    this.#vm.close();
    return result;
  }

  #playAdmit({ verdict, admission, isCollecting }: NonNullable<Scenario['admit']>): void {
    this.#hasLeft = false;
    this.#context.set('delay_response', isCollecting);
    this.#vm.callPath('kong.mcp_guard.admit', [verdict, admission], () => (this.#hasLeft = true));
    this.#context.set('delay_response', undefined);
  }

  /** All but the last access phase belong to earlier requests, which go their ways. */
  #playJudge({ options, answers, accesses, instanceFails }: NonNullable<Scenario['judge']>): void {
    const pluginServer = this.#vm.loadPlugin(pluginServerFile);
    this.#vm.callMethod(pluginServer, 'install_access', options as LuaValue, answers, instanceFails);
    for (const isReloaded of accesses) {
      this.#context.set('mcp_guard_request', undefined);
      this.#untilExit(() => this.#vm.callMethod(pluginServer, 'access', isReloaded));
    }
    this.#judged = pluginServer.get('judged');
  }

  #playBuffered(buffered: NonNullable<Scenario['buffered']>): void {
    this.#bufferedAnswer = this.#vm.callPath('kong.mcp_guard.buffered', []);
    if (buffered.refuse) this.#untilExit(() => this.#callRefuse(buffered.refuse), true);
  }

  #playResponse(config: LuaValue): void {
    this.#vm.callMethod(this.#handler, 'header_filter', config);
    const { body = '', cuts, ends = true } = this.#scenario.response ?? {};
    const chunks = cutBody(Buffer.from(this.#exit?.body ?? body), cuts);
    chunks.forEach((chunk, index) => {
      this.#argument.set(1, new Uint8Array(chunk));
      this.#argument.set(2, ends && index === chunks.length - 1);
      this.#vm.callMethod(this.#handler, 'body_filter', config);
      const out = this.#argument.get(1);
      if (out !== undefined) this.#bodyOut.push(Buffer.from(out as string | Uint8Array));
    });
  }

  #playEnd(config: LuaValue, { times = 1, answers = [], isExiting = false }: ScenarioEnd): void {
    const pluginServer = this.#vm.loadPlugin(pluginServerFile);
    this.#vm.callMethod(pluginServer, 'install', answers, isExiting);
    for (let each = 0; each < times; each += 1) this.#vm.callMethod(this.#handler, 'log', config);
    this.#delivery = this.#vm.callMethod(pluginServer, 'run');
  }

  #result(isBuffered: boolean): ScenarioResult {
    const optional = {
      exit: this.#exit,
      failure: this.#failure,
      facts: this.#facts,
      hasLeft: this.#hasLeft,
      bufferedAnswer: this.#bufferedAnswer,
      outcome: (this.#context.get('mcp_guard_state') as { readonly record?: LuaValue } | undefined)?.record,
      judged: this.#judged,
      serialized: this.#serialized,
      delivery: this.#delivery,
    };
    return {
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
      isBuffered,
      upstream: {
        cleared: this.#cleared,
        set: this.#set,
        ...(this.#query === undefined ? {} : { query: this.#query }),
      },
      status: this.#status,
      headers: this.#headers as ScenarioResult['headers'],
      body: Buffer.concat(this.#bodyOut).toString('utf8'),
      errors: this.#errors,
    };
  }

  #share(values: Readonly<Record<string, unknown>> | undefined): void {
    for (const [key, value] of Object.entries(values ?? {})) this.#shared.set(key, value as LuaValue);
  }

  #callRefuse(args: readonly unknown[] | undefined): LuaValue {
    return this.#vm.callPath('kong.mcp_guard.refuse', (args ?? []) as readonly LuaValue[]);
  }

  /** Kong ends access at an exit and answers 500 to an error; in the response phase the server has been asked. */
  #untilExit(run: () => LuaValue, isAsked = false): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof LuaExit)) {
        this.#failure = (error as Error).message;
        this.#source = 'error';
        this.#status = 500;
      }
      if (!isAsked) this.#upstreamStatus = undefined;
    }
  }

  #leave(status: number, body: LuaValue, headers: LuaValue): never {
    this.#exit = {
      status,
      body: (body as string | undefined) ?? '',
      headers: Array.isArray(headers) ? {} : (headers as Record<string, string>),
    };
    this.#source = 'exit';
    this.#status = status;
    for (const [name, value] of Object.entries(this.#exit.headers)) this.#headers[name.toLowerCase()] = value;
    throw new LuaExit(`exit ${status}`);
  }

  #raising(path: string, call: HostFunction): HostFunction {
    return (...args) => {
      if (this.#scenario.raises === path) throw new Error(`function cannot be called in this phase: ${path}`);
      return call(...args);
    };
  }

  #kong(): HostTable {
    const request = this.#scenario.request ?? {};
    const headers = (request.headers ?? {}) as Record<string, LuaValue>;
    const consumer = (request.consumer === undefined ? { id: 'consumer-1' } : request.consumer) as LuaValue;
    return {
      request: {
        get_method: () => request.method ?? 'POST',
        get_scheme: () => 'http',
        get_header: this.#raising('kong.request.get_header', (name) => first(headers[name as string])),
        get_headers: () => returns(headers, request.headersTruncated ? 'truncated' : undefined),
        get_raw_body: () => this.#readBody(),
      },
      client: {
        get_consumer: () => consumer ?? undefined,
        get_credential: () => request.credential as LuaValue,
        get_forwarded_ip: () => '192.0.2.7',
      },
      router: {
        get_route: () => entity(request.route, 'route-1'),
        get_service: () => entity(request.service, 'service-1'),
      },
      service: { request: this.#serviceRequest(), response: this.#serviceResponse() },
      response: this.#response(),
      ctx: { shared: live(() => this.#shared), plugin: live(() => this.#pluginContext) },
      log: {
        err: (...parts) => void this.#errors.push(parts.map((part) => String(part as string)).join('')),
        set_serialize_value: (_key, value) => void (this.#serialized = value),
      },
    };
  }

  #serviceRequest(): HostTable {
    return {
      clear_header: (name) => void this.#cleared.push(name as string),
      set_header: (name, value) => {
        if (typeof value !== 'string') throw new Error('invalid header value');
        this.#set[name as string] = value;
        return undefined;
      },
      set_raw_query: (query) => void (this.#query = query as string),
    };
  }

  #serviceResponse(): HostTable {
    return {
      get_status: this.#raising('kong.service.response.get_status', () => this.#upstreamStatus),
      get_header: (name) => first(this.#headers[name as string]),
      get_raw_body: this.#raising('kong.service.response.get_raw_body', () => this.#scenario.buffered?.body),
    };
  }

  #response(): HostTable {
    return {
      exit: (status, body, headers) => this.#leave(status as number, body, headers),
      get_status: () => this.#status,
      get_source: this.#raising('kong.response.get_source', () => this.#source),
      get_header: (name) => first(this.#headers[name as string]),
      get_headers: () => this.#headers,
      set_status: (status) => void (this.#status = status as number),
      set_header: (name, value) => void (this.#headers[name as string] = value),
      clear_header: (name) => void delete this.#headers[name as string],
    };
  }

  #readBody(): ReturnType<HostFunction> {
    const { body = '', bodyError, bodyRaises } = this.#scenario.request ?? {};
    if (bodyRaises) throw new Error('http2 requests without content-length are not supported');
    return bodyError === undefined ? body : returns(undefined, bodyError);
  }

  #aclGroups(): HostTable {
    return {
      get_consumer_groups: () => {
        const groups = this.#scenario.request?.groups;
        if (typeof groups === 'string') return returns(undefined, groups);
        if (!groups) return undefined;
        // Kong's table has each name twice, as a list entry and as a key.
        const table = this.#vm.newTable();
        groups.forEach((name, index) => table.set(index + 1, name));
        for (const name of groups) table.set(name, name);
        return table;
      },
    };
  }

  #ngx(): HostTable {
    const request = this.#scenario.request ?? {};
    const variables: Readonly<Record<string, LuaValue>> = {
      kong_request_id: requestId,
      request_uri: request.uri ?? '/mcp',
      content_length: request.contentLength,
    };
    return {
      ...ngxHelpers({ nowSeconds: () => startSeconds + 0.25 }),
      log: (_level, ...parts) => void this.#errors.push(parts.map((part) => String(part as string)).join('')),
      header: indexed(
        (name) => this.#headers[name as string],
        (name, value) => void (this.#headers[name as string] = value),
      ),
      var: indexed((name) => variables[name as string]),
      ctx: live(() => this.#context),
      arg: live(() => this.#argument),
      req: { start_time: () => startSeconds },
    };
  }
}

const entity = (id: string | null | undefined, fallback: string): LuaValue =>
  id === null ? undefined : { id: id ?? fallback };

const first = (value: LuaValue): LuaValue => (Array.isArray(value) ? (value[0] as LuaValue) : value);

/** The body's bytes in chunks. An empty body is one empty chunk, as nginx delivers it. */
const cutBody = (body: Buffer, cuts: readonly number[] | 'bytes' | undefined): readonly Buffer[] => {
  const offsets =
    cuts === 'bytes' ? Array.from({ length: Math.max(0, body.length - 1) }, (_, index) => index + 1) : (cuts ?? []);
  const edges = [0, ...offsets, body.length];
  return edges.slice(1).map((end, index) => body.subarray(edges[index], end));
};

export const playOnFengari: PlayScenarios = (scenarios) =>
  scenarios.map((scenario) => likeMessagePack(new FakeKong(scenario).play()) as ScenarioResult);
