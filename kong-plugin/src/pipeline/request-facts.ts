import type { HttpRequest } from '../domain/http-request.ts';

/** Everything that the gateway knows about a request before it decides; how it was gathered is the host's business. */
export interface RequestFacts {
  readonly request: HttpRequest;
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Why `request.body` is not the whole body; such a request is refused. */
  readonly unreadable?: 'too_large' | 'unreadable' | 'too_many_headers';
  /** The consumer that Kong authenticated (or its anonymous stand-in). */
  readonly consumer?: KongConsumer;
  /** Kong's own authentication fell back to its `anonymous` consumer: nobody has been proved. */
  readonly isAnonymous: boolean;
  readonly credentialId?: string;
  /** ACL groups as Kong stores them. */
  readonly groups: readonly string[];
  /** Kong could not say which groups: rules about groups cannot be judged. */
  readonly groupsUnknown?: boolean;
  /** A token whose signature Kong's jwt plugin verified. */
  readonly token?: string;
}

export interface KongConsumer {
  readonly id: string;
  readonly username?: string;
  readonly customId?: string;
  readonly tags: readonly string[];
}
