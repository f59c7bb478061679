import { describe, expect, it } from 'vitest';
import { readPdkAnswer } from './read-pdk-answer.ts';
import { fakeKong } from './testing/fake-kong.ts';

const answers = {
  'ctx.shared.get': { admission: '{}' },
  'service.response.getStatus': 200,
  'service.response.getRawBody': Buffer.from('{"é":1}'),
  'service.response.getHeader': (name: unknown) => (name === 'content-type' ? 'application/json' : undefined),
};

describe('the buffered answer without mcp-guard', () => {
  it('is the body in Base64 with its status and type', async () => {
    expect(await readPdkAnswer(fakeKong(answers).kong)).toEqual({
      status: 200,
      content_type: 'application/json',
      body: Buffer.from('{"é":1}').toString('base64'),
      admission: '{}',
    });
  });

  it('is the same when Kong sends the body as text', async () => {
    const { kong } = fakeKong({ ...answers, 'service.response.getRawBody': '{"é":1}' });
    expect(await readPdkAnswer(kong)).toMatchObject({ body: Buffer.from('{"é":1}').toString('base64') });
  });

  it.each(['ctx.shared.get', 'service.response.getRawBody'])('is none without %s', async (missing) => {
    expect(await readPdkAnswer(fakeKong({ ...answers, [missing]: undefined }).kong)).toBeUndefined();
  });
});
