export interface Config {
  /** Tool catalog: subscriptions, keys and usage of MCP tools and REST APIs behind Kong. */
  toolCatalog?: {
    /**
     * Keys that seal secrets at rest (TOTP secrets, the keys of "Try it"): 32 characters or more each. The first one seals, all
     * of them open, so that they can be rotated.
     * @deepVisibility secret
     */
    encryptionKeys: string[];

    kong: {
      /** Admin API of one Kong node (with a database), or of every node (DB-less). */
      adminUrls: string[];
      /** @visibility secret */
      adminToken?: string;
      /** DB-less: the declarative file that the nodes load. It holds keys, so it is written with mode 0600. */
      declarativeFile?: string;
    };

    gateway?: {
      /** Management APIs of the plugin server, one per gateway node (docs/tool-pins.md). */
      managementUrls?: string[];
      /** @visibility secret */
      managementToken?: string;
    };

    billing?: {
      /** Address of the billing API (docs/billing.md). Without it there is no usage, cost or audit to show. */
      url?: string;
      /** @visibility secret */
      token?: string;
    };

    policy: {
      /**
       * Shared with the gateways (`policy.hmac_secret`): signs the policy that they poll.
       * @visibility secret
       */
      hmacSecret: string;
      /**
       * What the gateways show to be given the policy (`policy.token` there): it tells who uses what.
       * @visibility secret
       */
      token: string;
      /** What operators keep by hand, as a policy document (docs/policy.md); YAML or JSON. */
      baseFile?: string;
    };

    /** Entity refs of groups with rights beyond their own teams. */
    roles?: {
      /** See usage and cost of every team. */
      finance?: string[];
      /** See every audit record. */
      auditors?: string[];
      /** Bring Kong in line with the portal. */
      administrators?: string[];
    };

    /** Plans that exist from the start; what providers change in the portal stays changed. */
    plans?: Array<{
      id: string;
      /** Name of the server at the gateway. */
      server: string;
      name: string;
      description?: string;
      /** Tool names; `*` stands for any run of characters. */
      tools: string[];
      limits?: Array<{ id: string; window: 'second' | 'minute' | 'hour' | 'day' | 'month'; limit: number }>;
      /** Does the provider approve each subscription? True when left out. */
      requiresApproval?: boolean;
      /** Entity refs of groups whose subscriptions need no approval. */
      autoApprovedTeams?: string[];
    }>;
  };
}
