import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createStripeClient } from './create-stripe-client.ts';
import { withoutKeys } from './secret.ts';
import { parseStripeSettings, readStripeSettings, type StripeConnection, type StripeInput } from './stripe-settings.ts';

const test = 'sk_test_abc123';
// Put together here, so that no scanner takes it for a real one.
const live = ['sk', 'live', 'abc123'].join('_');

const connectionOf = (input: StripeInput): StripeConnection => {
  const settings = parseStripeSettings(input);
  if (!settings.ok || settings.value.mode === 'off') throw new Error('expected a connection');
  return settings.value;
};

describe('settings of Stripe', () => {
  it('are off without a mode, whatever test key lies around', () => {
    expect(parseStripeSettings({})).toEqual({ ok: true, value: { mode: 'off' } });
    expect(parseStripeSettings({ secretKey: test })).toEqual({ ok: true, value: { mode: 'off' } });
  });

  it.each([undefined, 'off', 'shadow'])('refuse a live key in mode %s', (mode) => {
    expect(parseStripeSettings({ mode, secretKey: live })).toMatchObject({
      ok: false,
      error: { path: 'STRIPE_SECRET_KEY', suggestion: expect.stringContaining('STRIPE_MODE=live') },
    });
  });

  it('take a live key when live is written out, and then talk to Stripe only', () => {
    expect(connectionOf({ mode: 'live', secretKey: live })).toMatchObject({ account: 'live', environment: 'live' });
    const elsewhere = parseStripeSettings({ mode: 'live', secretKey: live, apiBase: 'http://127.0.0.1:1/' });
    expect(elsewhere).toMatchObject({ ok: false, error: { path: 'STRIPE_API_BASE' } });
  });

  it('name the environment after mode and key, so that test and live never share an id', () => {
    expect(connectionOf({ mode: 'live', secretKey: test }).environment).toBe('test');
    expect(connectionOf({ mode: 'shadow', secretKey: test }).environment).toBe('shadow');
    expect(connectionOf({ mode: 'shadow', secretKey: test, environment: 'staging-2' }).environment).toBe('staging-2');
  });

  it.each([
    [{ mode: 'on' }, 'STRIPE_MODE'],
    [{ mode: 'live' }, 'STRIPE_SECRET_KEY'],
    [{ mode: 'shadow', secretKey: 'pk_test_1' }, 'STRIPE_SECRET_KEY'],
    [{ mode: 'shadow', secretKey: test, apiBase: 'http://stripe.example/' }, 'STRIPE_API_BASE'],
    [{ mode: 'shadow', secretKey: test, apiBase: 'https://stripe.example/v1' }, 'STRIPE_API_BASE'],
    [{ mode: 'shadow', secretKey: test, environment: 'A:B' }, 'STRIPE_ENVIRONMENT'],
    [{ mode: 'shadow', secretKey: test, callsPerSecond: '901' }, 'STRIPE_CALLS_PER_SECOND'],
    [{ mode: 'shadow', secretKey: test, meterPrefix: 'a.b' }, 'STRIPE_METER_PREFIX'],
  ])('name the variable that is wrong and never its value: %j', (input, path) => {
    const settings = parseStripeSettings(input);
    expect(settings).toMatchObject({ ok: false, error: { path } });
    expect(JSON.stringify(settings)).not.toContain('pk_test');
  });

  it('read secrets from files, and several webhook secrets at a time', () => {
    const settings = readStripeSettings(
      { STRIPE_MODE: 'live', STRIPE_SECRET_KEY_FILE: '/run/key', STRIPE_WEBHOOK_SECRET: 'whsec_a, whsec_b' },
      (file) => (file === '/run/key' ? `${test}\n` : ''),
    );
    if (!settings.ok || settings.value.mode === 'off') throw new Error('expected a connection');
    expect(settings.value.secretKey.reveal()).toBe(test);
    expect(settings.value.webhookSecrets.map((each) => each.reveal())).toEqual(['whsec_a', 'whsec_b']);
    const missing = readStripeSettings({ STRIPE_SECRET_KEY_FILE: '/no/such/file' });
    expect(missing).toMatchObject({ ok: false, error: { path: 'STRIPE_SECRET_KEY_FILE' } });
  });

  it('do not show a secret in a log, a text, JSON or an error', () => {
    const connection = connectionOf({ mode: 'live', secretKey: test, webhookSecrets: 'whsec_x1' });
    const shown = [inspect(connection, { depth: 9 }), JSON.stringify(connection), String(connection.secretKey)].join();
    expect(shown).not.toMatch(/abc123|x1/);
    expect(shown).toContain('[secret]');
    expect(withoutKeys(`Invalid API Key provided: sk_test_****c123 and ${live}, whsec_1`)).toBe(
      'Invalid API Key provided: [key] and [key], [key]',
    );
  });

  it('pin the API version that the client sends', () => {
    expect(createStripeClient(connectionOf({ mode: 'live', secretKey: test })).getApiField('version')).toBe(
      '2026-10-28.endive',
    );
  });
});
