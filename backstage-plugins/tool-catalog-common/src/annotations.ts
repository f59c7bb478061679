/** On a Group: the tenant that its consumers carry in Kong (`tenant:<id>`). Its members act for that tenant. */
export const TENANT_ANNOTATION = 'mcp-governance/tenant';

/** On an API: the name of the server at the gateway (`server.name` of the plugin's configuration). Makes it a server. */
export const SERVER_ANNOTATION = 'mcp-governance/server';

/** On an API: its address at the gateway, where calls are governed. */
export const GATEWAY_URL_ANNOTATION = 'mcp-governance/gateway-url';

/** On an API: entity refs of the groups that may see it, separated by commas. Everybody when left out. */
export const VISIBLE_TO_ANNOTATION = 'mcp-governance/visible-to';
