/** The part of Kong's declarative configuration that decides who is governed, and how. */
export interface KongFile {
  readonly file: string;
  readonly services: readonly KongService[];
  /** Routes without a service. */
  readonly routes: readonly KongRoute[];
  readonly consumers: readonly KongConsumer[];
  /** Plugins that apply to everything. */
  readonly plugins: readonly KongPlugin[];
}

export interface KongService {
  readonly name: string;
  readonly routes: readonly KongRoute[];
  readonly plugins: readonly KongPlugin[];
}

export interface KongRoute {
  readonly name: string;
  readonly plugins: readonly KongPlugin[];
  readonly responseBuffering: boolean;
}

export interface KongConsumer {
  /** Its own id, or one made from its name: only for comparing. */
  readonly id: string;
  readonly username?: string;
  readonly customId?: string;
  readonly tags: readonly string[];
  readonly groups: readonly string[];
  readonly plugins: readonly KongPlugin[];
  readonly line?: number;
}

export interface KongPlugin {
  readonly name: string;
  readonly enabled: boolean;
  readonly config: unknown;
  readonly line?: number;
  /** Only for this consumer. */
  readonly consumer?: string;
}

export const consumerName = ({ username, customId, id }: KongConsumer): string => username ?? customId ?? id;
