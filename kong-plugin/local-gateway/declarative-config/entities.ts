import type { LuaData } from '../shared/lua-data.ts';

export interface Reference {
  readonly id: string;
}

interface Entity {
  readonly id: string;
  readonly created_at: number;
  readonly tags: readonly string[] | null;
}

export interface Service extends Entity {
  readonly name: string | null;
  readonly protocol: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  readonly path: string | null;
  readonly retries: number;
  readonly connect_timeout: number;
  readonly write_timeout: number;
  readonly read_timeout: number;
  readonly tls_verify: boolean | null;
  readonly enabled: boolean;
}

export interface Route extends Entity {
  readonly name: string | null;
  readonly service: Reference | null;
  readonly protocols: readonly string[];
  readonly hosts: readonly string[] | null;
  readonly paths: readonly string[] | null;
  readonly methods: readonly string[] | null;
  readonly headers: Readonly<Record<string, readonly string[]>> | null;
  readonly strip_path: boolean;
  readonly preserve_host: boolean;
  readonly request_buffering: boolean;
  readonly response_buffering: boolean;
  readonly regex_priority: number;
  readonly path_handling: 'v0' | 'v1';
  readonly https_redirect_status_code: number;
}

export interface Consumer extends Entity {
  readonly username: string | null;
  readonly custom_id: string | null;
}

export interface KeyAuthCredential extends Entity {
  readonly consumer: Reference;
  readonly key: string;
}

export interface Acl extends Entity {
  readonly consumer: Reference;
  readonly group: string;
}

export interface JwtSecret extends Entity {
  readonly consumer: Reference;
  readonly key: string;
  readonly secret: string;
  readonly rsa_public_key: string | null;
  readonly algorithm: string;
}

export interface Plugin extends Entity {
  readonly name: string;
  readonly instance_name: string | null;
  readonly config: Readonly<Record<string, LuaData>>;
  readonly enabled: boolean;
  readonly protocols: readonly string[];
  readonly route: Reference | null;
  readonly service: Reference | null;
  readonly consumer: Reference | null;
}

/** A whole configuration, flattened: what DB-less Kong keeps. Fields that were not given are `null`, as the Admin API shows them. */
export interface Entities {
  readonly services: readonly Service[];
  readonly routes: readonly Route[];
  readonly consumers: readonly Consumer[];
  readonly keyauth_credentials: readonly KeyAuthCredential[];
  readonly acls: readonly Acl[];
  readonly jwt_secrets: readonly JwtSecret[];
  readonly plugins: readonly Plugin[];
}

export type EntityName = keyof Entities;

export const entityNames: readonly EntityName[] = [
  'services',
  'routes',
  'consumers',
  'keyauth_credentials',
  'acls',
  'jwt_secrets',
  'plugins',
];

/** The id of Kong's one workspace in DB-less mode. */
export const DEFAULT_WORKSPACE_ID = '0dc6f45b-8f8d-40d2-a504-473544ee190b';
