import { documentedVariants } from './kong-yml-variants.ts';
import type { Origins } from './stack.ts';
import type { TokenIssuer } from './tokens.ts';

export const ISSUER = 'https://login.example.com';

/**
 * An OAuth deployment: the plugins and the metadata route exactly as the comments of kong.yml show them, on the demo
 * server, with a rule, and with the issuer's key as a jwt credential.
 */
export const oauthConfig =
  (issuer: TokenIssuer) =>
  ({ mcp }: Origins): object => {
    const { oauth, metadataRoute } = documentedVariants();
    const [jwt, governance] = oauth;
    const rules = [
      { id: 'deny-deletes', effect: 'deny', callers: {}, tools: ['delete_*'] },
      { id: 'desk', callers: { tenants: ['acme'] }, tools: ['search_orders', 'create_invoice'] },
    ];
    return {
      _format_version: '3.0',
      services: [
        {
          name: 'orders-mcp',
          url: `${mcp}/commerce/mcp`,
          routes: [{ name: 'orders-mcp', paths: ['/mcp/orders'], response_buffering: false }, metadataRoute],
          plugins: [
            jwt,
            { ...governance, config: { server: { name: 'orders', kind: 'mcp' }, rules, ...governance?.config } },
            { name: 'mcp-guard' },
          ],
        },
      ],
      consumers: [
        { username: 'nobody' },
        {
          username: 'acme-login',
          tags: ['tenant:acme'],
          jwt_secrets: [{ key: ISSUER, algorithm: issuer.algorithm, ...issuer.credential }],
        },
      ],
    };
  };
