import { decode } from '@msgpack/msgpack';
import { describe, expect, it } from 'vitest';
import { encodeGuardAnswer, GuardAnswer } from './guard-messages.ts';

describe('an answer to mcp-guard', () => {
  const answers: readonly (readonly [GuardAnswer, number, string, string])[] = [
    [new GuardAnswer('admit', '["f0e1",{},"f0e1"]', '{"größe":1}'), 1, '["f0e1",{},"f0e1"]', '{"größe":1}'],
    [GuardAnswer.of({ kind: 'exit', text: '{"status":200}' }), 3, '{"status":200}', ''],
    [GuardAnswer.of({ kind: 'ask' }), 4, '', ''],
    [new GuardAnswer('taken', '[2,7]'), 7, '[2,7]', ''],
    [new GuardAnswer('admit', 'x'.repeat(70_000), '😀'), 1, 'x'.repeat(70_000), '😀'],
  ];

  it.each(answers)('%# is MessagePack-RPC like any other', (answer, kind, first, second) => {
    const [type, id, error, result] = decode(encodeGuardAnswer(0, answer)) as readonly unknown[];
    expect([type, id, error]).toEqual([1, 0, null]);
    const [kindRead, length, texts] = result as readonly [number, number, Uint8Array];
    const read = [texts.subarray(0, length), texts.subarray(length)].map((text) => Buffer.from(text).toString('utf8'));
    expect([kindRead, ...read]).toEqual([kind, first, second]);
  });

  it('has its parts where exchange.lua looks for them', () => {
    const bytes = Buffer.from(encodeGuardAnswer(0, new GuardAnswer('refuse', 'ab', 'cde')));
    expect(bytes.toString('hex')).toBe(`940100c093${'02'}ce00000002c600000005${'6162'}${'636465'}`);
  });
});
