export { toolCatalogPlugin as default } from './toolCatalogPlugin';
