import { createApiRef } from '@backstage/frontend-plugin-api';
import type { ToolCatalogClient } from './ToolCatalogClient';

/** The members of the client, so that a test can stand in for it. */
export type ToolCatalogApi = Omit<ToolCatalogClient, 'options'>;

/** API of tool-catalog-backend. */
export const toolCatalogApiRef = createApiRef<ToolCatalogApi>({ id: 'plugin.tool-catalog.client' });
