/* Made from docs/billing-openapi.json by billing/src/http/openapi.test.ts. */
/* eslint-disable */
export interface paths {
  '/v1/usage': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Calls of tools in a period, grouped
     * @description From the daily sums: every outcome, refusals included. Grouping by tool also gives its server. By team and cost center, calls are shared by the allocation rules as on statements, and only counted.
     */
    get: {
      parameters: {
        query?: {
          tenant?: string;
          server?: string;
          tool?: string;
          application?: string;
          outcome?: string;
          /** @description First day (UTC); of this month when left out. */
          from?: string;
          /** @description The day after the last; tomorrow when left out. */
          to?: string;
          /** @description May be repeated; tool when left out. */
          group_by?: (
            'tenant' | 'day' | 'server' | 'tool' | 'kind' | 'application' | 'outcome' | 'team' | 'cost_center'
          )[];
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Sorted by the groups. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              /**
               * Format: date
               * @example 2026-11-01
               */
              from: string;
              /**
               * Format: date
               * @example 2026-11-01
               */
              to: string;
              groupBy: (
                'tenant' | 'day' | 'server' | 'tool' | 'kind' | 'application' | 'outcome' | 'team' | 'cost_center'
              )[];
              items: components['schemas']['UsageRow'][];
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/monitor': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The last minutes of tools: calls, errors, latency */
    get: {
      parameters: {
        query?: {
          tenant?: string;
          server?: string;
          tool?: string;
          minutes?: number;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Most called first. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              minutes: number;
              items: components['schemas']['MonitorRow'][];
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/accrual': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What this month costs so far, per tenant and tool
     * @description Rated as the statement will be. Nothing is stored.
     */
    get: {
      parameters: {
        query?: {
          tenant?: string;
          /** @description This month when left out. */
          month?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description A tenant each; those without usage are left out unless asked for. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              /** @example 2026-11 */
              month: string;
              items: components['schemas']['TenantAccrual'][];
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/statements': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Statements, newest period first */
    get: {
      parameters: {
        query?: {
          tenant?: string;
          month?: string;
          state?: 'draft' | 'sealed' | 'pushed' | 'verified' | 'finalized' | 'paid' | 'void';
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Without their lines. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              items: components['schemas']['StatementSummary'][];
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/statements/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** A statement with its lines */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description The statement. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Statement'];
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/statements/{id}/lines.csv': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Its lines as CSV; the column Amount adds up to the subtotal
     * @description With its SHA-256 in `x-content-sha256`.
     */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Its lines as CSV; the column Amount adds up to the subtotal */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'text/csv': string;
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/statements/{id}/teams.csv': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Who bears its lines, as CSV
     * @description With its SHA-256 in `x-content-sha256`.
     */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Who bears its lines, as CSV */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'text/csv': string;
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/statements/{id}/focus.csv': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * FOCUS 1.2: daily rows; the column BilledCost adds up to the invoice
     * @description With its SHA-256 in `x-content-sha256`.
     */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description FOCUS 1.2: daily rows; the column BilledCost adds up to the invoice */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'text/csv': string;
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/statements/{id}/statement.html': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The statement as a person reads and prints it
     * @description With its SHA-256 in `x-content-sha256`.
     */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description The statement as a person reads and prints it */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'text/html': string;
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/statements/{id}/lines/{lineNo}/evidence': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A line down to the calls behind it
     * @description How the amount came about, what was hashed when the statement was sealed, and one page of the calls, oldest first.
     */
    get: {
      parameters: {
        query?: {
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path: {
          id: string;
          lineNo: number | null;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description The line and its calls. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              statement: string;
              line: components['schemas']['StatementLine'];
              steps: string[];
              price?: {
                id: string;
                text: string;
                currency: string;
                /**
                 * Format: date
                 * @example 2026-11-01
                 */
                effectiveFrom: string;
              };
              buckets: {
                /**
                 * Format: date
                 * @example 2026-11-01
                 */
                day: string;
                outcome: string;
                /** @description Invocations. */
                quantity: number;
                sha256: string;
              }[];
              invocations: components['schemas']['BilledInvocation'][];
              nextCursor?: string;
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/prices': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Every price version, oldest first */
    get: {
      parameters: {
        query?: {
          tenant?: string;
          server?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description With a tenant: its own prices and the list's. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              items: (components['schemas']['PriceVersion'] & {
                /**
                 * Format: date-time
                 * @example 2026-11-01T12:00:00Z
                 */
                createdAt: string;
                createdBy: string;
              })[];
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/prices/in-force': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What tools cost a tenant on a day */
    get: {
      parameters: {
        query: {
          /** @description The token's own when left out. */
          tenant?: string;
          server: string;
          /** @description May be repeated. */
          tool: string[];
          /** @description Today (UTC) when left out. */
          day?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description A price each; without one the tool is unpriced. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              tenant: string;
              /**
               * Format: date
               * @example 2026-11-01
               */
              day: string;
              items: {
                server: string;
                tool: string;
                price?: components['schemas']['PriceVersion'];
              }[];
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/unpriced': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Tools that were called and have no price */
    get: {
      parameters: {
        query?: {
          tenant?: string;
          month?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Successful calls that no statement will charge. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              /** @example 2026-11 */
              month: string;
              items: {
                tenant: string;
                server: string;
                tool: string;
                /** @description Invocations. */
                quantity: number;
                /**
                 * Format: date
                 * @example 2026-11-01
                 */
                firstDay: string;
                /**
                 * Format: date
                 * @example 2026-11-01
                 */
                lastDay: string;
                /** @description Currencies in which it has a price; the tenant pays in another. */
                pricedIn: string[];
              }[];
              /** @description Calls of no tenant, or of one without a record. */
              warnings: string[];
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/budgets': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Budgets and how they stand this month */
    get: {
      parameters: {
        query?: {
          tenant?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Every budget of the tenant, or of all. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              items: components['schemas']['Budget'][];
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/budgets/enforcement': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * What the gateway should refuse because a budget is used up
     * @description Add `limits` to the policy document's `limits`. The revision changes when they do; it is also the ETag.
     */
    get: {
      parameters: {
        query?: {
          tenant?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Exhausted budgets with enforcement enabled. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              revision: string;
              exhausted: {
                budget: string;
                tenant: string;
                scope: string;
              }[];
              limits: components['schemas']['GatewayLimit'][];
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/budgets/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Make or replace a budget */
    put: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': components['schemas']['NewBudget'];
        };
      };
      responses: {
        /** @description The budget as it is kept. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Budget'];
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    post?: never;
    /** Delete a budget */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description It is gone, and refuses nothing any more. */
        204: {
          headers: {
            [name: string]: unknown;
          };
          content?: never;
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/policy': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The gateway's policy document, with the limits of used-up budgets
     * @description For `policy.url` of the gateway (docs/policy.md). Answers 304 to the ETag of the last answer; with a secret configured it is signed in `x-policy-signature`.
     */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description The document. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              [key: string]: unknown;
            };
          };
        };
        /** @description Nothing has changed. */
        304: {
          headers: {
            [name: string]: unknown;
          };
          content?: never;
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Single records, refusals included
     * @description Without a tenant, a tool or a digest of arguments at most 31 days at a time.
     */
    get: {
      parameters: {
        query?: {
          /** @description Of `occurredAt`; a day ago when left out. */
          from?: string;
          /** @description Before this moment; now when left out. */
          to?: string;
          tenant?: string;
          application?: string;
          user?: string;
          consumer?: string;
          server?: string;
          tool?: string;
          decision?: 'allow' | 'deny';
          outcome?: string;
          reason?: string;
          arguments_sha256?: string;
          trace_id?: string;
          node?: string;
          order?: 'newest_first' | 'oldest_first';
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description One page. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              items: components['schemas']['Invocation'][];
              nextCursor?: string;
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/invocations/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * One call: what it was, and what it cost
     * @description A gateway sends its records within seconds of the call; until then there is none. With the role audit also the record itself.
     */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description The call. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              id: string;
              /**
               * Format: date-time
               * @example 2026-11-01T12:00:00Z
               */
              recordedAt: string;
              /**
               * Format: date-time
               * @example 2026-11-01T12:00:00Z
               */
              occurredAt: string;
              tenant: string;
              application?: string;
              server: string;
              tool?: string;
              decision: string;
              outcome: string;
              status: number;
              cost: components['schemas']['CallCost'];
              record?: {
                [key: string]: unknown;
              };
              contentSha256: string;
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/reconciliation': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Comparisons from the gateway to the payment, newest first
     * @description The worker compares every hour. Empty while Stripe is off.
     */
    get: {
      parameters: {
        query?: {
          limit?: number;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Kept runs. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              items: components['schemas']['ReconciliationRun'][];
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/reconciliation/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** What differed in one comparison, with cause and fix */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description From the gateway outwards. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              run: components['schemas']['ReconciliationRun'];
              items: components['schemas']['ReconciliationItem'][];
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/nodes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Gateway nodes, and which of their records are missing */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Every node with a credential, and open gaps, newest first. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              items: components['schemas']['Node'][];
              gaps: {
                nodeId: string;
                epoch: string;
                from: number;
                to: number;
                /**
                 * Format: date-time
                 * @example 2026-11-01T12:00:00Z
                 */
                openedAt: string;
              }[];
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/quarantine': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Events that can never be accepted as they are
     * @description Without what was received, which may hold anything: see it with `stoa-billing replay --show ID`.
     */
    get: {
      parameters: {
        query?: {
          reason?:
            'unreadable' | 'invalid' | 'wrong_source' | 'conflict' | 'future' | 'too_old' | 'retired' | 'unstorable';
          node?: string;
          /** @description true: also those that were dealt with. */
          resolved?: 'true' | 'false';
          limit?: number;
          cursor?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Oldest first. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              items: components['schemas']['QuarantinedEvent'][];
              nextCursor?: string;
            };
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/healthz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the process lives */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description It does. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              status: string;
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/readyz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether requests can be answered: the database is there and up to date */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description They can. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              status: string;
            };
          };
        };
        /** @description They cannot. */
        503: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': {
              status: string;
            };
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Metrics for Prometheus */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description The text format. */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'text/plain': string;
          };
        };
        /** @description Why there is no answer: RFC 9457, with every wrong field and what to send instead. */
        default: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    UsageRow: {
      tenant?: string;
      /**
       * Format: date
       * @example 2026-11-01
       */
      day?: string;
      server?: string;
      tool?: string;
      kind?: string;
      application?: string;
      outcome?: string;
      /** @description Empty: no allocation rule names one. */
      team?: string;
      /** @description Empty: no allocation rule names one. */
      costCenter?: string;
      /** @description Invocations. */
      quantity: number;
      /** @description By team or cost center: calls times basis points of the share (10000 is a call borne alone), not rounded to whole calls. An amount is shared by it. */
      allocationWeight?: number;
      latencyMsMean?: number;
      latencyMsMax?: number;
      requestBytes?: number;
      responseBytes?: number;
    };
    Problem: {
      /** @enum {string} */
      type: 'about:blank';
      title: string;
      status: number;
      detail: string;
      code: string;
      errors?: components['schemas']['FieldProblem'][];
    };
    FieldProblem: {
      /** @example query.from */
      field: string;
      /** @example is not a day */
      problem: string;
      /** @example Write it as YYYY-MM-DD, for example 2026-11-01. */
      fix: string;
    };
    MonitorRow: {
      server: string;
      tool: string;
      /** @description Invocations. */
      calls: number;
      /** @description The server was at fault, or could not do it. */
      errors: number;
      /** @description Errors among calls that were let through, from 0 to 1. */
      errorRate: number;
      /** @description Invocations. */
      refused: number;
      p50Ms?: number;
      p95Ms?: number;
      p99Ms?: number;
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      lastCallAt: string;
    };
    TenantAccrual: {
      tenant: string;
      currency: string;
      total: components['schemas']['Money'];
      today: components['schemas']['Money'];
      forecast?: components['schemas']['Money'];
      tools: components['schemas']['ToolAccrual'][];
      unpriced: {
        server: string;
        tool: string;
        /** @description Invocations. */
        quantity: number;
      }[];
    };
    /** @description With minimums and corrections: what the statement would say now. */
    Money: {
      /**
       * @description Smallest units of the currency, as text.
       * @example 1234
       */
      minor: string;
      /** @example eur */
      currency: string;
      /**
       * @description Units that people use.
       * @example 12.34
       */
      text: string;
    };
    ToolAccrual: {
      server: string;
      tool: string;
      /** @description Invocations. */
      quantity: number;
      /** @description Invocations. */
      freeQuantity: number;
      amount: components['schemas']['Money'];
      /** @description What today (UTC) adds. */
      today: {
        /** @description Invocations. */
        quantity: number;
        amount: components['schemas']['Money'];
      };
      /** @description The whole month if it goes on like this. */
      forecast?: {
        /** @description Invocations. */
        quantity: number;
        amount: components['schemas']['Money'];
      };
    };
    StatementSummary: {
      id: string;
      tenant: string;
      tenantName: string;
      /**
       * Format: date
       * @example 2026-11-01
       */
      periodStart: string;
      /**
       * Format: date
       * @description Not in the period.
       * @example 2026-11-01
       */
      periodEnd: string;
      revision: number;
      /** @enum {string} */
      state: 'draft' | 'sealed' | 'pushed' | 'verified' | 'finalized' | 'paid' | 'void';
      subtotal: components['schemas']['Money'];
      lineCount: number;
      /** @description What a draft waits for, or what was overridden. */
      blockers: components['schemas']['Blocker'][];
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      sealedAt?: string;
      sealSha256?: string;
      stripeInvoiceId?: string;
    };
    Blocker: {
      kind: string;
      detail: string;
    };
    Statement: {
      id: string;
      tenant: string;
      tenantName: string;
      /**
       * Format: date
       * @example 2026-11-01
       */
      periodStart: string;
      /**
       * Format: date
       * @description Not in the period.
       * @example 2026-11-01
       */
      periodEnd: string;
      revision: number;
      /** @enum {string} */
      state: 'draft' | 'sealed' | 'pushed' | 'verified' | 'finalized' | 'paid' | 'void';
      subtotal: components['schemas']['Money'];
      lineCount: number;
      /** @description What a draft waits for, or what was overridden. */
      blockers: components['schemas']['Blocker'][];
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      sealedAt?: string;
      sealSha256?: string;
      stripeInvoiceId?: string;
      lines: components['schemas']['StatementLine'][];
      unpriced: {
        server: string;
        tool: string;
        /** @description Invocations. */
        quantity: number;
      }[];
      unbilled: {
        server: string;
        tool: string;
        outcome: string;
        /** @description Invocations. */
        quantity: number;
      }[];
    };
    StatementLine: {
      lineNo: number;
      /** @enum {string} */
      kind: 'usage' | 'free' | 'minimum' | 'adjustment';
      server?: string;
      tool?: string;
      description: string;
      priceVersionId?: string;
      adjustmentId?: string;
      /** @description Invocations. */
      quantity: number;
      /** @description Invocations. */
      freeQuantity: number;
      /**
       * @description In units that people use.
       * @example 0.005
       */
      unitAmount?: string;
      amount: components['schemas']['Money'];
      /**
       * Format: date
       * @example 2026-11-01
       */
      firstDay: string;
      /**
       * Format: date
       * @example 2026-11-01
       */
      lastDay: string;
      billed: {
        outcome: string;
        /** @description Invocations. */
        quantity: number;
      }[];
      unbilled: {
        outcome: string;
        /** @description Invocations. */
        quantity: number;
      }[];
      allocations: {
        team: string;
        costCenter: string;
        amount: components['schemas']['Money'];
        /** @description Invocations. */
        quantity: number;
      }[];
      evidenceSha256?: string;
    };
    BilledInvocation: {
      id: string;
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      occurredAt: string;
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      recordedAt: string;
      application: string;
      user?: string;
      outcome: string;
      status: number;
      latencyMs: number;
      traceId?: string;
      contentSha256: string;
    };
    /** @description Amounts are texts in units that people use. */
    PriceModel:
      | {
          /** @enum {string} */
          model: 'flat';
          unitAmount: string;
        }
      | {
          /** @enum {string} */
          model: 'package';
          size: number;
          amount: string;
        }
      | {
          /** @enum {string} */
          model: 'graduated';
          tiers: {
            upTo?: number;
            unitAmount: string;
            flatAmount?: string;
          }[];
        }
      | {
          /** @enum {string} */
          model: 'volume';
          tiers: {
            upTo?: number;
            unitAmount: string;
            flatAmount?: string;
          }[];
        };
    PriceVersion: {
      id: string;
      server: string;
      /** @description `*`: any tool of the server, each rated by itself. */
      tool: string;
      /** @description Absent: the list price. */
      tenant?: string;
      currency: string;
      price: components['schemas']['PriceModel'];
      /**
       * @description For people.
       * @example 0.05 a call
       */
      text: string;
      /** @description Invocations. */
      freeUnits?: number;
      pool?: string;
      minimum?: components['schemas']['Money'];
      billableOutcomes: string[];
      /**
       * Format: date
       * @example 2026-11-01
       */
      effectiveFrom: string;
      /**
       * Format: date
       * @example 2026-11-01
       */
      effectiveTo?: string;
      displayName?: string;
    };
    Budget: {
      /** @example acme-month */
      id: string;
      tenant: string;
      scope: components['schemas']['BudgetScope'];
      /** @enum {string} */
      period: 'month';
      limit:
        | {
            /** @enum {string} */
            kind: 'amount';
            amount: components['schemas']['Money'];
          }
        | {
            /** @enum {string} */
            kind: 'quantity';
            /** @description Invocations. */
            quantity: number;
          };
      /** @enum {string} */
      enforcement: 'enabled' | 'warn_only' | 'disabled';
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      updatedAt: string;
      updatedBy: string;
      /** @description This month so far. Absent until it was compared, a few seconds after a change. */
      state?: {
        spent:
          | {
              /** @enum {string} */
              kind: 'amount';
              amount: components['schemas']['Money'];
            }
          | {
              /** @enum {string} */
              kind: 'quantity';
              /** @description Invocations. */
              quantity: number;
            };
        /** @description Whole per cent, downwards. Absent for a limit of 0. */
        percent?: number;
        isExhausted: boolean;
        /**
         * Format: date-time
         * @example 2026-11-01T12:00:00Z
         */
        evaluatedAt: string;
      };
    };
    BudgetScope:
      | {
          /** @enum {string} */
          kind: 'tenant';
        }
      | {
          /** @enum {string} */
          kind: 'team';
          team: string;
        }
      | {
          /** @enum {string} */
          kind: 'application';
          application: string;
        }
      | {
          /** @enum {string} */
          kind: 'tool';
          server: string;
          tool: string;
        };
    GatewayLimit: {
      id: string;
      /** @enum {string} */
      window: 'month';
      /** @enum {number} */
      limit: 0;
      per: string[];
      callers: {
        tenants: string[];
        applications?: string[];
        tags?: string[];
      };
      servers?: string[];
      tools?: string[];
    };
    NewBudget: {
      tenant: string;
      scope: components['schemas']['BudgetScope'];
      /** @description An amount is in the tenant's currency. */
      limit:
        | {
            /** @enum {string} */
            kind: 'amount';
            /** @example 10000 */
            minor: string;
          }
        | {
            /** @enum {string} */
            kind: 'quantity';
            quantity: number;
          };
      /**
       * @description `enabled`: notices, and at 100 % the gateway refuses. `warn_only`: notices. `disabled`: reports only.
       * @enum {string}
       */
      enforcement: 'enabled' | 'warn_only' | 'disabled';
    };
    Invocation: {
      id: string;
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      occurredAt: string;
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      recordedAt: string;
      late: boolean;
      tenant: string;
      application: string;
      user?: string;
      consumer?: string;
      server: string;
      tool?: string;
      kind: string;
      method: string;
      /** @enum {string} */
      decision: 'allow' | 'deny';
      outcome: string;
      reason?: string;
      rule?: string;
      policy?: string;
      policyRevision?: string;
      plan?: string;
      status: number;
      upstreamStatus?: number;
      latencyMs: number;
      upstreamMs?: number;
      requestBytes: number;
      responseBytes: number;
      argumentsSha256?: string;
      traceId?: string;
      nodeId: string;
      nodeEpoch: string;
      nodeSequence: number;
      contentSha256: string;
    };
    CallCost: {
      isPriced: boolean;
      isBillable: boolean;
      /** @description Where every call costs the same, in units that people use. */
      unitAmount?: string;
      currency?: string;
      priceVersionId?: string;
      /**
       * @description For people.
       * @example 0.05 EUR
       */
      text: string;
    };
    ReconciliationRun: {
      id: string;
      tenant?: string;
      /**
       * Format: date
       * @example 2026-11-01
       */
      firstDay: string;
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      startedAt: string;
      /**
       * Format: date
       * @description Not included.
       * @example 2026-11-01
       */
      endDay: string;
      /** @description Tools times days. */
      compared: number;
      /** @description Differences that will go by themselves. */
      pending: number;
      /** @description Those that need somebody. */
      wrong: number;
    };
    ReconciliationItem: {
      /** @enum {string} */
      hop: 'gateway' | 'ledger' | 'rollup' | 'outbox' | 'provider' | 'statement' | 'invoice' | 'payment';
      cause: string;
      /** @description What a person does about it. */
      fix: string;
      subject: string;
      tenant?: string;
      server?: string;
      tool?: string;
      /**
       * Format: date
       * @example 2026-11-01
       */
      day?: string;
      /** @description Of the side nearer to the gateway, as text. */
      expected: string;
      found: string;
      isPending: boolean;
    };
    Node: {
      nodeId: string;
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      createdAt: string;
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      revokedAt?: string;
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      lastSeenAt?: string;
      /**
       * Format: date-time
       * @description When the newest call that it sent happened.
       * @example 2026-11-01T12:00:00Z
       */
      lastEventAt?: string;
      /** @description The node's clock minus ours; absent while it is not known. */
      skewMs?: number;
      openGaps: number;
      /** @description Records that the node wrote and the ledger does not have. */
      missing: number;
    };
    QuarantinedEvent: {
      /** @description Of the entry, for `cursor` and `stoa-billing replay`. */
      id: string;
      eventId: string;
      nodeId: string;
      /** @enum {string} */
      reason: 'unreadable' | 'invalid' | 'wrong_source' | 'conflict' | 'future' | 'too_old' | 'retired' | 'unstorable';
      /** @description Which field is wrong, and how. */
      detail: string;
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      firstSeen: string;
      /**
       * Format: date-time
       * @example 2026-11-01T12:00:00Z
       */
      resolvedAt?: string;
      resolution?: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
