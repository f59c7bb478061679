import { expect, it } from 'vitest';
import { idOf, refusalOf, semantics } from './targets.ts';

semantics('Meters', (target) => {
  const create = (eventName: string, more: object = {}) =>
    target().stripe.billing.meters.create({
      display_name: 'Calls of search',
      event_name: eventName,
      default_aggregation: { formula: 'sum' },
      ...more,
    });

  it('default to the payload keys stripe_customer_id and value, and to no window', async () => {
    const meter = await create(target().unique('search'));
    expect(meter.customer_mapping).toEqual({ event_payload_key: 'stripe_customer_id', type: 'by_id' });
    expect(meter.value_settings).toEqual({ event_payload_key: 'value' });
    expect(meter.event_time_window).toBeNull();
    expect(meter.status).toBe('active');
  });

  it('keep the window they were created with', async () => {
    expect((await create(target().unique('search'), { event_time_window: 'day' })).event_time_window).toBe('day');
    expect((await create(target().unique('search'), { event_time_window: 'hour' })).event_time_window).toBe('hour');
  });

  it.each(['count', 'last', 'sum'] as const)('aggregate by %s', async (formula) => {
    const meter = await create(target().unique('search'), { default_aggregation: { formula } });
    expect(meter.default_aggregation.formula).toBe(formula);
  });

  it('no longer aggregate by max', async () => {
    const refusal = await refusalOf(create(target().unique('search'), { default_aggregation: { formula: 'max' } }));
    expect(refusal.statusCode).toBe(400);
  });

  it('change nothing but their display name', async () => {
    const meter = await create(target().unique('search'));
    const renamed = await target().stripe.billing.meters.update(idOf(meter), { display_name: 'Searches' });
    expect(renamed.display_name).toBe('Searches');
    const refusal = await refusalOf(
      target().stripe.billing.meters.update(idOf(meter), { event_time_window: 'day' } as never),
    );
    expect(refusal.code).toBe('parameter_unknown');
    expect(refusal.message).toContain('Received unknown parameter: event_time_window');
  });

  it('own their event name, also once deactivated', async () => {
    const name = target().unique('search');
    const meter = await create(name);
    expect((await refusalOf(create(name))).statusCode).toBe(400);
    const deactivated = await target().stripe.billing.meters.deactivate(idOf(meter));
    expect(deactivated.status).toBe('inactive');
    expect(deactivated.status_transitions.deactivated_at).not.toBeNull();
    expect((await refusalOf(create(name))).statusCode).toBe(400);
    expect((await target().stripe.billing.meters.reactivate(idOf(meter))).status).toBe('active');
  });

  it('refuse a display name of more than 250 characters', async () => {
    const refusal = await refusalOf(create(target().unique('search'), { display_name: 'x'.repeat(251) }));
    expect(refusal.param).toBe('display_name');
  });

  it('are listed by status', async () => {
    const name = target().unique('listed');
    const meter = await create(name);
    await target().stripe.billing.meters.deactivate(idOf(meter));
    const inactive = await target().stripe.billing.meters.list({ status: 'inactive', limit: 100 });
    expect(inactive.data.map((each) => each.id)).toContain(meter.id);
    const active = await target().stripe.billing.meters.list({ status: 'active', limit: 100 });
    expect(active.data.map((each) => each.id)).not.toContain(meter.id);
  });
});
