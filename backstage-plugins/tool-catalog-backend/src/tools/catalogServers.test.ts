import { entities } from '../testing/organization';
import { toCatalogServer } from './catalogServers';

const of = (name: string) => {
  const entity = entities.find(({ metadata }) => metadata.name === name);
  return entity && toCatalogServer(entity);
};

describe('a server of the catalog', () => {
  it('is a REST API whose address at the gateway is the server of its document', () => {
    expect(of('commerce-api')).toMatchObject({
      server: 'commerce',
      kind: 'rest',
      owner: 'group:default/team-commerce',
      gatewayUrl: 'http://127.0.0.1:9/commerce',
      visibleTo: [],
    });
  });

  it('is an MCP server whose address is its remote, and which may be for some only', () => {
    const entity = entities.find(({ metadata }) => metadata.name === 'secret-api');
    const remote = { type: 'streamable-http', url: 'http://127.0.0.1:9/mcp/secret' };
    expect(entity && toCatalogServer({ ...entity, spec: { ...entity.spec, remotes: [remote] } })).toMatchObject({
      kind: 'mcp',
      gatewayUrl: remote.url,
      visibleTo: ['group:default/team-support'],
    });
  });

  it('is no group, and no API that the gateway does not have', () => {
    expect(of('team-support')).toBeUndefined();
  });

  it.each(['{', '{}', 'servers: [{ url: 5 }]', 'servers: [{ url: relative }]'])(
    'without an address cannot be called, but is shown: %j',
    (definition) => {
      const entity = entities.find(({ metadata }) => metadata.name === 'commerce-api');
      expect(entity && toCatalogServer({ ...entity, spec: { ...entity.spec, definition } })).toMatchObject({
        gatewayUrl: '',
      });
    },
  );
});
