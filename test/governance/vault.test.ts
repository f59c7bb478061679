import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consumers, governance, guard, keyAuth, service } from '../failures/harness/declarative.ts';
import { callTool, isServed } from '../failures/harness/mcp-client.ts';
import { startMcpUpstream, type McpUpstream } from '../failures/harness/mcp-upstream.ts';
import { startTestGateway, type TestGateway } from '../failures/harness/test-gateway.ts';
import { waitFor } from '../setup/governed-demo.ts';
import { snapshot } from './orders-gateway.ts';

const secrets = {
  VAULT_TEST_SESSION_SECRET: 'test-session-secret-from-the-vault-0123456789',
  VAULT_TEST_MANAGEMENT_TOKEN: 'test-management-token-from-the-vault-0123456789',
  VAULT_TEST_METERING_TOKEN: 'test-metering-token-from-the-vault-0123456789',
};

let upstream: McpUpstream;
let gateway: TestGateway;
beforeAll(async () => {
  upstream = await startMcpUpstream();
  const config = {
    policy: { inline: snapshot({ rules: [{ id: 'all', effect: 'allow', tools: ['*'] }] }) },
    sessions: { secret: '{vault://env/vault-test-session-secret}' },
    management: { port: 0, token: '{vault://env/vault-test-management-token}' },
    // Nothing listens there: records wait on the disk.
    metering: { url: 'http://127.0.0.1:9/v1/events', token: '{vault://env/vault-test-metering-token}' },
  };
  const plugins = [keyAuth, governance(['*'], config), guard];
  const declarative = { services: [service({ url: upstream.url, plugins })], consumers };
  gateway = await startTestGateway({ declarative, environment: { ...process.env, ...secrets } });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

/** Kong puts the value in the field's place, and the reference beside it, in the record that holds the field (`$refs`). */
describe('secrets by reference to a vault, in records of the configuration', () => {
  it('do not keep the plugin from governing', async () => {
    expect(isServed(await callTool(gateway.proxyUrl, 'search_orders'))).toBe(true);
  });

  it('are what the plugin uses, and are in no log or record', async () => {
    const url = await waitFor(() =>
      gateway.lines.map((line) => /management API at (http:\/\/[\d.:]+)/.exec(line)?.[1]).find(Boolean),
    );
    const ask = async (token: string): Promise<number> =>
      (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await ask(secrets.VAULT_TEST_MANAGEMENT_TOKEN)).toBe(200);
    expect(await ask('{vault://env/vault-test-management-token}')).toBe(401);
    const written = JSON.stringify([gateway.lines, gateway.records()]);
    for (const secret of Object.values(secrets)) expect(written).not.toContain(secret);
  });
});
