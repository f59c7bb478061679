import type { ApplicationRecord } from '../database/ApplicationStore';
import { KongAdminClient } from '../kong/KongAdminClient';
import { createGatewayCallers } from './createGatewayCallers';

const application = {
  ...{ id: 'helpdesk', name: 'Help desk', tenant: 'acme', consumer: 'app-helpdesk' },
  team: 'group:default/team-support',
} as ApplicationRecord;
const wanted = ['tenant:acme', 'application:helpdesk', 'team:team-support'];

/** Kong with these answers, by path. */
const callerIn = (answers: Readonly<Record<string, object>>) => {
  const answer: typeof fetch = async (address) => {
    const found = answers[new URL(String(address)).pathname];
    return found === undefined ? Response.json({ message: 'Not found' }, { status: 404 }) : Response.json(found);
  };
  return createGatewayCallers(new KongAdminClient({ url: 'http://kong.test', fetch: answer }))(application);
};

describe('whom the gateway sees when an application calls', () => {
  it('is its consumer in Kong, with the tags and ACL groups that it has there', async () => {
    const tags = ['managed-by:tool-catalog', ...wanted];
    const caller = await callerIn({
      '/consumers/app-helpdesk': { id: 'c-1', username: 'app-helpdesk', custom_id: 'crm-7', tags },
      '/consumers/app-helpdesk/acls': { data: [{ group: 'gold' }] },
    });
    expect(caller).toEqual({ id: 'c-1', username: 'app-helpdesk', custom_id: 'crm-7', tags, groups: ['gold'] });
  });

  it.each([
    ['Kong has none yet', {}],
    [
      'a consumer of its name is somebody else’s',
      { '/consumers/app-helpdesk': { id: 'c-9', tags: ['tenant:globex'] } },
    ],
  ])('is what the portal would make where %s', async (_, answers) => {
    const caller = await callerIn(answers);
    expect(caller).toEqual({ id: 'app-helpdesk', username: 'app-helpdesk', tags: wanted, groups: [] });
  });
});
