import fs from 'node:fs';
import { describeError } from './describe-error.ts';
import type { Logger } from './logger.ts';

/** The parts of `process` used here, so that tests can pass their own. */
export interface HostProcess {
  readonly ppid: number;
  on(event: 'unhandledRejection' | 'uncaughtException', listener: (error: unknown) => void): unknown;
  on(event: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
}

/**
 * Keeps the process alive when code outside a handler fails (a timer, a listener, a promise nobody awaited). Node advises to
 * exit, but an exit lets every request pass for about a second on a Kong without mcp-guard, and refuses them all with it.
 * Nothing shared is left half-done by such a failure: a decision is what its handler returned, a handler that fails or
 * hangs is refused, and each event has its own state.
 */
export function surviveStrayErrors(host: HostProcess, logger: Logger): void {
  host.on('unhandledRejection', (error) => logger.error('unhandled rejection', describeError(error)));
  host.on('uncaughtException', (error) => logger.error('uncaught exception', describeError(error)));
}

/** Kong sends SIGTERM when worker 0 ends. A second signal does not wait. */
export function onStopSignal(
  host: HostProcess,
  actions: { readonly stop: () => void; readonly abort: () => void },
): void {
  let stopping = false;
  const receive = () => {
    if (stopping) actions.abort();
    else actions.stop();
    stopping = true;
  };
  host.on('SIGTERM', receive);
  host.on('SIGINT', receive);
}

/** Was this process started by a Kong worker? Then Kong also replaces it at a reload. */
export function isStartedByKong(parentPid: number, readName: (pid: number) => string = readProcessName): boolean {
  return ['nginx', 'openresty', 'kong'].includes(readName(parentPid));
}

function readProcessName(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

const PARENT_CHECK_INTERVAL_MS = 1_000;

/**
 * When only worker 0 died, nginx starts it again and it starts our successor, which takes the socket over in about a second;
 * until then the other workers still need this process. When all of Kong died, nobody comes.
 */
const SUCCESSOR_WAIT_MS = 10_000;

export interface ParentWatch {
  readonly host: HostProcess;
  readonly logger: Logger;
  readonly isReplaced: () => Promise<boolean>;
  readonly onGone: () => void;
}

/** Kong's workers send SIGTERM only when they end in order; after a crash nobody would ever stop this process. */
export function watchParent({ host, logger, isReplaced, onGone }: ParentWatch): () => void {
  const parent = host.ppid;
  let goneSince: number | undefined;
  const timer = setInterval(() => {
    if (host.ppid === parent) return;
    if (goneSince === undefined) logger.warn('the process that started this one is gone', { parent });
    goneSince ??= Date.now();
    void stopWhenUseless(Date.now() - goneSince);
  }, PARENT_CHECK_INTERVAL_MS).unref();
  const stopWhenUseless = async (goneForMs: number) => {
    if (goneForMs < SUCCESSOR_WAIT_MS && !(await isReplaced())) return;
    clearInterval(timer);
    onGone();
  };
  return () => clearInterval(timer);
}
