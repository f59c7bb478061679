import type { Consumer } from '../declarative-config/entities.ts';
import { withoutNulls } from '../declarative-config/process-fields.ts';
import { isUuid } from '../declarative-config/field-validators.ts';
import { LuaError } from '../shared/errors.ts';
import type { LuaData } from '../shared/lua-data.ts';
import { authAndLater, inPhases, requireString, type PdkModule } from './pdk-function.ts';

export interface ConsumerLookup {
  readonly consumerById: (id: string) => Consumer | undefined;
  readonly consumerByUsername: (username: string) => Consumer | undefined;
}

/** An entity as a Lua table: without the fields that are null. */
export const toTable = (entity: object | undefined): LuaData =>
  entity === undefined ? undefined : (withoutNulls(entity) as LuaData);

const late = (call: PdkModule[string]): PdkModule[string] => inPhases(authAndLater, call);

/** `kong.client`. */
export const clientModule = (lookup: () => ConsumerLookup): PdkModule => ({
  get_ip: (request) => request.clientAddress,
  get_forwarded_ip: (request) => request.clientAddress,
  get_port: (request) => request.clientPort,
  get_forwarded_port: (request) => request.clientPort,
  get_credential: late((request) => toTable(request.credential)),
  get_consumer: late((request) => toTable(request.consumer)),
  // Kong OSS has no consumer groups: nil and a line in its log.
  get_consumer_groups: late(() => undefined),
  load_consumer: late((_request, id, byUsername) => {
    const key = requireString(id, 'consumer_id');
    if (isUuid(key)) return toTable(lookup().consumerById(key));
    if (byUsername !== true) throw new LuaError('cannot load a consumer with an id that is not a uuid');
    return toTable(lookup().consumerByUsername(key));
  }),
  get_protocol: late(() => 'http'),
});
