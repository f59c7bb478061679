import { createServer, type Socket } from 'node:net';
import { encode } from '@msgpack/msgpack';
import { decodeMultiStream } from '@msgpack/msgpack';

export type RpcMessage = readonly [0, number, string, readonly unknown[]];

/** `error` or `result` of the answer; undefined: never answered. */
export type RpcReply = { readonly error: string } | { readonly result: unknown } | undefined;

export interface FakePluginServer {
  readonly socket: string;
  /** Every message of Kong, with the number of its connection. */
  readonly received: readonly { readonly connection: number; readonly message: RpcMessage }[];
  close(): Promise<void>;
}

/** A plugin server whose answers a test decides, message by message. */
export const startFakePluginServer = async (
  socket: string,
  reply: (message: RpcMessage, connection: Socket) => RpcReply,
): Promise<FakePluginServer> => {
  const received: { connection: number; message: RpcMessage }[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((connection) => {
    connections += 1;
    const number = connections;
    sockets.add(connection);
    connection.on('error', () => undefined);
    const run = async (): Promise<void> => {
      for await (const message of decodeMultiStream(connection)) {
        const request = message as RpcMessage;
        received.push({ connection: number, message: request });
        const answer = reply(request, connection);
        if (answer === undefined) continue;
        connection.write(
          encode('error' in answer ? [1, request[1], answer.error, null] : [1, request[1], null, answer.result]),
        );
      }
    };
    run().catch(() => undefined);
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    received,
    close: () =>
      new Promise((resolve) => {
        for (const connection of sockets) connection.destroy();
        server.close(() => resolve());
      }),
  };
};
