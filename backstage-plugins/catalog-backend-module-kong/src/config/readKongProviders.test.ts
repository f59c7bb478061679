import { ConfigReader } from '@backstage/config';
import { settingsOf } from '../testing/settings';
import { readKongProviders } from './readKongProviders';

describe('the configuration of a Kong', () => {
  it('may be absent', () => {
    expect(readKongProviders(new ConfigReader({}))).toEqual([]);
  });

  it('needs two addresses only', () => {
    expect(settingsOf({})).toMatchObject({
      id: 'test',
      admin: { url: 'http://kong.test:8001', headers: {} },
      gatewayUrl: 'https://gw.example.com',
      namespace: 'default',
      timeoutSeconds: 10,
      schedule: { frequency: { minutes: 1 } },
      tags: { mcp: ['mcp'], rest: ['rest'] },
      ownerTemplate: '{name}',
      defaultOwner: 'unknown',
      tools: { through: 'gateway', headers: {} },
    });
  });

  it('may say everything', () => {
    const settings = settingsOf({
      adminToken: 'test-token',
      adminHeaders: { apikey: 'test-key' },
      schedule: { frequency: { seconds: 30 }, timeout: { seconds: 20 } },
      tools: { through: 'upstream', headers: { authorization: 'Bearer test' } },
      services: [
        {
          name: 'commerce-api',
          owner: 'group:default/commerce',
          document: { url: '/openapi.json', headers: { apikey: 'test-key' } },
          tools: { url: 'http://other/mcp' },
        },
      ],
    });
    expect(settings.admin.headers).toEqual({ 'Kong-Admin-Token': 'test-token', apikey: 'test-key' });
    expect(settings.schedule.frequency).toEqual({ seconds: 30 });
    expect(settings.services.get('commerce-api')).toEqual({
      owner: 'group:default/commerce',
      document: { url: '/openapi.json', headers: { apikey: 'test-key' } },
      tools: { url: 'http://other/mcp', headers: {} },
    });
  });

  it.each([
    [{ adminUrl: 'kong:8001' }, 'catalog.providers.kong.test.adminUrl must be an http or https address'],
    [{ gatewayUrl: 'file:///etc' }, 'catalog.providers.kong.test.gatewayUrl must be an http or https address'],
    [{ timeoutSeconds: 0 }, 'catalog.providers.kong.test.timeoutSeconds must be more than 0 and at most 120'],
    [{ tools: { through: 'kong' } }, 'catalog.providers.kong.test.tools.through must be "upstream" or "gateway"'],
  ])('is refused when wrong, by the name of the field: %j', (provider, message) => {
    expect(() => settingsOf(provider)).toThrow(message);
  });
});
