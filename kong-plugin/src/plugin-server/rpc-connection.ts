import type { Socket } from 'node:net';
import { describeError, errorText } from './describe-error.ts';
import { FrameScanner } from './frame-scanner.ts';
import type { GovernanceServer } from './governance-server.ts';
import type { Logger } from './logger.ts';
import { isFinal, type EventAnswer } from './plugin-contract.ts';
import type { RpcRequest } from './rpc-codec.ts';
import { encodeError, encodeResult, parseRequest } from './rpc-codec.ts';
import { callMethod } from './rpc-methods.ts';

export interface RpcConnectionOptions {
  readonly socket: Socket;
  readonly server: GovernanceServer;
  readonly logger: Logger;
  readonly now?: () => number;
  readonly maximumMessageBytes?: number;
}

/**
 * Kong sends one request at a time on a connection. After a timeout it puts the connection back into its pool with the
 * request unanswered and sends the next one; an answer to the old one would then fail the new one ("unexpected RPC response
 * ID"). One second is far below any sensible `lua_socket_read_timeout` and far above a client that pipelines on purpose.
 */
const GIVEN_UP_AFTER_MS = 1_000;

interface PendingRequest {
  readonly receivedAt: number;
}

/** One connection of Kong: bytes in, answers out. Whatever arrives on it, the process lives. */
export class RpcConnection {
  private readonly socket: Socket;
  private readonly server: GovernanceServer;
  private readonly logger: Logger;
  private readonly now: () => number;
  private readonly scanner: FrameScanner;
  private readonly pending = new Set<PendingRequest>();
  /** Between two messages of one phase, Kong sends the next one on this connection again. */
  private isInPhase = false;
  private isLeaving = false;

  constructor(options: RpcConnectionOptions) {
    this.socket = options.socket;
    this.server = options.server;
    this.logger = options.logger;
    this.now = options.now ?? Date.now;
    const maximumBytes = options.maximumMessageBytes;
    this.scanner = new FrameScanner(maximumBytes === undefined ? {} : { maximumBytes });
    this.socket.on('data', (chunk) => this.receive(chunk));
    this.socket.on('error', (error) => this.logger.debug('connection error', describeError(error)));
  }

  /** Ends the connection as soon as Kong does not wait for anything on it: Kong makes its next one to whoever listens then. */
  leave(): void {
    this.isLeaving = true;
    this.endIfIdle();
  }

  private endIfIdle(): void {
    if (this.isLeaving && !this.isInPhase && this.pending.size === 0) this.socket.end();
  }

  private receive(chunk: Uint8Array): void {
    const { frames, problem } = this.scanner.push(chunk);
    for (const frame of frames) {
      if (!this.socket.destroyed) this.receiveFrame(frame);
    }
    if (problem !== undefined) this.reject(problem);
  }

  private receiveFrame(frame: Uint8Array): void {
    const request = parseRequest(frame);
    if (!request.ok) {
      this.reject(request.error);
      return;
    }
    this.logger.debug('rpc', { id: request.value.id, method: request.value.method, bytes: frame.length });
    void this.serve(request.value);
  }

  private reject(problem: string): void {
    if (this.socket.destroyed) return;
    this.logger.error('connection closed: not a message of Kong', { problem });
    this.socket.destroy();
  }

  private async serve(request: RpcRequest): Promise<void> {
    const pending = this.registerRequest();
    try {
      const result = await callMethod(this.server, request);
      const sending = this.pending.has(pending) ? this.sendResult(request.id, result) : this.dropAnswer(result);
      if (sending !== undefined) await sending;
    } catch (error) {
      // A refused StartInstance is logged where it happens, with its stack; the others are answers to a client's mistake.
      this.logger.warn('rpc failed', { id: request.id, method: request.method, error: errorText(error) });
      if (this.pending.has(pending)) this.write(encodeError(request.id, errorText(error)));
    } finally {
      this.pending.delete(pending);
      this.endIfIdle();
    }
  }

  private registerRequest(): PendingRequest {
    const receivedAt = this.now();
    for (const earlier of this.pending) {
      if (receivedAt - earlier.receivedAt >= GIVEN_UP_AFTER_MS) this.pending.delete(earlier);
    }
    const pending = { receivedAt };
    this.pending.add(pending);
    return pending;
  }

  private dropAnswer(result: object): undefined {
    this.logger.warn('answer dropped: Kong no longer waits for it');
    const eventId = eventIdOf(result);
    if (eventId !== undefined) this.server.abandon(eventId);
    return undefined;
  }

  /** Nothing to wait for, unless MessagePack cannot carry the answer and another has to be found. */
  private sendResult(id: number, result: object): Promise<void> | undefined {
    let bytes: Uint8Array;
    try {
      bytes = encodeResult(id, result);
    } catch (error) {
      const eventId = eventIdOf(result);
      if (eventId === undefined) throw error;
      return this.sendReplacement(id, { eventId, error });
    }
    this.isInPhase = eventIdOf(result) !== undefined && !isFinal((result as EventAnswer).Data);
    this.write(bytes);
    return undefined;
  }

  private async sendReplacement(
    id: number,
    { eventId, error }: { readonly eventId: number; readonly error: unknown },
  ): Promise<void> {
    await this.sendResult(id, await this.server.replaceUnsendable(eventId, error));
  }

  private write(bytes: Uint8Array): void {
    if (this.socket.writable) this.socket.write(bytes);
  }
}

const eventIdOf = (result: object): number | undefined =>
  'EventId' in result && typeof result.EventId === 'number' ? result.EventId : undefined;
