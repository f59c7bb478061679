/** On a Group: the tenant that its consumers carry in Kong (`tenant:<id>`). Its members act for that tenant. */
export const TENANT_ANNOTATION = 'mcp-governance/tenant';
