import { ToolCatalogClient } from './api/ToolCatalogClient';
import { toolCatalogApiRef } from './api/toolCatalogApiRef';
import { toolCatalogLegacyPlugin } from './legacy';

describe('the plugin for the old frontend system', () => {
  it('provides the same client under the same reference', () => {
    const [factory] = [...toolCatalogLegacyPlugin.getApis()];
    expect(factory?.api.id).toBe(toolCatalogApiRef.id);
    expect(factory?.factory({} as never)).toBeInstanceOf(ToolCatalogClient);
  });
});
