import {
  callersField,
  idField,
  matchOnlyField,
  MAX_ID,
  MAX_PATTERN,
  MAX_PATTERNS,
  MAX_SERVERS,
  patternsField,
  serversField,
} from './common-fields.ts';
import { conditionShape } from './condition-document.ts';
import { limitShape } from './limit-document.ts';
import { anyJson, boolean, integer, list, oneOf, record, text, type Field, type RecordShape } from './shape.ts';
import { hashFormat, idFormat } from './text-formats.ts';
import { timeZoneFormat } from './time-zone.ts';

/**
 * How many of each are read. A node keeps the whole policy in memory and compiles it at every change, so each number is
 * far above what was asked for and low enough that a runaway generator does not take the gateway down.
 */
export const documentLimits = {
  /** Customers of one gateway. */
  tenants: 10_000,
  /** Ten per tenant. */
  applications: 100_000,
  /** Every application to two servers. */
  subscriptions: 200_000,
  /** More rules than people can review; the judge stays flat up to here (bench). */
  rules: 10_000,
  limits: 10_000,
  plans: 1_000,
  servers: MAX_SERVERS,
  /** A client cannot show a model more. */
  toolsOfServer: 10_000,
  /** A sentence that needs more conditions is two rules. */
  conditions: 32,
  /** Shown to a model with every refusal: a paragraph. */
  messageCharacters: 500,
  redaction: 1_000,
} as const;

const reference = (description: string): Field => ({
  shape: text(MAX_ID, { format: idFormat }),
  required: true,
  description,
});

const tenantShape = record({
  id: idField('Unique name; the value of the tenant tag of its consumers.'),
  time_zone: {
    shape: text(64, { format: timeZoneFormat }),
    default: 'UTC',
    description: 'IANA name; days and months of its limits begin at midnight there.',
  },
});

const applicationShape = record({
  id: idField('Unique name; subscriptions, limits and records use it.'),
  tenant: { shape: text(MAX_ID, { format: idFormat }), description: 'Tenant that it belongs to.' },
  match: matchOnlyField(
    'Whose calls are its own. Left out: the application tag (or, without one, the username) that is its id.',
  ),
});

const toolShape = record({
  name: { shape: text(256), required: true, description: 'Name of an MCP tool or of a REST operation.' },
  weight: { shape: integer(0, 1_000_000), default: 1, description: 'Units that one call takes from a limit.' },
  input_schema: { shape: anyJson, description: 'JSON Schema of its arguments: rules are checked against it.' },
  pin: {
    shape: text(64, { format: hashFormat }),
    description: 'SHA-256 of the canonical definition that was approved.',
  },
});

const serverShape = record({
  id: idField("The plugin's `server.name`."),
  tools: {
    shape: list(toolShape, documentLimits.toolsOfServer),
    default: [],
    description: 'Its tools, when known: rules, plans and limits that name others are then reported.',
  },
  pins: {
    shape: oneOf('observe', 'quarantine_changed', 'approve_new'),
    default: 'observe',
    description:
      '`observe`: report tools that change. `quarantine_changed`: hide and refuse them. `approve_new`: also tools that nobody approved.',
  },
});

const planShape = record({
  id: idField('Unique name.'),
  tools: {
    shape: list(text(MAX_PATTERN), MAX_PATTERNS, 1),
    required: true,
    description: 'Tools that it includes, by name; * is any run of characters.',
  },
  limits: {
    shape: list(limitShape({ per: ['application', 'server'] }), 100),
    default: [],
    description: 'Limits of each subscription to the plan.',
  },
});

const subscriptionShape = record({
  application: reference('Who subscribes.'),
  server: reference('To which server.'),
  plan: reference('On which plan.'),
  tools: {
    shape: list(text(MAX_PATTERN), MAX_PATTERNS, 1),
    description: "A part of the plan's tools; all of them when left out.",
  },
  state: {
    shape: oneOf('active', 'suspended', 'revoked', 'expired'),
    required: true,
    description: 'Only an active subscription allows calls; any other refuses them.',
  },
});

const ruleShape = record({
  id: idField('Unique name; records and explanations cite it.'),
  effect: { shape: oneOf('allow', 'deny'), required: true, description: 'Deny beats allow.' },
  servers: serversField('Servers that the rule is about.'),
  callers: callersField(
    'Whom it is about. Every field given must match, any entry of it may. None: every authenticated caller.',
  ),
  tools: patternsField('Tools of an MCP server, or operations of a REST API, by name.'),
  prompts: patternsField('Prompts by name.'),
  resources: patternsField('Resources by URI, resource templates by their uriTemplate.'),
  when: {
    shape: list(conditionShape, documentLimits.conditions),
    default: [],
    description: 'The rule counts only while all of these hold.',
  },
  phases: {
    shape: list(oneOf('list', 'call'), 2, 1),
    default: ['list', 'call'],
    description: '`list`: whether the item shows. `call`: whether it may be used.',
  },
  shadow: { shape: boolean, default: false, description: 'Decided and recorded, not enforced.' },
  message: {
    shape: text(documentLimits.messageCharacters),
    description: 'What the caller reads when the rule denies, or when its conditions on arguments are not met.',
  },
});

const names = (description: string): Field => ({
  shape: list(text(256), documentLimits.redaction),
  default: [],
  description,
});

const entries = (shape: RecordShape, maximum: number, description: string): Field => ({
  shape: list(shape, maximum),
  default: [],
  description,
});

/** The whole document. */
export const policyDocument: RecordShape = record({
  version: { shape: integer(1, 1), required: true, description: 'Version of this schema: 1.' },
  revision: {
    shape: text(MAX_ID, { format: idFormat }),
    description: 'Name of this state of the policy, cited by records; the SHA-256 of the document when left out.',
  },
  tenants: entries(tenantShape, documentLimits.tenants, 'Who pays, and in which time zone their days begin.'),
  applications: entries(applicationShape, documentLimits.applications, 'Which consumers are one application.'),
  servers: entries(serverShape, documentLimits.servers, 'MCP servers and REST APIs, and their tools.'),
  plans: entries(planShape, documentLimits.plans, 'What can be subscribed to.'),
  subscriptions: entries(
    subscriptionShape,
    documentLimits.subscriptions,
    'Which application uses which server on which plan.',
  ),
  rules: entries(ruleShape, documentLimits.rules, "Rules besides those of the plugin's configuration."),
  limits: entries(limitShape(), documentLimits.limits, 'Limits besides those of the plans.'),
  redaction: {
    shape: record({
      keys: names('Argument names whose values never enter a record.'),
      paths: names('JSON paths that never enter a record, e.g. $.customer.iban.'),
    }),
    default: { keys: [], paths: [] },
    description: "Added to what the plugin's configuration redacts.",
  },
});
