import type { SchedulerServiceTaskScheduleDefinition } from '@backstage/backend-plugin-api';

/** One Kong, as configured under `catalog.providers.kong.<id>`; config.d.ts explains the fields. */
export interface KongProviderSettings {
  readonly id: string;
  readonly admin: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly gatewayUrl: string;
  readonly namespace: string;
  readonly timeoutSeconds: number;
  readonly schedule: SchedulerServiceTaskScheduleDefinition;
  readonly tags: {
    readonly mcp: readonly string[];
    readonly rest: readonly string[];
    readonly owner: readonly string[];
    readonly system: readonly string[];
    readonly lifecycle: readonly string[];
    readonly document: readonly string[];
  };
  /** `{name}` stands for what follows the prefix of the owner's tag. */
  readonly ownerTemplate: string;
  readonly defaultOwner: string;
  readonly defaultLifecycle: string;
  readonly tools: ToolsSettings;
  /** By name of the service in Kong. */
  readonly services: ReadonlyMap<string, ServiceSettings>;
}

export interface ToolsSettings {
  /** Whom to ask for tools: the server itself, or the gateway with a key that may list them all. */
  readonly through: 'upstream' | 'gateway';
  readonly headers: Readonly<Record<string, string>>;
}

/** What the catalog is told about one service, where Kong's tags do not say it. */
export interface ServiceSettings {
  readonly owner?: string;
  readonly system?: string;
  readonly lifecycle?: string;
  readonly title?: string;
  readonly description?: string;
  readonly document?: { readonly url: string; readonly headers: Readonly<Record<string, string>> };
  readonly tools?: { readonly url?: string; readonly headers: Readonly<Record<string, string>> };
}
