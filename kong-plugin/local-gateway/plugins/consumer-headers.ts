import type { Consumer, JwtSecret, KeyAuthCredential } from '../declarative-config/entities.ts';
import type { RequestState } from '../proxy/request-state.ts';
import { isUuid } from '../declarative-config/field-validators.ts';
import { toWireText } from '../shared/lua-data.ts';
import type { Snapshot } from './snapshot.ts';

export interface Authenticated {
  readonly consumer: Consumer | undefined;
  readonly credential: KeyAuthCredential | JwtSecret | undefined;
  /** `X-Credential-Identifier`: the id for key-auth, the key for jwt. */
  readonly identifier: string | undefined;
}

/** Notes who was authenticated and sets the headers that Kong's authentication plugins set; what is not known is removed. */
export const setConsumer = (request: RequestState, { consumer, credential, identifier }: Authenticated): void => {
  request.consumer = consumer;
  request.credential = credential;
  setOrClear(request, 'X-Consumer-ID', consumer?.id);
  setOrClear(request, 'X-Consumer-Custom-ID', consumer?.custom_id);
  setOrClear(request, 'X-Consumer-Username', consumer?.username);
  setOrClear(request, 'X-Credential-Identifier', identifier);
  setOrClear(request, 'X-Anonymous-Consumer', credential === undefined ? 'true' : undefined);
};

const setOrClear = (request: RequestState, name: string, value: string | null | undefined): void => {
  if (value === undefined || value === null) request.headers.delete(name);
  else request.headers.set(name, toWireText(value));
};

/** `config.anonymous`: the id or username of the consumer that an unauthenticated caller becomes. */
export const setAnonymous = (request: RequestState, anonymous: string, snapshot: Snapshot): void =>
  setConsumer(request, {
    consumer: isUuid(anonymous) ? snapshot.consumerById(anonymous) : snapshot.consumerByUsername(anonymous),
    credential: undefined,
    identifier: undefined,
  });
