/** Minutes of a day and of a week. */
export const MINUTES_OF_DAY = 1440;

export interface LocalTime {
  /** ISO: Monday is 1. */
  readonly weekday: number;
  readonly minuteOfDay: number;
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

export type LocalClock = (now: number) => LocalTime;

/** One clock for all conditions of a zone: 10,000 rules ask one that knows the minute. */
export const createLocalClocks = (): ((zone: string) => LocalClock) => {
  const clocks = new Map<string, LocalClock>();
  return (zone) => {
    const clock = clocks.get(zone) ?? createLocalClock(zone);
    clocks.set(zone, clock);
    return clock;
  };
};

/** What clocks on the wall of a zone show. Formatting costs 2 us, so the last minute's answer is kept. */
export const createLocalClock = (zone: string): LocalClock => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  let known: { readonly minute: number; readonly time: LocalTime } | undefined;
  return (now) => {
    const minute = Math.floor(now / 60_000);
    if (known?.minute === minute) return known.time;
    const parts = new Map(format.formatToParts(minute * 60_000).map(({ type, value }) => [type, value]));
    const time = {
      weekday: weekdays.indexOf(parts.get('weekday') ?? '') + 1,
      minuteOfDay: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
    };
    known = { minute, time };
    return time;
  };
};

/** `09:30` as minutes; `24:00` is 1440. */
export const minutesOf = (clock: string): number => {
  const [hours = '', minutes = ''] = clock.split(':');
  return Number(hours) * 60 + Number(minutes);
};
