import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { consumers, governance, guard, keyAuth, service } from '../failures/harness/declarative.ts';
import { callTool, type McpAnswer } from '../failures/harness/mcp-client.ts';
import { startMcpUpstream, type McpUpstream } from '../failures/harness/mcp-upstream.ts';
import { makePrefix, startTestGateway, type TestGateway } from '../failures/harness/test-gateway.ts';

/** One governed MCP server behind a gateway of its own. `alice` is of the tenant acme, `bob` of globex. */
export interface OrdersGateway extends TestGateway {
  readonly upstream: McpUpstream;
  /** `tools/call` without arguments, as alice. */
  call(tool?: string): Promise<McpAnswer>;
  /** Replaces a file below the prefix, as an editor does. */
  write(file: string, content: string | object): void;
}

export interface OrdersOptions {
  /** The policy snapshot, in the configuration. */
  readonly policy?: object;
  /** Further fields of the plugin. */
  readonly config?: object;
  /** Files below the prefix that are there at the start. */
  readonly files?: Readonly<Record<string, string | object>>;
  readonly tools?: readonly string[];
}

export const startOrders = async ({
  policy,
  config = {},
  files = {},
  tools = ['*'],
}: OrdersOptions): Promise<OrdersGateway> => {
  const prefix = makePrefix();
  const write: OrdersGateway['write'] = (file, content) => replaceFile(path.join(prefix, file), content);
  for (const [file, content] of Object.entries(files)) write(file, content);
  const upstream = await startMcpUpstream();
  const more = { ...(policy === undefined ? {} : { policy: { inline: snapshot(policy) } }), ...config };
  const plugins = [keyAuth, governance(tools, more), guard];
  const declarative = { services: [service({ url: upstream.url, plugins })], consumers };
  const gateway = await startTestGateway({ declarative, prefix }).catch(async (error: unknown) => {
    await upstream.close();
    throw error;
  });
  return {
    ...gateway,
    upstream,
    call: (tool = 'search_orders') => callTool(gateway.proxyUrl, tool),
    write,
    close: async () => {
      await gateway.close();
      await upstream.close();
    },
  };
};

/** JSON is YAML. */
export const snapshot = (policy: object): string => JSON.stringify({ version: 1, ...policy });

const replaceFile = (file: string, content: string | object): void => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, typeof content === 'string' ? content : snapshot(content));
  renameSync(`${file}.new`, file);
};

interface ToolAnswer {
  readonly result?: {
    readonly isError?: boolean;
    readonly content?: readonly { readonly text: string }[];
    readonly tools?: readonly { readonly name: string }[];
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
  readonly error?: { readonly code: number; readonly data?: { readonly reason?: string } };
}

export const bodyOf = ({ body }: Pick<McpAnswer, 'body'>): ToolAnswer => JSON.parse(body) as ToolAnswer;

/** Why the gateway refused; undefined for what the server answered. */
export const reasonOf = ({ headers }: McpAnswer): string | undefined =>
  headers.get('x-mcp-governance-reason') ?? undefined;

export const textOf = (answer: McpAnswer): string => bodyOf(answer).result?.content?.[0]?.text ?? '';
