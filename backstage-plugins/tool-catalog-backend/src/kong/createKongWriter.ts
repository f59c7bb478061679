import type { ToolCatalogConfig } from '../readConfig';
import { AdminApiWriter } from './AdminApiWriter';
import { DeclarativeFileWriter } from './DeclarativeFileWriter';
import { KongAdminClient } from './KongAdminClient';
import type { KongWriter } from './kongChanges';

/** With a declarative file configured Kong is DB-less, and every node loads each new version of it. */
export const createKongWriter = ({ kong }: Pick<ToolCatalogConfig, 'kong'>): KongWriter => {
  const admins = kong.adminUrls.map(
    (url) => new KongAdminClient({ url, ...(kong.adminToken === undefined ? {} : { token: kong.adminToken }) }),
  );
  const [first] = admins;
  if (first === undefined) throw new Error('toolCatalog.kong.adminUrls: give the address of Kong’s Admin API.');
  if (kong.declarativeFile === undefined) return new AdminApiWriter(first);
  return new DeclarativeFileWriter({
    file: kong.declarativeFile,
    load: async (text) => {
      for (const admin of admins) await admin.send('POST', '/config', { config: text });
    },
  });
};
