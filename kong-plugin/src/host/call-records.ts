import type { MeteringSettings, PluginConfig } from '../config/plugin-config.ts';
import { buildRecord } from '../domain/records/build-record.ts';
import { NOT_SETTLED, type NodePosition } from '../domain/records/invocation-event.ts';
import type { Admission } from '../domain/records/invocation-record.ts';
import { toStored, type StoredRecord } from '../domain/records/stored-record.ts';
import type { RequestFacts } from '../pipeline/request-facts.ts';
import type { Intended, Metering } from '../ports/metering.ts';
import type { RecordSink, SinkHealth } from '../ports/record-sink.ts';
import type { PluginResources } from './plugin-resources.ts';

export interface CallRecordsOptions {
  /** The human-readable file. */
  readonly file: RecordSink;
  readonly metering?: { readonly spool: Metering; readonly settings: MeteringSettings };
  /** Name of the server, for a record without an admission. */
  readonly server: string;
}

/** Where the records of one plugin instance go: the file, and the spool where metering is configured. */
export class CallRecords {
  constructor(private readonly options: CallRecordsOptions) {}

  /** While it is not ok, a call must be refused. An operator who wrote `available` wants calls served all the same. */
  health(): SinkHealth {
    const { file, metering } = this.options;
    if (metering?.settings.whenFull === 'available') return { ok: true };
    const health = file.health();
    return health.ok && metering !== undefined ? metering.spool.health() : health;
  }

  /** While `health` cannot know yet. */
  get opening(): Promise<void> | undefined {
    return this.options.file.opening;
  }

  /** Whether the configuration asks for `intend` before a call is forwarded. */
  get intendsCalls(): boolean {
    return this.options.metering?.settings.durability === 'intent';
  }

  /** Puts a call that is about to be forwarded on the disk. */
  async intend(facts: RequestFacts, admission: Admission): Promise<Intended | undefined> {
    const { metering, server } = this.options;
    return metering?.spool.intend(toStored(buildRecord(unsettledFacts(facts), admission, { server })));
  }

  /** Whether a call whose intent is not on the disk must be refused. */
  get isStrict(): boolean {
    return this.options.metering?.settings.whenFull !== 'available';
  }

  /** Each place gets the record, also when another cannot take it; then it throws. */
  append(record: StoredRecord, position: NodePosition | undefined): void {
    const { file, metering } = this.options;
    const problems: string[] = [];
    for (const store of [() => metering?.spool.append(record, position), () => file.append(record)]) {
      try {
        store();
      } catch (error) {
        problems.push(messageOf(error));
      }
    }
    if (problems.length > 0) throw new Error(problems.join('; '));
  }
}

/** The records of one configuration; its spool is shared with all others of the node. */
export const connectRecords = (
  { recordsFile, metering, server }: PluginConfig,
  resources: Pick<PluginResources, 'recordSink' | 'metering'>,
): CallRecords =>
  new CallRecords({
    file: resources.recordSink(recordsFile),
    server: server.server.name,
    ...(metering === undefined ? {} : { metering: { settings: metering, spool: resources.metering(metering) } }),
  });

/** The admission of a call that was allowed and yet refused: after a crash nobody could have told that it ran. */
export const withheld = (admission: Admission): Admission => ({
  ...admission,
  decision: 'deny',
  policy: 'records',
  rule: 'records:not_stored',
  reason: 'governance_unavailable',
  detail: 'The call could not be recorded.',
});

/** What is known of a call that nobody ever hears of again. A status of 0: nobody knows. */
const unsettledFacts = ({ request, requestId, startedAt, consumer }: RequestFacts) => ({
  ...NOT_SETTLED,
  request_id: requestId,
  started_at: startedAt,
  client_ip: '',
  method: request.method,
  path: request.path,
  status: 0,
  request_bytes: request.body.length,
  response_bytes: 0,
  latency: { total: 0 },
  ...(consumer === undefined ? {} : { consumer: consumer.id }),
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
