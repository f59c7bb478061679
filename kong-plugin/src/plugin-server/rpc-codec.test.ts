import { encode } from '@msgpack/msgpack';
import { describe, expect, it } from 'vitest';
import { encodeError, encodeResult, parseRequest, RENAMED_KEY } from './rpc-codec.ts';

const request = (data: unknown) => encode([0, 1, 'plugin.Step', [data]]);

describe('parseRequest', () => {
  it('renames the map key __proto__, which a client can send as a header or query name', () => {
    const frame = request(JSON.parse('{"Data":{"__proto__":["x"],"prototype":["y"]},"EventId":1}'));
    const parsed = parseRequest(frame);
    expect(parsed).toEqual({
      ok: true,
      value: {
        id: 1,
        method: 'plugin.Step',
        parameters: [{ Data: { [RENAMED_KEY]: ['x'], prototype: ['y'] }, EventId: 1 }],
      },
    });
  });

  it('accepts map keys of every type that Lua can send', () => {
    const frame = Uint8Array.of(0x94, 0, 1, 0xa1, 0x6d, 0x91, 0x83, 1, 2, 0xc3, 3, 0xa1, 0x61, 4);
    expect(parseRequest(frame)).toMatchObject({ ok: true, value: { parameters: [{ '1': 2, true: 3, a: 4 }] } });
  });

  it('keeps bin as bytes and str as text', () => {
    const parsed = parseRequest(request({ Data: Buffer.from([0, 255]), text: 'é' }));
    const [data] = parsed.ok ? (parsed.value.parameters as readonly { Data: Uint8Array; text: string }[]) : [];
    expect(data?.text).toBe('é');
    expect([...(data?.Data ?? [])]).toEqual([0, 255]);
  });

  it.each([
    ['a number', 71],
    ['a map', { a: 1 }],
    ['an array of 3', [0, 1, 'plugin.Step']],
    ['a response', [1, 1, null, null]],
    ['a request without parameters', [0, 1, 'plugin.Step', null]],
    ['a request whose method is a number', [0, 1, 2, []]],
    ['a request whose id is text', [0, '1', 'plugin.Step', []]],
  ])('refuses %s', (_name, message) => {
    expect(parseRequest(encode(message)).ok).toBe(false);
  });
});

describe('encodeResult and encodeError', () => {
  it('write nil for the part that is absent, as Kong expects', () => {
    expect(Buffer.from(encodeResult(1, { Data: 'ret', EventId: 2 })).toString('hex')).toBe(
      '940101c082a444617461a3726574a74576656e74496402',
    );
    expect(Buffer.from(encodeError(3, 'no')).toString('hex')).toBe('940103a26e6fc0');
  });

  it('write whole numbers as integers, others as float 64, undefined as nil and a Buffer as bin', () => {
    const bytes = encodeResult(0, [1, 1.5, undefined, Buffer.from([255])]);
    expect(Buffer.from(bytes).toString('hex')).toBe('940100c09401cb3ff8000000000000c0c401ff');
  });

  it('still works after an answer of 2 MiB', () => {
    expect(encodeResult(0, Buffer.alloc(2 * 1024 * 1024)).length).toBeGreaterThan(2 * 1024 * 1024);
    expect(Buffer.from(encodeResult(0, 1)).toString('hex')).toBe('940100c001');
  });
});
