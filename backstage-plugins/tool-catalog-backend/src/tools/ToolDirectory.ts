import type { AuthService, LoggerService } from '@backstage/backend-plugin-api';
import { CATALOG_FILTER_EXISTS } from '@backstage/catalog-client';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { SERVER_ANNOTATION } from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { ManagementClient } from '../gateway/ManagementClient';
import { toCatalogServer, type CatalogServer } from './catalogServers';
import { readOpenApi } from './readOpenApi';
import type { ToolDefinition } from './toolDefinition';

export interface ToolDirectoryOptions {
  readonly catalog: CatalogService;
  readonly auth: AuthService;
  readonly management: ManagementClient;
  readonly logger: LoggerService;
  readonly now: () => number;
}

/** The catalog changes when its providers run: asking it for every request would be for nothing. */
const SERVERS_FRESH_MS = 2_000;

/**
 * Servers from the Backstage catalog and their tools: of a REST API from its OpenAPI document, of an MCP server from the lists
 * that its gateway saw, which are complete whoever asked for them. Knows nothing of who may see what.
 */
export class ToolDirectory {
  private known: { readonly at: number; readonly servers: Promise<readonly CatalogServer[]> } | undefined;
  private readonly documents = new Map<string, { readonly text: string; readonly tools: readonly ToolDefinition[] }>();
  private readonly definitions = new Map<string, { readonly hash: string; readonly tool: ToolDefinition }>();

  constructor(private readonly options: ToolDirectoryOptions) {}

  async servers(): Promise<readonly CatalogServer[]> {
    const now = this.options.now();
    if (this.known === undefined || now - this.known.at > SERVERS_FRESH_MS) {
      const servers = this.readServers();
      servers.catch(() => (this.known = undefined));
      this.known = { at: now, servers };
    }
    return this.known.servers;
  }

  async server(name: string): Promise<CatalogServer | undefined> {
    return (await this.servers()).find(({ server }) => server === name);
  }

  /** A gateway that is away leaves MCP tools with their names alone: the list is shown, the log says why it is poor. */
  async tools(server: CatalogServer): Promise<readonly ToolDefinition[]> {
    return server.kind === 'rest' ? this.operations(server) : this.mcpTools(server);
  }

  async tool(server: CatalogServer, name: string): Promise<ToolDefinition | undefined> {
    return (await this.tools(server)).find(({ tool }) => tool === name);
  }

  private async readServers(): Promise<readonly CatalogServer[]> {
    const { catalog, auth } = this.options;
    const credentials = await auth.getOwnServiceCredentials();
    const servers: CatalogServer[] = [];
    const names = new Set<string>();
    const { items } = await catalog.getEntities(
      { filter: { kind: 'API', [`metadata.annotations.${SERVER_ANNOTATION}`]: CATALOG_FILTER_EXISTS } },
      { credentials },
    );
    for (const entity of items) {
      const server = toCatalogServer(entity);
      if (server === undefined || names.has(server.server)) continue;
      names.add(server.server);
      servers.push(server);
    }
    return servers;
  }

  private operations({ server, definition = '' }: CatalogServer): readonly ToolDefinition[] {
    const known = this.documents.get(server);
    if (known?.text === definition) return known.tools;
    const tools = readOpenApi(definition);
    this.documents.set(server, { text: definition, tools });
    return tools;
  }

  private async mcpTools({ server, toolNames }: CatalogServer): Promise<readonly ToolDefinition[]> {
    const { management, logger } = this.options;
    const named = toolNames.map(withoutDefinition);
    if (!management.isConfigured) return named;
    try {
      const pinned = (await management.tools(server)).filter(({ state }) => state !== 'withdrawn');
      const seen = await Promise.all(pinned.map(({ tool, currentHash }) => this.definition(server, tool, currentHash)));
      const names = new Set(seen.map(({ tool }) => tool));
      return [...seen, ...named.filter(({ tool }) => !names.has(tool))];
    } catch (error) {
      logger.warn(
        `Tools of ${server} are shown by name only: ${error instanceof Error ? error.message : String(error)}`,
      );
      return named;
    }
  }

  private async definition(server: string, tool: string, hash: string): Promise<ToolDefinition> {
    const key = JSON.stringify([server, tool]);
    const known = this.definitions.get(key);
    if (known?.hash === hash) return known.tool;
    const found = toDefinition(tool, (await this.options.management.tool(server, tool))?.definition);
    this.definitions.set(key, { hash, tool: found });
    return found;
  }
}

const withoutDefinition = (tool: string): ToolDefinition => toDefinition(tool, undefined);

/** Texts and schemas of a server that may be hostile: taken as plain values, shown as plain text. */
const toDefinition = (tool: string, definition: unknown): ToolDefinition => {
  const given = objectOf(definition) ?? {};
  const [outputSchema, annotationsOfTool] = [objectOf(given.outputSchema), objectOf(given.annotations)];
  return {
    tool,
    title: typeof given.title === 'string' ? given.title : '',
    description: typeof given.description === 'string' ? given.description : '',
    inputSchema: objectOf(given.inputSchema) ?? { type: 'object' },
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(annotationsOfTool === undefined ? {} : { annotations: annotationsOfTool }),
  };
};

const objectOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
