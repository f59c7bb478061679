import type { Entity } from '@backstage/catalog-model';
import { annotations } from '../annotations';
import { describeDocument } from '../documents/readDocument';
import type { FoundDocument } from '../entities/toRestApiEntity';
import { isRecord, recordAt, textAt, textsAt } from '../json';
import type { ServerTools } from '../servers/ServerTools';

/** The tools that an entity shows, if it ever showed any. */
export const lastSeenTools = (entity: Entity | undefined): ServerTools | undefined => {
  const spec = entity?.spec;
  if (!isRecord(spec) || spec.type !== 'mcp-server' || !Array.isArray(spec.toolNames)) return undefined;
  const info = recordAt(spec, 'serverInfo');
  const title = textAt(info, 'title');
  return {
    toolNames: textsAt(spec, 'toolNames'),
    serverInfo: {
      name: textAt(info, 'name') ?? 'unknown',
      version: textAt(info, 'version') ?? 'unknown',
      ...(title === undefined ? {} : { title }),
    },
    era: textAt(spec, 'protocolEra') ?? 'legacy',
  };
};

/** The document that an entity shows, unless that is only what stood in for one that was never seen. */
export const lastSeenDocument = (entity: Entity | undefined): FoundDocument | undefined => {
  const spec = entity?.spec;
  if (!isRecord(spec) || spec.type !== 'openapi') return undefined;
  if (entity?.metadata.annotations?.[annotations.state] === 'unknown') return undefined;
  const document: unknown = parseJson(textAt(spec, 'definition') ?? '');
  return isRecord(document) ? { ...describeDocument(document), base: 'entity' } : undefined;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
