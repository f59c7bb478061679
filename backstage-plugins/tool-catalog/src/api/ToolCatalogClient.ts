import type { DiscoveryApi, FetchApi } from '@backstage/frontend-plugin-api';
import type {
  ApiKey,
  Application,
  AuditRecord,
  CreatedKey,
  Enrolment,
  LimitLeft,
  Monitor,
  Plan,
  SecondFactorStatus,
  StatementDetail,
  StatementSummary,
  Subscription,
  SubscriptionAction,
  ToolDetail,
  ToolPin,
  ToolPinDetail,
  ToolSummary,
  TryEvent,
  UsageReport,
  ViewerInfo,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';
import { readEvents } from './readEvents';

/** Refused by the backend, with a sentence that names the field and the fix. */
export class ToolCatalogError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }

  /** A fresh code of the second factor is missing, wrong or used. */
  get isAboutSecondFactor(): boolean {
    return this.message.startsWith('second factor: ');
  }
}

type Query = Readonly<Record<string, string | number | undefined>>;

interface Items<Item> {
  readonly items: readonly Item[];
}

/** The API of tool-catalog-backend, typed. Reads are cheap; nothing is kept here. */
export class ToolCatalogClient {
  constructor(private readonly options: { readonly discoveryApi: DiscoveryApi; readonly fetchApi: FetchApi }) {}

  viewer = (): Promise<ViewerInfo> => this.read('/viewer');
  tools = (query: Query = {}): Promise<readonly ToolSummary[]> => this.list('/tools', query);
  tool = (server: string, tool: string): Promise<ToolDetail> => this.read(`/tools/${part(server)}/${part(tool)}`);
  plans = (server?: string): Promise<readonly Plan[]> => this.list('/plans', { server });
  applications = (): Promise<readonly Application[]> => this.list('/applications');
  createApplication = (wanted: Pick<Application, 'id' | 'name' | 'team'>): Promise<Application> =>
    this.write('/applications', wanted);

  subscriptions = (role: 'mine' | 'provider'): Promise<readonly Subscription[]> =>
    this.list('/subscriptions', { role });
  subscribe = (wanted: { application: string; server: string; plan: string }): Promise<Subscription> =>
    this.write('/subscriptions', wanted);
  decide = (id: string, action: SubscriptionAction, reason?: string): Promise<Subscription> =>
    this.write(`/subscriptions/${part(id)}/${action}`, reason === undefined ? {} : { reason });

  keys = (application: string): Promise<readonly ApiKey[]> => this.list(`/applications/${part(application)}/keys`);
  createKey = (
    application: string,
    wanted: { name: string; expiresInDays?: number },
    code: string,
  ): Promise<CreatedKey> => this.write(`/applications/${part(application)}/keys`, wanted, code);
  rotateKey = (id: string, overlapHours: number, code: string): Promise<CreatedKey> =>
    this.write(`/keys/${part(id)}/rotate`, { overlapHours }, code);
  endKey = (id: string, action: 'revoke' | 'cut-off', code: string): Promise<ApiKey> =>
    this.write(`/keys/${part(id)}/${action}`, {}, code);

  secondFactor = (): Promise<SecondFactorStatus> => this.read('/second-factor');
  enrol = (): Promise<Enrolment> => this.write('/second-factor/enrol', {});
  confirm = (code: string): Promise<unknown> => this.write('/second-factor/confirm', { code });
  resetSecondFactor = (code: string): Promise<unknown> => this.write('/second-factor/reset', { code });

  monitor = (query: Query): Promise<Monitor> => this.read('/monitor', query);
  limitsLeft = (query: { application: string; server: string; tool: string }): Promise<readonly LimitLeft[]> =>
    this.list('/limits', query);

  usage = (query: Query): Promise<UsageReport> => this.read('/usage', query);
  statements = (): Promise<readonly StatementSummary[]> => this.list('/statements');
  statement = (id: string): Promise<StatementDetail> => this.read(`/statements/${part(id)}`);
  audit = (query: Query): Promise<Items<AuditRecord> & { readonly nextCursor?: string }> => this.read('/audit', query);

  /** The whole record, arguments redacted. */
  auditRecord = (id: string): Promise<{ readonly arguments?: unknown; readonly detail?: string }> =>
    this.read(`/audit/${part(id)}`);

  pins = (): Promise<readonly ToolPin[]> => this.list('/pins');
  pin = (server: string, tool: string): Promise<ToolPinDetail> => this.read(`/pins/${part(server)}/${part(tool)}`);
  approvePin = (server: string, tool: string, hash: string): Promise<ToolPinDetail> =>
    this.write(`/pins/${part(server)}/${part(tool)}/approve`, { hash });

  /** Events as they come; ends with the stream. Leaving the loop ends the call. */
  async *try(wanted: {
    application: string;
    server: string;
    tool: string;
    arguments: object;
  }): AsyncGenerator<TryEvent> {
    const left = new AbortController();
    try {
      const response = await this.send('/try', {
        method: 'POST',
        body: JSON.stringify(wanted),
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        signal: left.signal,
      });
      yield* readEvents(response);
    } finally {
      left.abort();
    }
  }

  private async list<Item>(path: string, query: Query = {}): Promise<readonly Item[]> {
    return (await this.read<Items<Item>>(path, query)).items;
  }

  private async read<Answer>(path: string, query: Query = {}): Promise<Answer> {
    const given = Object.entries(query).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, String(value)]],
    );
    const search = new URLSearchParams(given).toString();
    const response = await this.send(search === '' ? path : `${path}?${search}`, {});
    return (await response.json()) as Answer;
  }

  private async write<Answer>(path: string, body: object, code?: string): Promise<Answer> {
    const response = await this.send(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...(code === undefined ? {} : { 'x-second-factor': code }) },
    });
    return (await response.json()) as Answer;
  }

  private async send(path: string, init: RequestInit): Promise<Response> {
    const { discoveryApi, fetchApi } = this.options;
    const response = await fetchApi.fetch(`${await discoveryApi.getBaseUrl('tool-catalog')}${path}`, init);
    if (!response.ok) throw new ToolCatalogError(await sentenceOf(response), response.status);
    return response;
  }
}

const part = encodeURIComponent;

const sentenceOf = async (response: Response): Promise<string> => {
  const answer = (await response.json().catch(() => undefined)) as
    { readonly error?: { readonly message?: string } } | undefined;
  return answer?.error?.message ?? `The portal's backend answered ${response.status}. Try again in a moment.`;
};
