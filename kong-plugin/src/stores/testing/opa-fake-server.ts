import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface AskedQuestion {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers a question, or does something worse. */
export type Behaviour = (response: ServerResponse, question: AskedQuestion, count: number) => void;

export interface FakeOpa {
  readonly url: string;
  readonly questions: readonly AskedQuestion[];
  /** Connections so far, and the most at one time. */
  readonly connections: { readonly total: number; readonly most: number };
  stop(): Promise<void>;
}

export const answerJson = (response: ServerResponse, document: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(document));
};

export const answerAllow: Behaviour = (response) => answerJson(response, { result: { allow: true } });

/** A server in OPA's place that behaves as told; listens on a port of the loopback interface, or on a Unix socket. */
export const startFakeOpa = async (behave: Behaviour, socketPath?: string): Promise<FakeOpa> => {
  const questions: AskedQuestion[] = [];
  const sockets = new Set<Socket>();
  const connections = { total: 0, most: 0 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      const question = { method, url, headers, body: Buffer.concat(chunks).toString('utf8') };
      questions.push(question);
      behave(response, question, questions.length);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    connections.total += 1;
    connections.most = Math.max(connections.most, sockets.size);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    if (socketPath === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(socketPath, resolve);
  });
  const port = socketPath === undefined ? (server.address() as AddressInfo).port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    questions,
    connections,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
