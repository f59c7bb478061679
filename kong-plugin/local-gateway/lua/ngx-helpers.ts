import { createHmac } from 'node:crypto';
import type { HostTable, LuaValue } from './host-table.ts';

export interface NgxHelperOptions {
  /** Seconds since the epoch, with milliseconds as the fraction: `ngx.now()`. */
  readonly nowSeconds: () => number;
}

/** The functions of `ngx` that need no request. */
export const ngxHelpers = (options: NgxHelperOptions): HostTable => ({
  null: null,
  now: () => options.nowSeconds(),
  update_time: () => undefined,
  encode_base64: (value) => toBytes(value).toString('base64'),
  decode_base64: (value) => decodeBase64(toBytes(value).toString('latin1')),
  hmac_sha1: (key, value) => new Uint8Array(createHmac('sha1', toBytes(key)).update(toBytes(value)).digest()),
});

/** A Lua string's bytes; numbers as Lua would print them. */
export const toBytes = (value: LuaValue): Buffer => {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value === 'number') return Buffer.from(String(value));
  throw new Error('string expected');
};

/** nil for anything but padded base64, as OpenResty does. */
const decodeBase64 = (text: string): LuaValue =>
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
    ? new Uint8Array(Buffer.from(text, 'base64'))
    : undefined;
