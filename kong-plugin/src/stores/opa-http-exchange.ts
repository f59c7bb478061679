import { Buffer } from 'node:buffer';
import { request as httpRequest, type Agent, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { failure, success, type Result } from '../domain/result.ts';

export interface HttpQuestion {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly agent: Agent;
  readonly socketPath?: string;
  readonly maxAnswerBytes: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

interface Interruption {
  readonly why: string;
  /** The connection had idled and its other end had closed it: the question never arrived. */
  readonly isStale: boolean;
}

/**
 * One POST and its whole answer. A question that met a connection which the server had just closed is asked once more, on
 * another one: keep-alive makes that race unavoidable (RFC 9112, 9.3.1), and a question to OPA changes nothing.
 */
export const exchange = async (question: HttpQuestion): Promise<Result<HttpAnswer, string>> => {
  const first = await post(question, question.agent);
  if (first.ok) return first;
  if (!first.error.isStale || question.signal.aborted) return failure(first.error.why);
  const second = await post(question, false);
  return second.ok ? second : failure(second.error.why);
};

const post = (question: HttpQuestion, agent: Agent | false): Promise<Result<HttpAnswer, Interruption>> => {
  const { url, headers, body, socketPath, signal } = question;
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    let hasAnswer = false;
    const sent = send(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(body.length) },
      agent,
      signal,
      ...(socketPath === undefined ? {} : { socketPath }),
    });
    sent.on('response', (response) => {
      hasAnswer = true;
      void readAnswer(response, question.maxAnswerBytes).then((answer) => {
        if (!answer.ok) sent.destroy();
        resolve(answer.ok ? answer : failure({ why: answer.error, isStale: false }));
      });
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const isReset = error.code === 'ECONNRESET' || error.code === 'EPIPE';
      resolve(failure({ why: error.message, isStale: !hasAnswer && isReset && sent.reusedSocket }));
    });
    // A server that answers with an upgrade ends the request without an answer and without an error.
    sent.on('close', () => {
      if (!hasAnswer) resolve(failure({ why: 'the connection closed without an answer', isStale: false }));
    });
    sent.end(body);
  });
};

const readAnswer = async (response: IncomingMessage, maxBytes: number): Promise<Result<HttpAnswer, string>> => {
  const encoding = response.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    return failure('the answer is compressed, which was not asked for');
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) return failure(`the answer has more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    return failure(`the answer broke off: ${error instanceof Error ? error.message : String(error)}`);
  }
  return success({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) });
};
