import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import { parse } from 'yaml';
import {
  GATEWAY_URL_ANNOTATION,
  SERVER_ANNOTATION,
  VISIBLE_TO_ANNOTATION,
} from '@mcp-governance/backstage-plugin-tool-catalog-common';
import type { ServerResource } from '../permissions/resources';

/** A server of the catalog: an API entity with these annotations. */
export interface CatalogServer extends ServerResource {
  readonly kind: 'mcp' | 'rest';
  readonly entityRef: string;
  readonly title: string;
  readonly gatewayUrl: string;
  /** MCP: names of its tools as the catalog knows them. */
  readonly toolNames: readonly string[];
  /** REST: the OpenAPI document. */
  readonly definition?: string;
}

/** Undefined for an entity that is no server behind the gateway. */
export const toCatalogServer = (entity: Entity): CatalogServer | undefined => {
  const { annotations: given = {}, title, name } = entity.metadata;
  const spec = (entity.spec ?? {}) as Readonly<Record<string, unknown>>;
  const server = given[SERVER_ANNOTATION];
  if (server === undefined) return undefined;
  const kind = spec.type === 'mcp-server' ? 'mcp' : 'rest';
  const [remote] = (spec.remotes ?? []) as readonly { readonly url?: string }[];
  return {
    server,
    kind,
    owner: ownerOf(entity, spec),
    visibleTo: (given[VISIBLE_TO_ANNOTATION] ?? '')
      .split(',')
      .map((ref) => ref.trim())
      .filter((ref) => ref !== ''),
    entityRef: stringifyEntityRef(entity),
    title: title ?? name,
    gatewayUrl:
      given[GATEWAY_URL_ANNOTATION] ??
      remote?.url ??
      (typeof spec.definition === 'string' ? firstServerOf(spec.definition) : ''),
    toolNames: Array.isArray(spec.toolNames) ? (spec.toolNames as readonly string[]) : [],
    ...(typeof spec.definition === 'string' ? { definition: spec.definition } : {}),
  };
};

/** The catalog's own relation, which is a whole ref; the spec's text before it is processed. */
const ownerOf = (entity: Entity, spec: Readonly<Record<string, unknown>>): string =>
  entity.relations?.find(({ type }) => type === 'ownedBy')?.targetRef ??
  (typeof spec.owner === 'string' ? spec.owner : '');

/** The Kong provider leaves the gateway as the only server of a document. */
const firstServerOf = (definition: string): string => {
  try {
    const { servers } = parse(definition, { maxAliasCount: 100 }) as {
      servers?: readonly { readonly url?: unknown }[];
    };
    const [first] = servers ?? [];
    return typeof first?.url === 'string' && URL.canParse(first.url) ? first.url : '';
  } catch {
    return '';
  }
};
