import type { Entity } from '@backstage/catalog-model';
import { annotations } from '../annotations';
import type { KongProviderSettings } from '../config/KongProviderSettings';
import type { KongService } from '../kong/KongService';
import { entityName, entityTags } from './entityName';
import type { ObservedState } from './Observation';

export interface Description {
  readonly title?: string | undefined;
  readonly description: string;
  readonly state: ObservedState;
  readonly link: string | undefined;
}

/** The part of an entity that does not depend on what kind of server it is. */
export const describeService = (
  service: KongService,
  settings: KongProviderSettings,
  { title, description, state, link }: Description,
): { readonly metadata: Entity['metadata']; readonly spec: { lifecycle: string; owner: string; system?: string } } => {
  const told = settings.services.get(service.name);
  const location = `kong:${settings.id}/${service.name}`;
  const system = told?.system ?? tagValue(service.tags, settings.tags.system);
  const shownTitle = told?.title ?? title;
  return {
    metadata: {
      namespace: settings.namespace,
      name: entityName(service.name),
      ...(shownTitle === undefined ? {} : { title: shownTitle }),
      description: told?.description ?? description,
      annotations: {
        'backstage.io/managed-by-location': location,
        'backstage.io/managed-by-origin-location': location,
        [annotations.instance]: settings.id,
        [annotations.service]: service.name,
        [annotations.serviceId]: service.id,
        ...(service.governance?.server === undefined ? {} : { [annotations.server]: service.governance.server }),
        [annotations.state]: state.state,
        ...(state.reason === undefined ? {} : { [annotations.stateReason]: state.reason }),
      },
      tags: [...entityTags(service.tags)],
      ...(link === undefined ? {} : { links: [{ url: link, title: 'At the gateway' }] }),
    },
    spec: {
      lifecycle: told?.lifecycle ?? tagValue(service.tags, settings.tags.lifecycle) ?? settings.defaultLifecycle,
      owner: told?.owner ?? ownerOf(service.tags, settings) ?? settings.defaultOwner,
      ...(system === undefined ? {} : { system }),
    },
  };
};

const ownerOf = (tags: readonly string[], settings: KongProviderSettings): string | undefined => {
  const name = tagValue(tags, settings.tags.owner);
  return name === undefined ? undefined : settings.ownerTemplate.replaceAll('{name}', name);
};

/** What follows the first prefix that a tag begins with; prefixes in the order of the configuration. */
export const tagValue = (tags: readonly string[], prefixes: readonly string[]): string | undefined =>
  prefixes
    .flatMap((prefix) => tags.filter((tag) => tag.startsWith(prefix)).map((tag) => tag.slice(prefix.length)))
    .find((value) => value !== '');
