import { optionalFields } from '../domain/defined-fields.ts';
import type { NodePosition } from '../domain/records/invocation-event.ts';
import { recordIn, type StoredRecord } from '../domain/records/stored-record.ts';
import { telemetryAttributes } from '../domain/records/telemetry-attributes.ts';
import type { Stage } from '../observability/observation.ts';
import type { Governed } from '../pipeline/govern.ts';
import type { CallRecords } from './call-records.ts';
import type { PluginResources } from './plugin-resources.ts';

interface PluginObserverOptions {
  readonly server: string;
  readonly records: Pick<CallRecords, 'append'>;
  readonly resources: Pick<PluginResources, 'observe' | 'log'>;
  readonly logsRecords: boolean;
}

/** Tells metrics and logs what one plugin instance does. */
export class PluginObserver {
  constructor(private readonly options: PluginObserverOptions) {}

  /** Runs a stage and notes how long it took, also when it fails. A call that ends the request never comes back. */
  readonly time = <Value>(stage: Stage, run: () => Value): Value => {
    const start = performance.now();
    const note = (): void =>
      this.options.resources.observe({ kind: 'stage_timed', stage, seconds: (performance.now() - start) / 1000 });
    const value = run();
    if (value instanceof Promise) value.then(note, note);
    else note();
    return value;
  };

  decided(governed: Governed): void {
    const { server, resources } = this.options;
    const reason = governed.effect === 'refuse' ? governed.refusal.reason : undefined;
    const effect = governed.effect === 'forward' ? 'allow' : 'deny';
    resources.observe(optionalFields({ kind: 'decision_made', server, effect, reason }));
    for (const rule of governed.shadow ?? [])
      resources.observe({ kind: 'shadow_denied', server, rule, reason: 'policy_denied' });
    if (governed.effect !== 'forward') return;
    for (const rule of governed.taken.uncounted) resources.observe({ kind: 'limit_bypassed', server, rule });
  }

  /** Throws when the record is not accepted: whoever told of the request's end says so in its log. */
  append(record: StoredRecord, position: NodePosition | undefined): void {
    const { records, resources, server, logsRecords } = this.options;
    try {
      records.append(record, position);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      resources.observe({ kind: 'record_failed', server, why });
      throw error;
    }
    resources.observe({ kind: 'record_written', record });
    if (logsRecords) resources.log({ ...telemetryAttributes(recordIn(record)), level: 'info', message: 'invocation' });
  }
}
