import { LuaError } from '../shared/errors.ts';
import { fromWireText, toLuaString } from '../shared/lua-data.ts';
import type { Phase } from '../proxy/request-state.ts';
import { decodeBody } from './body.ts';
import { inPhases, requireString, toMultiMap, type PdkModule } from './pdk-function.ts';

const phases: readonly Phase[] = ['response', 'header_filter', 'body_filter', 'log'];
const late = (call: PdkModule[string]): PdkModule[string] => inPhases(phases, call);

const needsBuffering =
  'service body is only available with buffered proxying (see: kong.service.request.enable_buffering function)';

/** `kong.service.response`. */
export const serviceResponseModule: PdkModule = {
  get_status: late((request) => request.upstreamStatus),
  // Of a buffered answer Kong gives a proxy table in which `pairs` sees nothing (facts: always `{}` in `response`).
  get_headers: late((request) =>
    request.bufferedBody === undefined && request.upstreamHeaders !== undefined
      ? toMultiMap(request.upstreamHeaders, 100)
      : {},
  ),
  get_header: late((request, name) => {
    const value = request.upstreamHeaders?.first(requireString(name, 'name').replaceAll('_', '-'));
    return value === undefined ? undefined : fromWireText(value);
  }),
  get_raw_body: late((request) => {
    if (!request.isBuffered) throw new LuaError(needsBuffering);
    return toLuaString(request.bufferedBody ?? new Uint8Array());
  }),
  get_body: late((request) => {
    if (!request.isBuffered) throw new LuaError(needsBuffering);
    return decodeBody(request.bufferedBody ?? new Uint8Array(), request.upstreamHeaders?.first('content-type'));
  }),
};
