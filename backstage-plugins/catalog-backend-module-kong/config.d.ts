export interface Config {
  catalog?: {
    providers?: {
      /** Kongs whose services become entities, by an id of your choice. */
      kong?: {
        [id: string]: {
          /** Kong's Admin API, with the path of a workspace if there is one. Only the backend needs to reach it. */
          adminUrl: string;
          /**
           * Sent as `Kong-Admin-Token`. Reading is all it must be allowed.
           * @visibility secret
           */
          adminToken?: string;
          /**
           * Other headers for the Admin API, e.g. `apikey` of a gateway in front of it.
           * @deepVisibility secret
           */
          adminHeaders?: { [name: string]: string };
          /** Where consumers reach Kong's proxy; it goes into the entities. */
          gatewayUrl: string;
          /** Namespace of the entities; `default`. */
          namespace?: string;
          /** How often to look; each minute. */
          schedule?: { [name: string]: unknown };
          /** Longest wait for one answer of Kong or a server; 10. */
          timeoutSeconds?: number;
          /** Tags of Kong services that mean something. */
          tags?: {
            /** Marks MCP servers; `mcp`. A service that the plugin mcp-governance governs needs none. */
            mcp?: string[];
            /** Marks REST APIs; `rest`. */
            rest?: string[];
            /** Prefixes of a tag that names the owner: `team:`, `team-`, `owner:`. */
            owner?: string[];
            /** Prefixes of a tag that names the system: `system:`, `system-`. */
            system?: string[];
            /** Prefixes of a tag that names the lifecycle: `lifecycle:`. */
            lifecycle?: string[];
            /** Prefixes of a tag that names the OpenAPI document, relative to the service: `openapi:`. */
            document?: string[];
          };
          owner?: {
            /** The Group, `{name}` being the rest of the owner's tag; `{name}`. */
            template?: string;
            /** Owner of what carries no such tag; `unknown`. */
            default?: string;
          };
          /** Lifecycle of what carries no such tag; `production`. */
          lifecycle?: string;
          tools?: {
            /**
             * `gateway` (default): `tools/list` through Kong; give a key whose rules show all tools. `upstream`: ask the
             * server itself, if the backend can reach it.
             */
            through?: 'gateway' | 'upstream';
            /**
             * The catalog's own credential.
             * @deepVisibility secret
             */
            headers?: { [name: string]: string };
          };
          /** What tags cannot say, by service. */
          services?: Array<{
            /** Name of the service in Kong. */
            name: string;
            owner?: string;
            system?: string;
            lifecycle?: string;
            title?: string;
            description?: string;
            document?: {
              /** Address of the OpenAPI document; a path is relative to the service itself. */
              url: string;
              /** @deepVisibility secret */
              headers?: { [name: string]: string };
            };
            tools?: {
              /** Address to ask for tools instead. */
              url?: string;
              /** @deepVisibility secret */
              headers?: { [name: string]: string };
            };
          }>;
        };
      };
    };
  };
}
