import type { PolicySettings } from '../config/plugin-config.ts';
import { createJudge } from '../domain/judge.ts';
import { compileLimits } from '../domain/limits/compile-limits.ts';
import { createRedactor } from '../domain/records/redact.ts';
import type { JsonValue } from '../domain/json/json-value.ts';
import { failure, success, type Result } from '../domain/result.ts';
import type { RecordOptions, ServerConfig } from '../domain/server-config.ts';
import { checkSnapshot } from '../domain/snapshot/check-snapshot.ts';
import { usesGroups } from '../domain/snapshot/uses-groups.ts';
import type { Snapshot } from '../domain/snapshot/snapshot.ts';
import type { PolicyInForce } from '../pipeline/policy-in-force.ts';
import type { PolicySource } from '../ports/policy-source.ts';

export interface LivePolicyOptions {
  readonly server: ServerConfig;
  /** Undefined: the plugin's own rules are all. */
  readonly source?: PolicySource;
  readonly settings?: PolicySettings;
  readonly warn: (finding: string) => void;
}

export interface CompiledPolicy extends PolicyInForce {
  /** Hides what neither configuration, snapshot nor the given paths let a record show. */
  readonly redactor: (paths: readonly string[]) => (value: JsonValue) => JsonValue;
}

/** One server's policy, compiled anew when its snapshot changes; between changes a request only looks it up. */
export class LivePolicy {
  private compiled: { readonly snapshot: Snapshot | undefined; readonly policy: CompiledPolicy } | undefined;

  /**
   * While a source that has nothing yet looks for the first time: the request that started this plugin waits for it instead of
   * being refused for having been faster. Undefined at every other time.
   */
  arriving: Promise<void> | undefined;

  constructor(private readonly options: LivePolicyOptions) {
    const { source } = options;
    if (source === undefined || source.current().snapshot !== undefined) return;
    this.arriving = Promise.race([source.refresh(), pause(FIRST_LOOK_MS)]).then(() => {
      this.arriving = undefined;
    });
  }

  /** What judges now, or why nothing may: no snapshot was ever accepted, or it is too old. */
  inForce(now: number): Result<CompiledPolicy, string> {
    const { source, settings } = this.options;
    if (source === undefined) return success(this.compile(undefined));
    const state = source.current();
    if (state.snapshot === undefined)
      return failure(
        `no policy snapshot has been accepted: ${state.issues.map(({ path, problem }) => `${path}: ${problem}`).join('; ')}`,
      );
    if (settings?.whenStale === 'deny' && state.isStale(now))
      return failure(`the policy snapshot could not be confirmed for ${state.ageSeconds(now) ?? 0} s`);
    return success(this.compile(state.snapshot));
  }

  private compile(snapshot: Snapshot | undefined): CompiledPolicy {
    if (this.compiled !== undefined && this.compiled.snapshot === snapshot) return this.compiled.policy;
    const { server, warn } = this.options;
    for (const { path, problem } of snapshot === undefined ? [] : checkSnapshot(snapshot)) warn(`${path}: ${problem}`);
    const policy = compilePolicy(server, snapshot);
    this.compiled = { snapshot, policy };
    return policy;
  }
}

/** A policy server on the same network answers in milliseconds; a caller waits no longer than this for a broken one. */
const FIRST_LOOK_MS = 1_000;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });

const compilePolicy = (server: ServerConfig, snapshot: Snapshot | undefined): CompiledPolicy => {
  const timeZones = new Map(snapshot?.tenants.map(({ id, timeZone }) => [id, timeZone]));
  const described = snapshot?.servers.find(({ id }) => id === server.server.name);
  const tools = new Map(described?.tools.map((tool) => [tool.name, tool]));
  const records = recordOptions(server.records, snapshot);
  const redact = createRedactor(records);
  return {
    judge: createJudge(server, snapshot),
    limits: compileLimits({ limits: snapshot?.limits ?? [], plans: snapshot?.plans ?? [] }),
    ...(snapshot === undefined ? {} : { revision: snapshot.revision }),
    usesGroups:
      server.rules.some(({ callers }) => callers.groups !== undefined) ||
      (snapshot !== undefined && usesGroups(snapshot)),
    timeZoneOf: (tenant) => (tenant === undefined ? undefined : timeZones.get(tenant)),
    weightOf: (_, tool) => tools.get(tool)?.weight ?? 1,
    pinMode: described?.pins ?? 'observe',
    pinOf: (tool) => tools.get(tool)?.pin,
    redactor: (paths) =>
      paths.length === 0 ? redact : createRedactor({ ...records, redactPaths: [...records.redactPaths, ...paths] }),
  };
};

const recordOptions = (records: RecordOptions, snapshot: Snapshot | undefined): RecordOptions =>
  snapshot === undefined
    ? records
    : {
        ...records,
        redactKeys: [...records.redactKeys, ...snapshot.redaction.keys],
        redactPaths: [...records.redactPaths, ...snapshot.redaction.paths],
      };
