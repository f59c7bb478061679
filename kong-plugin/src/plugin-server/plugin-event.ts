import { errorText } from './describe-error.ts';
import type { EventMessage } from './plugin-contract.ts';
import { endingMethods } from './plugin-contract.ts';

/** A PDK call after the request was answered: Kong no longer listens. */
export class EventEndedError extends Error {
  override readonly name = 'EventEndedError';
}

/** Kong answered a PDK call with an error; the text is kong-pdk's, which operators may search for. */
export class PdkError extends Error {
  override readonly name = 'PDKError';
}

export interface PluginEventOptions {
  readonly phase: string;
  readonly instanceId: number;
}

/**
 * The conversation of one phase of one request: the handler's calls go to Kong in the order they were made, and Kong's
 * answers come back to them in that order. Nothing but the event table and the handler itself holds it, so a handler that
 * waits for an answer that never comes is garbage once the table lets go.
 */
export class PluginEvent {
  readonly phase: string;
  readonly instanceId: number;
  /** Messages for which Kong has not asked yet. */
  private readonly outbox: EventMessage[] = [];
  /** Kong's open request, waiting for our next message. */
  private waitingKong: ((message: EventMessage) => void) | undefined;
  /** The handler's calls that wait for Kong. */
  private readonly waitingCalls: WaitingCall[] = [];
  private lastMessageChosen = false;

  constructor(options: PluginEventOptions) {
    this.phase = options.phase;
    this.instanceId = options.instanceId;
  }

  /** The last message is chosen: more calls of the handler are refused. */
  get ended(): boolean {
    return this.lastMessageChosen;
  }

  /** Is Kong waiting for the handler? */
  get owesKong(): boolean {
    return this.waitingKong !== undefined;
  }

  /** Calls a PDK function, such as `kong.request.get_header`. A call that ends the request never settles: Kong does not answer it. */
  call(method: string, parameters: readonly unknown[]): Promise<unknown> {
    if (this.lastMessageChosen)
      return Promise.reject(new EventEndedError(`${method} was called after the request had ended`));
    this.lastMessageChosen = endingMethods.has(method);
    this.send({ Method: method, Args: parameters });
    if (this.lastMessageChosen) return never();
    return new Promise((resolve, reject) => this.waitingCalls.push({ method, resolve, reject }));
  }

  /** Ends the conversation, unless the handler already did. */
  finish(message: EventMessage): boolean {
    if (this.lastMessageChosen) return false;
    this.lastMessageChosen = true;
    this.send(message);
    return true;
  }

  /** Kong asks for the next message. */
  next(): Promise<EventMessage> {
    const message = this.outbox.shift();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => {
      this.waitingKong = resolve;
    });
  }

  /** Kong's answer to the oldest open call; false when there is none. */
  answer(result: unknown, error?: unknown): boolean {
    const call = this.waitingCalls.shift();
    if (call === undefined) return false;
    if (error === undefined) call.resolve(result);
    else call.reject(new PdkError(`PDK method ${call.method} failed:  ${errorText(error)}`));
    return true;
  }

  /** Kong is gone: release the handler, so that its `finally` blocks run. */
  abandon(): void {
    this.lastMessageChosen = true;
    for (const call of this.waitingCalls.splice(0)) call.reject(new EventEndedError('Kong gave up this request'));
  }

  private send(message: EventMessage): void {
    const deliver = this.waitingKong;
    this.waitingKong = undefined;
    if (deliver === undefined) this.outbox.push(message);
    else deliver(message);
  }
}

interface WaitingCall {
  readonly method: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

const never = <Value>(): Promise<Value> => new Promise(() => undefined);
