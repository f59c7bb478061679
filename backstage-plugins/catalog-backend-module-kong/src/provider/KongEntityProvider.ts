import type { LoggerService, SchedulerServiceTaskRunner } from '@backstage/backend-plugin-api';
import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import type { EntityProvider, EntityProviderConnection } from '@backstage/plugin-catalog-node';
import { annotations } from '../annotations';
import type { KongProviderSettings } from '../config/KongProviderSettings';
import { tagValue } from '../entities/describeService';
import { entityName } from '../entities/entityName';
import { toGatewayEntity } from '../entities/toGatewayEntity';
import { toMcpServerEntity } from '../entities/toMcpServerEntity';
import { toRestApiEntity } from '../entities/toRestApiEntity';
import { KongAdminApi } from '../kong/KongAdminApi';
import type { KongService } from '../kong/KongService';
import { readKongServices } from '../kong/readKongServices';
import { mapInTurns } from './mapInTurns';
import { observeDocument } from './observeDocument';
import { observeTools } from './observeTools';

/** Servers asked at the same time: enough to pass by one that hangs, and no burst. */
const ASKED_AT_ONCE = 4;

export interface KongEntityProviderOptions {
  readonly settings: KongProviderSettings;
  readonly logger: LoggerService;
  readonly taskRunner: SchedulerServiceTaskRunner;
  /** The entity as the catalog has it; another node or an earlier run may have given it. */
  readonly findEntity: (entityRef: string) => Promise<Entity | undefined>;
}

export type RefreshOutcome =
  | { readonly kind: 'kong_away'; readonly reason: string }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'applied'; readonly changed: number; readonly removed: number };

/**
 * Keeps the entities of one Kong. What did not change is not touched; while Kong is away nothing is; while one server is
 * away its entity keeps what was seen last and says so. Entities of others are never touched: the catalog refuses a name
 * that has another location key.
 */
export class KongEntityProvider implements EntityProvider {
  readonly #options: KongEntityProviderOptions;
  readonly #admin: KongAdminApi;
  #connection: EntityProviderConnection | undefined;
  /** Given to the catalog by this process, by reference. Undefined before the first time. */
  #given: ReadonlyMap<string, Entity> | undefined;
  #kongAway: string | undefined;

  constructor(options: KongEntityProviderOptions) {
    this.#options = options;
    const { admin, timeoutSeconds } = options.settings;
    this.#admin = new KongAdminApi({ ...admin, timeoutSeconds });
  }

  getProviderName(): string {
    return `kong:${this.#options.settings.id}`;
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
    await this.#options.taskRunner.run({
      id: `kong-entity-provider:${this.#options.settings.id}`,
      fn: async () => {
        await this.refresh();
      },
    });
  }

  /** One look at Kong and its servers. Rejects only when the catalog does not take the change. */
  async refresh(): Promise<RefreshOutcome> {
    const services = await readKongServices(this.#admin);
    if (!services.ok) return this.#kongIsAway(services.error.sentence);
    this.#kongIsBack();
    const apis = (await mapInTurns(services.value, ASKED_AT_ONCE, (service) => this.#toEntity(service))).filter(
      (entity) => entity !== undefined,
    );
    apis.sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1));
    return this.#give([...apis, toGatewayEntity(this.#options.settings)]);
  }

  async #toEntity(service: KongService): Promise<Entity | undefined> {
    const { settings } = this.#options;
    const kind = kindOf(service, settings);
    if (kind === undefined) return undefined;
    const previous = () => this.#previous(service);
    return kind === 'mcp'
      ? toMcpServerEntity(service, settings, await observeTools(service, settings, previous))
      : toRestApiEntity(service, settings, await observeDocument(service, settings, previous));
  }

  /** The entity that this provider gave last, and not somebody else's of the same name. */
  async #previous(service: KongService): Promise<Entity | undefined> {
    const { settings, findEntity, logger } = this.#options;
    const ref = stringifyEntityRef({ kind: 'API', namespace: settings.namespace, name: entityName(service.name) });
    const stored = await findEntity(ref).catch((error: unknown) => {
      logger.warn(`The catalog could not be asked for ${ref}: ${String(error)}`);
      return undefined;
    });
    const isOurs = stored?.metadata.annotations?.[annotations.instance] === settings.id;
    return isOurs ? stored : this.#given?.get(ref);
  }

  async #give(entities: readonly Entity[]): Promise<RefreshOutcome> {
    if (this.#connection === undefined) throw new Error('The provider is not connected to a catalog.');
    const next = new Map(entities.map((entity) => [stringifyEntityRef(entity), entity]));
    const before = this.#given;
    const locationKey = this.getProviderName();
    const changed = [...next].filter(([ref, entity]) => !isSame(before?.get(ref), entity));
    const removed = [...(before?.keys() ?? [])].filter((ref) => !next.has(ref));
    const added = changed.map(([, entity]) => ({ entity, locationKey }));
    if (before === undefined) await this.#connection.applyMutation({ type: 'full', entities: added });
    else if (added.length > 0 || removed.length > 0)
      await this.#connection.applyMutation({
        type: 'delta',
        added,
        removed: removed.map((entityRef) => ({ entityRef, locationKey })),
      });
    else return { kind: 'unchanged' };
    this.#given = next;
    this.#report(
      changed.map(([, entity]) => entity),
      removed,
    );
    return { kind: 'applied', changed: changed.length, removed: removed.length };
  }

  #report(changed: readonly Entity[], removed: readonly string[]): void {
    const { logger } = this.#options;
    logger.info(`${this.getProviderName()}: ${changed.length} entities new or changed, ${removed.length} removed`);
    for (const { metadata } of changed) {
      const reason = metadata.annotations?.[annotations.stateReason];
      if (reason !== undefined) logger.warn(`${this.getProviderName()}: ${metadata.name}: ${reason}`);
    }
  }

  /** Said once, not each minute. */
  #kongIsAway(reason: string): RefreshOutcome {
    if (this.#kongAway !== reason)
      this.#options.logger.warn(
        `${this.getProviderName()}: Kong's Admin API ${reason}; the catalog keeps what was seen last`,
      );
    this.#kongAway = reason;
    return { kind: 'kong_away', reason };
  }

  #kongIsBack(): void {
    if (this.#kongAway !== undefined) this.#options.logger.info(`${this.getProviderName()}: Kong's Admin API is back`);
    this.#kongAway = undefined;
  }
}

/** Tags say it; without them, what the plugin's configuration says. Anything else is not for this catalog. */
const kindOf = (service: KongService, { tags }: KongProviderSettings): 'mcp' | 'rest' | undefined => {
  if (service.tags.some((tag) => tags.mcp.includes(tag))) return 'mcp';
  if (service.tags.some((tag) => tags.rest.includes(tag))) return 'rest';
  return service.governance?.kind ?? (tagValue(service.tags, tags.document) === undefined ? undefined : 'rest');
};

const isSame = (left: Entity | undefined, right: Entity): boolean =>
  left !== undefined && JSON.stringify(left) === JSON.stringify(right);
