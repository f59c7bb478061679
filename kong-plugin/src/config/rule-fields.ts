import type { KongField, NamedField } from './kong-schema.ts';

const patterns = (description: string): KongField => ({
  type: 'array',
  elements: { type: 'string', len_max: 512 },
  len_max: 10_000,
  default: [],
  description,
});

const optionalPatterns = (description: string): KongField => ({
  type: 'array',
  elements: { type: 'string', len_max: 512 },
  len_min: 1,
  len_max: 10_000,
  description,
});

/** One entry of `rules`. */
export const ruleFields: readonly NamedField[] = [
  {
    id: {
      type: 'string',
      required: true,
      len_max: 128,
      description: 'Unique name of the rule; records and explanations cite it.',
    },
  },
  {
    effect: {
      type: 'string',
      one_of: ['allow', 'deny'],
      default: 'allow',
      description: '`allow` or `deny`; deny beats allow.',
    },
  },
  {
    callers: {
      type: 'record',
      required: true,
      description:
        'Whom the rule is about. Every field given must match, any entry of a field may. None given: every authenticated caller.',
      fields: [
        { consumers: optionalPatterns('Usernames of Kong consumers.') },
        { custom_ids: optionalPatterns('custom_id of Kong consumers.') },
        { tags: optionalPatterns('Tags of Kong consumers.') },
        { groups: optionalPatterns('ACL groups, as Kong itself stores them.') },
        { tenants: optionalPatterns('Tenants of the caller, as named by the tenant tag.') },
        { applications: optionalPatterns('Applications of the caller.') },
        { anonymous: { type: 'boolean', default: false, description: 'Also callers without a credential.' } },
      ],
    },
  },
  { tools: patterns('Tools of an MCP server, or operations of a REST API, by name.') },
  { prompts: patterns('Prompts by name.') },
  { resources: patterns('Resources by URI, resource templates by their uriTemplate.') },
];
