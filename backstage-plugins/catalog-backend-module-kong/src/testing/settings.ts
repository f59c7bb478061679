import { ConfigReader } from '@backstage/config';
import type { JsonObject } from '@backstage/types';
import type { KongProviderSettings } from '../config/KongProviderSettings';
import { readKongProviders } from '../config/readKongProviders';

/** Settings as the configuration gives them, of a provider named `test`. */
export const settingsOf = (provider: JsonObject): KongProviderSettings => {
  const config = { adminUrl: 'http://kong.test:8001', gatewayUrl: 'https://gw.example.com', ...provider };
  const [settings] = readKongProviders(new ConfigReader({ catalog: { providers: { kong: { test: config } } } }));
  if (settings === undefined) throw new Error('The configuration gives no provider.');
  return settings;
};
