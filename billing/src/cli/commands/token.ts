import { success } from '../../domain/result.ts';
import { didYouMean } from '../../domain/text/closest.ts';
import { roles, type Role } from '../../http/access.ts';
import { addToken, listTokens, revokeToken } from '../../http/token-store.ts';
import type { SessionCommand } from '../command.ts';
import { misused, refused } from '../failure.ts';
import { readTenant } from '../options.ts';
import { formatTable } from '../table.ts';

const DAY_MILLISECONDS = 86_400_000;

export const tokenAdd: SessionCommand = {
  name: 'token add',
  needs: 'database',
  summary: 'make a token for the API',
  usage: 'NAME --role ROLE [options]',
  help: `Makes a token and prints it once; what is kept is its SHA-256.

  stoa-billing token add portal --role usage --role audit --role finance
  stoa-billing token add acme-dashboard --role usage --tenant acme --days 90
  stoa-billing token add kong --role gateway

  --role ROLE       usage: calls, costs, prices, budgets; audit: single records; finance: also statements and setting
                    budgets; gateway: the policy document; admin: everything. May be repeated
  --tenant ID       sees this tenant and nothing of any other
  --days N          expires after so many days (default never)`,
  options: { role: { type: 'string', multiple: true }, tenant: { type: 'string' }, days: { type: 'string' } },
  positionals: { min: 1, max: 1 },
  run: async (parameters, { database, now }) => {
    const [name = ''] = parameters.positionals;
    const wanted = parameters.list('role');
    const unknown = wanted.find((role) => !roles.some((known) => known === role));
    if (unknown !== undefined)
      return misused(`there is no role ${unknown}.${didYouMean(unknown, roles)} Roles: ${roles.join(', ')}`);
    if (wanted.length === 0) return misused(`give a role, for example --role usage. Roles: ${roles.join(', ')}`);
    const days = parameters.option('days');
    if (days !== undefined && !/^[1-9]\d{0,4}$/.test(days)) return misused('--days is a number from 1 to 99999');
    const tenant = parameters.option('tenant');
    if (tenant !== undefined) {
      const known = await readTenant(database, tenant);
      if (!known.ok) return known;
    }
    const expiresAt = days === undefined ? undefined : new Date(now() + Number(days) * DAY_MILLISECONDS);
    const { id, token } = await addToken(database, {
      name,
      roles: wanted.filter((role): role is Role => roles.some((known) => known === role)),
      ...(tenant === undefined ? {} : { tenant }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
    return success({
      text: `${token}\n\nThis is token ${id}. It is shown this once; send it as "Authorization: Bearer <token>".`,
      json: { id, token, name, roles: wanted, tenant: tenant ?? null, expiresAt: expiresAt?.toISOString() ?? null },
    });
  },
};

export const tokenList: SessionCommand = {
  name: 'token list',
  needs: 'database',
  summary: 'tokens of the API',
  usage: '',
  help: `Lists every token that was made, revoked and expired ones too. The tokens themselves are not kept.

  stoa-billing token list
`,
  options: {},
  positionals: { min: 0, max: 0 },
  run: async (_, { database, now }) => {
    const tokens = await listTokens(database);
    const rows = tokens.map(({ id, name, roles: held, tenant, expiresAt, revokedAt }) => [
      ...[id, name, held.join(' '), tenant ?? 'all tenants'],
      revokedAt !== null
        ? `revoked ${revokedAt.toISOString()}`
        : expiresAt === null
          ? 'valid'
          : `${expiresAt.getTime() <= now() ? 'expired' : 'until'} ${expiresAt.toISOString()}`,
    ]);
    return success({
      text:
        rows.length === 0 ? 'There are no tokens.' : formatTable([['id', 'name', 'roles', 'sees', 'state'], ...rows]),
      json: { tokens },
    });
  },
};

export const tokenRevoke: SessionCommand = {
  name: 'token revoke',
  needs: 'database',
  summary: 'end a token now',
  usage: 'ID',
  help: `Ends a token. Requests that carry it are refused from now on.

  stoa-billing token revoke tok_0123456789abcdef
`,
  options: {},
  positionals: { min: 1, max: 1 },
  run: async ({ positionals: [id = ''] }, { database }) =>
    (await revokeToken(database, id))
      ? success({ text: `Token ${id} is revoked.`, json: { id } })
      : refused(`There is no valid token ${id}; see: stoa-billing token list.`),
};
