import type { LimitLeft } from '@mcp-governance/backstage-plugin-tool-catalog-common';

/** One tool as the gateway saw it last (docs/tool-pins.md, API). */
export interface PinnedTool {
  readonly server: string;
  readonly tool: string;
  readonly state: 'new' | 'approved' | 'changed' | 'withdrawn';
  readonly currentHash: string;
  readonly approvedHash?: string;
  readonly warnings: readonly string[];
  readonly firstSeenAt: string;
  readonly changedAt?: string;
  readonly approvedAt?: string;
}

export interface PinnedToolDetail extends PinnedTool {
  readonly definition: unknown;
  readonly approvedDefinition?: unknown;
  readonly diff?: {
    readonly differences: readonly {
      readonly pointer: string;
      readonly change: string;
      readonly before?: unknown;
      readonly after?: unknown;
      /** Invisible characters written out. */
      readonly text: string;
    }[];
    readonly isCut: boolean;
  };
}

/** The consumer whose calls it is about, as Kong has it (docs/limits.md, What is left). */
export interface GatewayCaller {
  readonly id: string;
  readonly username: string;
  readonly custom_id?: string;
  readonly tags: readonly string[];
  readonly groups: readonly string[];
}

export class ManagementError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code?: string,
  ) {
    super(message);
  }
}

const TIMEOUT_MS = 5_000;
const MAX_PAGES = 100;

/** The plugin server's management API of one gateway node. Several nodes: give each; approvals go to all. */
export class ManagementClient {
  constructor(private readonly options: { readonly urls: readonly string[]; readonly token: string }) {}

  get isConfigured(): boolean {
    return this.options.urls.length > 0;
  }

  async tools(server?: string): Promise<readonly PinnedTool[]> {
    const found: PinnedTool[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query = new URLSearchParams({
        limit: '500',
        ...(server === undefined ? {} : { server }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      const answer = (await this.ask(this.first(), `/v1/tools?${query.toString()}`)) as {
        readonly items: readonly PinnedTool[];
        readonly nextCursor?: string;
      };
      found.push(...answer.items);
      if (answer.nextCursor === undefined) break;
      cursor = answer.nextCursor;
    }
    return found;
  }

  async tool(server: string, tool: string): Promise<PinnedToolDetail | undefined> {
    try {
      return (await this.ask(this.first(), pathOf(server, tool))) as PinnedToolDetail;
    } catch (error) {
      if (error instanceof ManagementError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** On every node; rejects with the first refusal (409: the tool has changed since `hash` was read). */
  async approve(server: string, tool: string, hash: string): Promise<PinnedToolDetail> {
    const answers = [];
    for (const url of this.options.urls) answers.push(await this.ask(url, `${pathOf(server, tool)}/approve`, { hash }));
    return answers[0] as PinnedToolDetail;
  }

  /** Of the first node that can say: each knows the servers that it has served, and most share their counters. */
  async limitsLeft(question: {
    readonly server: string;
    readonly tool: string;
    readonly caller: GatewayCaller;
  }): Promise<readonly LimitLeft[]> {
    let asked = this.limitsAt(this.first(), question);
    for (const url of this.options.urls.slice(1)) asked = asked.catch(() => this.limitsAt(url, question));
    return asked;
  }

  private async limitsAt(url: string, question: { readonly server: string }): Promise<readonly LimitLeft[]> {
    try {
      const { limits } = (await this.ask(url, '/v1/limits/left', question)) as {
        readonly limits: readonly (Omit<LimitLeft, 'resetsAt'> & { readonly resets_at?: string })[];
      };
      return limits.map(({ resets_at: resetsAt, ...limit }) => ({
        ...limit,
        ...(resetsAt === undefined ? {} : { resetsAt }),
      }));
    } catch (error) {
      if (!(error instanceof ManagementError) || error.code !== 'not_served') throw error;
      throw new ManagementError(
        `The gateway has served no call to ${question.server} since it started, so it cannot say what is left. Make one, then it shows here.`,
        0,
      );
    }
  }

  private first(): string {
    const [url] = this.options.urls;
    if (url === undefined)
      throw new ManagementError('toolCatalog.gateway.managementUrls is not set: the portal knows no gateway node.', 0);
    return url;
  }

  private async ask(url: string, path: string, body?: object): Promise<unknown> {
    const answer = await this.send(url, path, body);
    const content = (await answer.json().catch(() => undefined)) as
      { readonly detail?: string; readonly code?: string } | undefined;
    if (answer.ok) return content;
    throw new ManagementError(
      content?.detail ?? `The gateway's management API answered ${answer.status}.`,
      answer.status,
      content?.code,
    );
  }

  private async send(url: string, path: string, body?: object): Promise<Response> {
    try {
      return await fetch(`${url.replace(/\/$/, '')}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: {
          authorization: `Bearer ${this.options.token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      throw new ManagementError(
        `The gateway's management API at ${new URL(url).origin} is not reachable. After a start of Kong it opens with the first call to an MCP server behind it.`,
        0,
      );
    }
  }
}

const pathOf = (server: string, tool: string): string =>
  `/v1/tools/${encodeURIComponent(server)}/${encodeURIComponent(tool)}`;
