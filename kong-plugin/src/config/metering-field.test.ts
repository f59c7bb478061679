import { describe, expect, it } from 'vitest';
import { readConfig } from './read-config.ts';

const token = 'node-credential-0123456789';
const read = (metering: object) => readConfig({ server: { name: 'orders' }, metering });

describe('metering', () => {
  it('needs an address and a token, and is strict, settles at the end and keeps 1 GiB unless told otherwise', () => {
    expect(read({ url: 'https://billing.example.com', token })).toMatchObject({
      ok: true,
      value: {
        metering: {
          url: 'https://billing.example.com',
          token,
          durability: 'settle',
          whenFull: 'strict',
          maxBytes: 2 ** 30,
          settleTimeoutSeconds: 900,
          dir: 'mcp-governance/spool',
        },
      },
    });
    expect(readConfig({ server: { name: 'orders' } })).not.toHaveProperty('value.metering');
  });

  it.each([
    [{ token }, 'metering.url: '],
    [{ url: 'https://billing.example.com' }, 'metering.token: '],
    [{ url: 'billing:8120', token }, 'metering.url: must begin with https:// or http://'],
    [{ url: '/v1', token }, 'metering.url: is not an absolute URL'],
    [{ url: 'https://me:secret@billing.example.com', token }, 'metering.url: must hold no password'],
    [{ url: 'https://billing.example.com?key=1', token }, 'metering.url: must have no query'],
    [{ url: 'https://billing.example.com', token: `${token} \n` }, 'metering.token: may hold only printable ASCII'],
    [{ url: 'https://billing.example.com', token: 'short' }, 'metering.token: '],
    [{ url: 'https://billing.example.com', token, node_id: '../gw' }, 'metering.node_id: may hold letters'],
    [{ url: 'https://billing.example.com', token, durability: 'always' }, 'metering.durability: '],
    [{ url: 'https://billing.example.com', token, max_bytes: 1_000 }, 'metering.max_bytes: '],
  ])('%j is refused: %s', (metering, issue) => {
    const result = read(metering);
    const issues = result.ok ? [] : result.error;
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain(issue);
    expect(issues[0]).not.toContain('secret');
  });
});
