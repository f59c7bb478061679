export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Only what an operator may see: ids, names and error texts, never parameters of calls, bodies or configurations. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly write: (line: string) => void;
  readonly now: () => number;
}

const order: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** One JSON object per line: Kong copies each line of a plugin server into its own error log. */
export function createLogger(options: LoggerOptions): Logger {
  const log = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (order[level] < order[options.level]) return;
    const time = new Date(options.now()).toISOString();
    options.write(`${toLine({ time, level, message, ...fields })}\n`);
  };
  return { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

/** A log call must not become a failure of its own. */
function toLine(entry: LogFields): string {
  try {
    return JSON.stringify(entry);
  } catch {
    return JSON.stringify({ time: entry['time'], level: entry['level'], message: entry['message'], unprintable: true });
  }
}
