import { useApi } from '@backstage/frontend-plugin-api';
import { toolCatalogApiRef, type ToolCatalogApi } from '../api/toolCatalogApiRef';

export const useToolCatalog = (): ToolCatalogApi => useApi(toolCatalogApiRef);
