import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { failure, type Result } from '../src/domain/result.ts';
import { bundledSchemas } from './declarative-config/bundled-schemas.ts';
import type { Entities } from './declarative-config/entities.ts';
import { toPluginSchema, type PluginSchema } from './declarative-config/plugin-schema.ts';
import { readDeclarative, readDeclarativeText, type ConfigIssues } from './declarative-config/read-declarative.ts';
import type { ConfigSource, LocalGatewayOptions, PluginServerOptions } from './gateway-options.ts';
import type { PluginInfo } from './plugin-server/plugin-info.ts';
import { readGuardSchema } from './plugins/guard-schema.ts';
import { Snapshot } from './plugins/snapshot.ts';
import { packageFile } from './shared/package-file.ts';
import { Worker } from './worker.ts';

const DEFAULT_READ_TIMEOUT_MS = 60_000;

interface Parts {
  readonly info: PluginInfo | undefined;
  readonly external: PluginServerOptions | undefined;
  readonly log: (line: string) => void;
}

/** The workers and the configuration they share. */
export class Runtime {
  readonly nodeId = randomUUID();
  readonly schemas: ReadonlyMap<string, PluginSchema>;
  private readonly workers: readonly Worker[];
  private current: Snapshot;
  private sequence = 0;
  private turn = 0;
  private readonly environment: Readonly<Record<string, string | undefined>>;

  constructor(options: LocalGatewayOptions, parts: Parts) {
    this.environment = options.environment ?? process.env;
    const guard = findGuard(options.guardFile);
    this.schemas = new Map(
      [
        ...bundledSchemas,
        ...(parts.info === undefined ? [] : [toPluginSchema(parts.info.schema)]),
        ...(guard === undefined ? [] : [readGuardSchema(guard)]),
      ].map((schema) => [schema.name, schema]),
    );
    this.current = new Snapshot(emptyEntities, this.iteratorOptions());
    const count = options.workers ?? 1;
    const forgetInstances = (): void => this.workers.forEach((worker) => worker.forgetInstances());
    this.workers = Array.from(
      { length: count },
      () =>
        new Worker({
          snapshot: () => this.current,
          nodeId: this.nodeId,
          prefix: options.prefix,
          external:
            parts.info === undefined || parts.external === undefined
              ? undefined
              : { info: parts.info, socket: parts.external.socket },
          guard,
          luaSocketReadTimeoutMs: options.luaSocketReadTimeoutMs ?? DEFAULT_READ_TIMEOUT_MS,
          clientMaxBodyBytes: options.clientMaxBodyBytes ?? 0,
          forgetInstances,
          log: parts.log,
        }),
    );
  }

  get entities(): Entities {
    return this.current.entities;
  }

  handle: Worker['handle'] = (incoming, outgoing) => {
    const worker = this.workers[this.turn % this.workers.length];
    this.turn += 1;
    if (worker === undefined) throw new Error('there is no worker');
    return worker.handle(incoming, outgoing);
  };

  read(config: ConfigSource): Result<Entities, ConfigIssues> {
    if (typeof config !== 'string') return readDeclarative(config.declarative, this.readOptions());
    try {
      return this.readText(readFileSync(config, 'utf8'));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return failure([{ path: [], message: `cannot read ${config}: ${reason}` }]);
    }
  }

  readText(text: string): Result<Entities, ConfigIssues> {
    return readDeclarativeText(text, this.readOptions());
  }

  load(entities: Entities): void {
    this.current = new Snapshot(entities, this.iteratorOptions());
    for (const worker of this.workers) worker.configure(this.current);
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.close()));
  }

  private readOptions(): { readonly plugins: ReadonlyMap<string, PluginSchema>; readonly now: number } {
    return { plugins: this.schemas, now: Math.floor(Date.now() / 1_000) };
  }

  private iteratorOptions(): ConstructorParameters<typeof Snapshot>[1] {
    return { schemas: this.schemas, environment: this.environment, nextSequence: () => ++this.sequence };
  }
}

const emptyEntities: Entities = {
  services: [],
  routes: [],
  consumers: [],
  keyauth_credentials: [],
  acls: [],
  jwt_secrets: [],
  plugins: [],
};

const findGuard = (
  file: string | false | undefined,
): { readonly file: string; readonly searchPath: string } | undefined => {
  if (file === false) return undefined;
  const handler = file ?? packageFile('lua/kong/plugins/mcp-guard/handler.lua');
  if (file === undefined && !existsSync(handler)) return undefined;
  // .../kong/plugins/mcp-guard/handler.lua is found as `kong.plugins.mcp-guard.handler` from three levels above.
  return { file: handler, searchPath: path.resolve(path.dirname(handler), '../../..') };
};
