export { toolCatalogPlugin as default } from './toolCatalogPlugin';
export { toolCatalogApiRef, type ToolCatalogApi } from './api/toolCatalogApiRef';
