import { Buffer } from 'node:buffer';
import type { Instance } from 'kong-pdk/lib/mod.js';
import { describeError } from './describe-error.ts';
import type { Logger } from './logger.ts';
import type { ConcludedRequest } from './plugin-contract.ts';

/** A request that judged by a configuration has ended by then, or its record finds no instance and stays with the guard. */
const RETIRED_MS = 60_000;

interface Served {
  readonly instance: Instance;
  readonly redact: (text: string) => string;
}

interface Delivered {
  /** Id of the plugin in Kong (`__plugin_id`), which outlives this process. */
  readonly plugin: string;
  readonly told: ConcludedRequest;
}

/** Hands what mcp-guard delivers after the end of requests to the plugin instances that judged them. */
export class OutcomeDesk {
  /** The newest instance of each plugin id. */
  private readonly served = new Map<string, Served>();

  constructor(private readonly logger: Logger) {}

  serve(pluginId: string | undefined, instance: Instance, redact: (text: string) => string): void {
    if (pluginId !== undefined) this.served.set(pluginId, { instance, redact });
  }

  /** Kong closed an instance: what became of its last requests is still to come. */
  retire(pluginId: string | undefined, instance: Instance | undefined): void {
    if (pluginId === undefined || this.served.get(pluginId)?.instance !== instance) return;
    setTimeout(() => {
      if (this.served.get(pluginId)?.instance === instance) this.served.delete(pluginId);
    }, RETIRED_MS).unref();
  }

  /**
   * Takes a list of `[plugin id, text of the outcome, admission]`, each as bytes. Answers the positions, from 1, of those whose plugin
   * has no instance yet, because this process has just started; the guard keeps them. One that cannot be recorded is logged, and not
   * asked for again.
   */
  async take(outcomes: unknown): Promise<readonly number[]> {
    if (!Array.isArray(outcomes)) throw new Error('the outcomes are not a list');
    const unknown: number[] = [];
    const concluded: Promise<void>[] = [];
    for (const [index, entry] of outcomes.entries()) {
      const delivered = this.read(entry);
      if (delivered === undefined) continue;
      const served = this.served.get(delivered.plugin);
      if (served === undefined) unknown.push(index + 1);
      else concluded.push(this.conclude(served, delivered.told));
    }
    await Promise.all(concluded);
    return unknown;
  }

  private read(entry: unknown): Delivered | undefined {
    try {
      return readDelivered(entry);
    } catch (error) {
      this.logger.error('the end of a request could not be read', describeError(error));
      return undefined;
    }
  }

  private async conclude({ instance, redact }: Served, told: ConcludedRequest): Promise<void> {
    try {
      await instance.cls.conclude?.(told);
    } catch (error) {
      this.logger.error('the end of a request could not be recorded', {
        plugin: instance.getName(),
        ...describeError(error, redact),
      });
    }
  }
}

const readDelivered = (entry: unknown): Delivered => {
  if (!Array.isArray(entry)) throw new Error('an outcome is not a list');
  const [plugin = '', text = '', admission = ''] = entry.map(textOf);
  return { plugin, told: admission === '' ? { text } : { text, admission } };
};

const textOf = (bytes: unknown): string => {
  if (!(bytes instanceof Uint8Array)) throw new Error('a part of an outcome is not bytes');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
};
