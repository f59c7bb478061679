import { expect, it } from 'vitest';
import { day, idOf, onDouble, refusalOf, semantics, start, startOfDay } from './targets.ts';

semantics('Pre-aggregated meters', (target) => {
  const setUp = async (window: 'day' | 'hour', formula: 'sum' | 'last' | 'count' = 'sum') => {
    const { stripe, unique } = target();
    const eventName = unique('daily');
    const meter = await stripe.billing.meters.create({
      display_name: eventName,
      event_name: eventName,
      default_aggregation: { formula },
      event_time_window: window,
    });
    const customer = await stripe.customers.create({});
    const send = (value: string, timestamp: number) =>
      stripe.billing.meterEvents.create({
        event_name: eventName,
        identifier: unique('total'),
        timestamp,
        payload: { stripe_customer_id: customer.id, value },
      });
    const daily = async (from: number, to: number, expected: readonly number[]) => {
      const params = { customer: customer.id, start_time: from, end_time: to, value_grouping_window: 'day' as const };
      const values = await target().eventually(
        async () => {
          const { data } = await stripe.billing.meters.listEventSummaries(idOf(meter), params);
          return [...data]
            .sort((left, right) => left.start_time - right.start_time)
            .map((each) => each.aggregated_value);
        },
        (values) => JSON.stringify(values.filter((value) => value !== 0)) === JSON.stringify(expected),
      );
      return values.filter((value) => value !== 0);
    };
    return { meter, customer, send, daily };
  };

  it('keep only the total received last for a UTC day: a resend or a correction never adds up', async () => {
    const { send, daily } = await setUp('day');
    const today = startOfDay(target().now());
    await send('10', today - day);
    await send('25', today - day);
    await send('25', today - day);
    await send('7', today - 1);
    expect(await daily(today - day, today, [7])).toEqual([7]);
  });

  it('go by what was received last, not by the time in the event', async () => {
    const { send, daily } = await setUp('day');
    const today = startOfDay(target().now());
    await send('9', today - 60);
    await send('4', today - 3600);
    expect(await daily(today - day, today, [4])).toEqual([4]);
  });

  it('part at midnight UTC', async () => {
    const { send, daily } = await setUp('day');
    const today = startOfDay(target().now());
    await send('3', today - 1);
    await send('5', today);
    expect(await daily(today - day, today + day, [3, 5])).toEqual([3, 5]);
  });

  it('sum the hours of a day', async () => {
    const { send, daily } = await setUp('hour');
    const yesterday = startOfDay(target().now()) - day;
    await send('3', yesterday);
    await send('4', yesterday + 3599);
    await send('5', yesterday + 3600);
    expect(await daily(yesterday, yesterday + day, [9])).toEqual([9]);
  });

  it('are asked for in whole UTC days', async () => {
    const { meter, customer } = await setUp('day');
    const params = { customer: customer.id, value_grouping_window: 'day' as const };
    const today = startOfDay(target().now());
    const refusal = await refusalOf(
      target().stripe.billing.meters.listEventSummaries(idOf(meter), {
        ...params,
        start_time: today + 3600,
        end_time: today + day,
      }),
    );
    expect(refusal.statusCode).toBe(400);
  });
});

onDouble('Summaries', { settings: { meterLagSeconds: 900 } }, (own) => {
  it('are eventual: an accepted event is not in them until it has been processed', async () => {
    const { stripe, double } = own();
    const meter = await stripe.billing.meters.create({
      display_name: 'lag',
      event_name: 'lag',
      default_aggregation: { formula: 'sum' },
    });
    const customer = await stripe.customers.create({});
    await stripe.billing.meterEvents.create({
      event_name: 'lag',
      payload: { stripe_customer_id: customer.id, value: '5' },
    });
    const from = startOfDay(start);
    const ask = async () => {
      const params = { customer: customer.id, start_time: from, end_time: from + day };
      return (await stripe.billing.meters.listEventSummaries(meter.id, params)).data[0]?.aggregated_value;
    };
    expect(await ask()).toBe(0);
    double.advance(899);
    expect(await ask()).toBe(0);
    double.advance(1);
    expect(await ask()).toBe(5);
  });

  it('of `last` take the newest event, of `count` the number of events', async () => {
    const { stripe, double } = own();
    const customer = await stripe.customers.create({});
    const totals: (number | undefined)[] = [];
    for (const formula of ['last', 'count'] as const) {
      const meter = await stripe.billing.meters.create({
        display_name: formula,
        event_name: formula,
        default_aggregation: { formula },
      });
      for (const [value, timestamp] of [
        ['8', start - 10],
        ['6', start - 20],
        ['7', start - 30],
      ] as const) {
        const payload = { stripe_customer_id: customer.id, value };
        await stripe.billing.meterEvents.create({ event_name: formula, timestamp, payload });
      }
      double.advance(900);
      const params = { customer: customer.id, start_time: startOfDay(start), end_time: startOfDay(start) + day };
      totals.push((await stripe.billing.meters.listEventSummaries(meter.id, params)).data[0]?.aggregated_value);
    }
    expect(totals).toEqual([8, 3]);
  });
});
