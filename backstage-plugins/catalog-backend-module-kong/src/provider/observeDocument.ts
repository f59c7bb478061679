import type { Entity } from '@backstage/catalog-model';
import type { KongProviderSettings } from '../config/KongProviderSettings';
import { documentOfOperations } from '../documents/documentOfOperations';
import { readDocument } from '../documents/readDocument';
import { tagValue } from '../entities/describeService';
import type { FoundDocument, ObservedDocument } from '../entities/toRestApiEntity';
import { fetchText } from '../fetchText';
import type { KongService } from '../kong/KongService';
import { failure, success, type Result } from '../result';
import { lastSeenDocument } from './lastSeen';

/** As large as mcp-governance takes one (`rest.openapi`). */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

/**
 * The OpenAPI document of a service: from the address that the configuration or a tag gives; else as the gateway knows it.
 * When the address fails, what the entity showed last.
 */
export const observeDocument = async (
  service: KongService,
  settings: KongProviderSettings,
  previous: () => Promise<Entity | undefined>,
): Promise<ObservedDocument> => {
  const address = addressOf(service, settings);
  if (address === undefined) return documentOfGateway(service);
  const fetched = await fetchDocument(address, settings.timeoutSeconds);
  if (fetched.ok) return { found: fetched.value, state: { state: 'ok' } };
  const last = lastSeenDocument(await previous());
  const reason = `The OpenAPI document ${fetched.error}`;
  return last === undefined
    ? {
        found: documentOfGateway(service).found,
        state: { state: 'unknown', reason: `${reason}; it was not seen yet.` },
      }
    : { found: last, state: { state: 'stale', reason: `${reason}; this is the one seen last.` } };
};

interface Address {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const addressOf = (service: KongService, settings: KongProviderSettings): Address | undefined => {
  const told = settings.services.get(service.name)?.document;
  const path = told?.url ?? tagValue(service.tags, settings.tags.document);
  if (path === undefined) return undefined;
  const base = `${service.upstreamUrl.replace(/\/$/, '')}/`;
  return { url: new URL(path.replace(/^\//, ''), base).href, headers: told?.headers ?? {} };
};

const fetchDocument = async (address: Address, timeoutSeconds: number): Promise<Result<FoundDocument, string>> => {
  const text = await fetchText(address.url, {
    headers: { accept: 'application/json, application/yaml, */*', ...address.headers },
    timeoutSeconds,
    maxBytes: MAX_DOCUMENT_BYTES,
  });
  if (!text.ok) return failure(text.error.sentence);
  const read = readDocument(text.value);
  return read.ok ? success({ ...read.value, base: 'service' }) : read;
};

const documentOfGateway = (service: KongService): ObservedDocument => {
  const { openapi = undefined, operations = [] } = service.governance?.rest ?? {};
  const configured = openapi === undefined ? undefined : readDocument(openapi);
  if (configured?.ok) return { found: { ...configured.value, base: 'gateway' }, state: { state: 'ok' } };
  return {
    found: { ...documentOfOperations(service), base: 'gateway' },
    state:
      operations.length > 0
        ? { state: 'ok' }
        : { state: 'unknown', reason: 'Nobody has said where the OpenAPI document of this API is.' },
  };
};
