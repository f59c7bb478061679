table adjustment
  id text not null
  idempotency_key text not null
  tenant text not null
  server text
  tool text
  day date not null
  quantity_delta bigint not null
  amount_minor bigint not null
  currency character(3) not null
  reason text not null
  actor text not null
  source text not null
  settlement text not null
  source_statement_id text
  source_line_no integer
  created_at timestamp(3) with time zone not null
  applied_statement_id text
  stripe_credit_note_id text
  cancelled_at timestamp(3) with time zone
table allocation_rule
  id text not null
  tenant text not null
  match_application text
  match_server text
  match_tool text
  team text not null
  cost_center text not null
  weight_bp integer not null
  effective_from date not null
  effective_to date
  created_at timestamp(3) with time zone not null default now()
  created_by text not null
table api_token
  id text not null
  name text not null
  token_sha256 text not null
  roles text[] not null
  tenant text
  created_at timestamp(3) with time zone not null default CURRENT_TIMESTAMP
  expires_at timestamp(3) with time zone
  revoked_at timestamp(3) with time zone
table audit_day
  day date not null
  links bigint not null
  entries bigint not null
  head_sha256 bytea not null
  sealed_at timestamp(3) with time zone
  seal_sha256 bytea
  verified_at timestamp(3) with time zone
  with fillfactor=70
table audit_link
  day date not null
  link bigint not null
  recorded_at timestamp(3) with time zone not null
  events integer not null
  entries bytea not null
table budget
  id text not null
  tenant text not null
  scope text not null
  team text
  application text
  server text
  tool text
  limit_kind text not null
  limit_value bigint not null
  currency character(3)
  enforcement text not null
  updated_at timestamp(3) with time zone not null default CURRENT_TIMESTAMP
  updated_by text not null
table budget_notice
  budget_id text not null
  period_start date not null
  limit_value bigint not null
  threshold smallint not null
  spent bigint not null
  payload jsonb not null
  reached_at timestamp(3) with time zone not null default CURRENT_TIMESTAMP
  attempts integer not null default 0
  next_attempt_at timestamp(3) with time zone default CURRENT_TIMESTAMP
  delivered_at timestamp(3) with time zone
  last_error text
table budget_state
  budget_id text not null
  period_start date not null
  spent bigint not null
  is_exhausted boolean not null
  evaluated_at timestamp(3) with time zone not null
table free_pool
  id text not null
  tenant text
  units bigint not null
  effective_from date not null
  created_at timestamp(3) with time zone not null default now()
  created_by text not null
table invocation partition by RANGE (occurred_at)
  id uuid not null
  occurred_at timestamp(3) with time zone not null
  recorded_at timestamp(3) with time zone not null
  late boolean not null
  tenant text not null
  application text not null
  user_id text
  consumer text
  team text
  server text not null
  tool text
  kind text not null
  method text not null
  decision text not null
  outcome text not null
  reason text
  rule text
  policy text
  policy_revision text
  plan text
  status integer not null
  upstream_status integer
  latency_ms integer not null
  upstream_ms integer
  request_bytes bigint not null
  response_bytes bigint not null
  arguments_sha256 bytea
  trace_id text
  node_id text not null
  node_epoch text not null
  node_sequence bigint not null
  content_sha256 bytea not null
  record json not null
table job_lease
  name text not null
  owner text not null
  fence bigint not null
  expires_at timestamp(3) with time zone not null
  next_run_at timestamp(3) with time zone not null
  started_at timestamp(3) with time zone
  finished_at timestamp(3) with time zone
  last_error text
  failures bigint not null default '0'::bigint
table meter_day
  environment text not null
  tenant text not null
  server text not null
  tool text not null
  day date not null
  desired_quantity bigint not null
  acked_quantity bigint not null default 0
  acked_at timestamp(3) with time zone
  revision integer not null default 0
  inflight_id text
  inflight_value bigint
  inflight_since timestamp(3) with time zone
  attempts integer not null default 0
  next_attempt_at timestamp(3) with time zone not null
  claimed_until timestamp(3) with time zone
  state text not null default 'open'::text
  last_error text
  resends integer not null default 0
table node
  node_id text not null
  credential_sha256 bytea not null
  created_at timestamp(3) with time zone not null default now()
  revoked_at timestamp(3) with time zone
  last_seen_at timestamp(3) with time zone
  last_event_at timestamp(3) with time zone
  skew_ms bigint
table node_epoch
  node_id text not null
  epoch text not null
  contiguous_sequence bigint not null
  max_sequence bigint not null
  first_seen timestamp(3) with time zone not null
  last_seen timestamp(3) with time zone not null
  with fillfactor=70
table node_gap
  id bigint not null identity
  node_id text not null
  epoch text not null
  from_sequence bigint not null
  to_sequence bigint not null
  opened_at timestamp(3) with time zone not null
  closed_at timestamp(3) with time zone
table price_version
  id text not null
  server text not null
  tool text not null
  tenant text
  currency character(3) not null
  model jsonb not null
  free_units bigint
  pool text
  minimum_minor bigint
  billable_outcomes text[] not null default '{ok}'::text[]
  effective_from date not null
  effective_to date
  display_name text
  note text
  created_at timestamp(3) with time zone not null default now()
  created_by text not null
  stripe_product_id text
  stripe_price_id text
table quarantine
  id bigint not null identity
  event_id text not null
  node_id text not null
  reason text not null
  detail text not null
  raw text not null
  digest bytea not null
  first_seen timestamp(3) with time zone not null
  resolved_at timestamp(3) with time zone
  resolution text
table reconciliation_item
  run_id text not null
  item_no integer not null
  hop text not null
  cause text not null
  subject text not null
  tenant text
  server text
  tool text
  day date
  expected bigint not null
  found bigint not null
  is_pending boolean not null
table reconciliation_run
  id text not null
  environment text not null
  tenant text
  first_day date not null
  end_day date not null
  started_at timestamp(3) with time zone not null
  finished_at timestamp(3) with time zone not null
  compared integer not null
  pending integer not null
  wrong integer not null
table retention
  only_row boolean not null default true
  kept_from timestamp(3) with time zone
table statement
  id text not null
  tenant text not null
  period_start date not null
  period_end date not null
  revision integer not null
  currency character(3) not null
  subtotal_minor bigint not null
  state text not null
  document text not null
  minimum_minor bigint
  usage_as_of timestamp(3) with time zone not null
  usage_links jsonb not null
  blockers jsonb not null default '[]'::jsonb
  forced_reason text
  forced_by text
  seal_sha256 text
  sealed_at timestamp(3) with time zone
  created_at timestamp(3) with time zone not null
  void_reason text
  voided_by text
  voided_at timestamp(3) with time zone
  stripe_invoice_id text
table statement_allocation
  statement_id text not null
  line_no integer not null
  team text not null
  cost_center text not null
  amount_minor bigint not null
  quantity bigint not null
table statement_evidence
  statement_id text not null
  line_no integer not null
  buckets json not null
table statement_line
  statement_id text not null
  line_no integer not null
  kind text not null
  server text
  tool text
  price_version_id text
  adjustment_id text
  description text not null
  quantity bigint not null
  free_quantity bigint not null
  unit_amount text
  amount_minor bigint not null
  first_day date not null
  last_day date not null
  outcomes jsonb not null
  evidence_sha256 text
  stripe_line_id text
table stripe_credit_note
  environment text not null
  adjustment_id text not null
  invoice_id text not null
  credit_note_id text
  amount_minor bigint not null
  begun_at timestamp(3) with time zone not null
table stripe_hold
  id bigint not null identity
  environment text not null
  meter_id text
  reason text not null
  detail text not null
  event_id text not null
  opened_at timestamp(3) with time zone not null
  cleared_at timestamp(3) with time zone
table stripe_inbox
  environment text not null
  event_id text not null
  type text not null
  object_id text
  created_at timestamp(3) with time zone not null
  received_at timestamp(3) with time zone not null
  payload jsonb not null
  attempts integer not null default 0
  next_attempt_at timestamp(3) with time zone not null
  processed_at timestamp(3) with time zone
  outcome text
  error text
table stripe_invoice
  environment text not null
  statement_id text not null
  tenant text not null
  line_mode text not null
  invoice_id text
  state text not null
  held_because text
  differences jsonb
  status text
  subtotal_minor bigint
  amount_due_minor bigint
  amount_paid_minor bigint
  begun_at timestamp(3) with time zone not null
  updated_at timestamp(3) with time zone not null
  finalized_at timestamp(3) with time zone
table stripe_meter
  environment text not null
  server text not null
  tool text not null
  meter_id text not null
  event_name text not null
  is_active boolean not null default true
  recorded_at timestamp(3) with time zone not null
table stripe_object
  environment text not null
  kind text not null
  local_id text not null
  stripe_id text not null
  is_active boolean not null default true
  recorded_at timestamp(3) with time zone not null
table stripe_setting
  environment text not null
  name text not null
  value text not null
  updated_at timestamp(3) with time zone not null
table stripe_subscription
  environment text not null
  subscription_id text not null
  tenant text not null
  first_month character(7) not null
  last_month character(7)
  recorded_at timestamp(3) with time zone not null
table tenant
  id text not null
  name text not null
  currency character(3) not null
  stripe_customer_id text
  line_mode text not null default 'auto'::text
  minimum_minor bigint
  status text not null default 'active'::text
  created_at timestamp(3) with time zone not null default CURRENT_TIMESTAMP
table usage_day
  tenant text not null
  day date not null
  server text not null
  tool text not null
  kind text not null
  application text not null
  outcome text not null
  n bigint not null
  latency_ms_sum bigint not null
  latency_ms_max integer not null
  request_bytes bigint not null
  response_bytes bigint not null
  updated_at timestamp(3) with time zone not null
  with fillfactor=70
table usage_evidence
  day date not null
  tenant text not null
  server text not null
  tool text not null
  outcome text not null
  n bigint not null
  sha256 bytea not null
  computed_at timestamp(3) with time zone not null

constraint adjustment_applied_statement_id_fkey on adjustment: FOREIGN KEY (applied_statement_id) REFERENCES statement(id)
constraint adjustment_check on adjustment: CHECK (((server IS NULL) = (tool IS NULL)))
constraint adjustment_check1 on adjustment: CHECK (((settlement = 'next_statement'::text) OR (source_statement_id IS NOT NULL)))
constraint adjustment_idempotency_key_key on adjustment: UNIQUE (idempotency_key)
constraint adjustment_pkey on adjustment: PRIMARY KEY (id)
constraint adjustment_settlement_check on adjustment: CHECK ((settlement = ANY (ARRAY['next_statement'::text, 'credit_note'::text])))
constraint adjustment_source_check on adjustment: CHECK ((source = ANY (ARRAY['manual'::text, 'late'::text, 'credit'::text])))
constraint adjustment_source_statement_id_fkey on adjustment: FOREIGN KEY (source_statement_id) REFERENCES statement(id)
constraint allocation_rule_check on allocation_rule: CHECK (((match_tool IS NULL) OR (match_server IS NOT NULL)))
constraint allocation_rule_check1 on allocation_rule: CHECK ((effective_to > effective_from))
constraint allocation_rule_pkey on allocation_rule: PRIMARY KEY (id)
constraint allocation_rule_weight_bp_check on allocation_rule: CHECK (((weight_bp >= 1) AND (weight_bp <= 10000)))
constraint api_token_pkey on api_token: PRIMARY KEY (id)
constraint api_token_roles on api_token: CHECK (((roles <@ ARRAY['usage'::text, 'audit'::text, 'finance'::text, 'gateway'::text, 'admin'::text]) AND (cardinality(roles) > 0)))
constraint api_token_token_sha256_unique on api_token: UNIQUE (token_sha256)
constraint audit_day_pkey on audit_day: PRIMARY KEY (day)
constraint audit_link_check on audit_link: CHECK ((length(entries) = (events * 48)))
constraint audit_link_day_fkey on audit_link: FOREIGN KEY (day) REFERENCES audit_day(day)
constraint audit_link_pkey on audit_link: PRIMARY KEY (day, link)
constraint budget_currency on budget: CHECK (((limit_kind = 'amount'::text) = (currency IS NOT NULL)))
constraint budget_enforcement_check on budget: CHECK ((enforcement = ANY (ARRAY['enabled'::text, 'warn_only'::text, 'disabled'::text])))
constraint budget_limit_kind_check on budget: CHECK ((limit_kind = ANY (ARRAY['amount'::text, 'quantity'::text])))
constraint budget_limit_value on budget: CHECK ((limit_value >= 0))
constraint budget_pkey on budget: PRIMARY KEY (id)
constraint budget_scope_check on budget: CHECK ((scope = ANY (ARRAY['tenant'::text, 'team'::text, 'application'::text, 'tool'::text])))
constraint budget_scope_names on budget: CHECK ((((scope = 'team'::text) = (team IS NOT NULL)) AND ((scope = 'application'::text) = (application IS NOT NULL)) AND ((scope = 'tool'::text) = (server IS NOT NULL)) AND ((scope = 'tool'::text) = (tool IS NOT NULL))))
constraint budget_tenant_foreign on budget: FOREIGN KEY (tenant) REFERENCES tenant(id)
constraint budget_notice_budget_id_foreign on budget_notice: FOREIGN KEY (budget_id) REFERENCES budget(id) ON DELETE CASCADE
constraint budget_notice_pkey on budget_notice: PRIMARY KEY (budget_id, period_start, limit_value, threshold)
constraint budget_state_budget_id_foreign on budget_state: FOREIGN KEY (budget_id) REFERENCES budget(id) ON DELETE CASCADE
constraint budget_state_pkey on budget_state: PRIMARY KEY (budget_id)
constraint free_pool_units_check on free_pool: CHECK ((units >= 0))
constraint invocation_id_is_of_its_time on invocation: CHECK ((uuid_milliseconds(id) = ((date_part('epoch'::text, occurred_at) * (1000)::double precision))::bigint))
constraint invocation_pkey on invocation: PRIMARY KEY (occurred_at, id)
constraint job_lease_pkey on job_lease: PRIMARY KEY (name)
constraint meter_day_check on meter_day: CHECK (((inflight_id IS NULL) = (inflight_value IS NULL)))
constraint meter_day_desired_quantity_check on meter_day: CHECK ((desired_quantity >= 0))
constraint meter_day_pkey on meter_day: PRIMARY KEY (environment, tenant, server, tool, day)
constraint meter_day_state_check on meter_day: CHECK ((state = ANY (ARRAY['open'::text, 'rejected'::text, 'too_late'::text])))
constraint node_credential_sha256_check on node: CHECK ((length(credential_sha256) = 32))
constraint node_credential_sha256_key on node: UNIQUE (credential_sha256)
constraint node_pkey on node: PRIMARY KEY (node_id)
constraint node_epoch_pkey on node_epoch: PRIMARY KEY (node_id, epoch)
constraint node_gap_check on node_gap: CHECK ((from_sequence <= to_sequence))
constraint node_gap_node_id_epoch_fkey on node_gap: FOREIGN KEY (node_id, epoch) REFERENCES node_epoch(node_id, epoch)
constraint node_gap_pkey on node_gap: PRIMARY KEY (id)
constraint price_version_check on price_version: CHECK ((effective_to > effective_from))
constraint price_version_free_units_check on price_version: CHECK ((free_units >= 0))
constraint price_version_minimum_minor_check on price_version: CHECK ((minimum_minor >= 0))
constraint price_version_pkey on price_version: PRIMARY KEY (id)
constraint quarantine_digest_key on quarantine: UNIQUE (digest)
constraint quarantine_pkey on quarantine: PRIMARY KEY (id)
constraint reconciliation_item_pkey on reconciliation_item: PRIMARY KEY (run_id, item_no)
constraint reconciliation_item_run_id_fkey on reconciliation_item: FOREIGN KEY (run_id) REFERENCES reconciliation_run(id) ON DELETE CASCADE
constraint reconciliation_run_pkey on reconciliation_run: PRIMARY KEY (id)
constraint retention_only_row_check on retention: CHECK (only_row)
constraint retention_pkey on retention: PRIMARY KEY (only_row)
constraint statement_check on statement: CHECK ((period_start < period_end))
constraint statement_check1 on statement: CHECK (((state = 'draft'::text) = (seal_sha256 IS NULL)))
constraint statement_check2 on statement: CHECK (((seal_sha256 IS NULL) = (sealed_at IS NULL)))
constraint statement_check3 on statement: CHECK (((forced_reason IS NULL) = (forced_by IS NULL)))
constraint statement_pkey on statement: PRIMARY KEY (id)
constraint statement_revision_check on statement: CHECK ((revision >= 1))
constraint statement_state_check on statement: CHECK ((state = ANY (ARRAY['draft'::text, 'sealed'::text, 'pushed'::text, 'verified'::text, 'finalized'::text, 'paid'::text, 'void'::text])))
constraint statement_tenant_period_start_revision_key on statement: UNIQUE (tenant, period_start, revision)
constraint statement_allocation_pkey on statement_allocation: PRIMARY KEY (statement_id, line_no, team, cost_center)
constraint statement_allocation_statement_id_line_no_fkey on statement_allocation: FOREIGN KEY (statement_id, line_no) REFERENCES statement_line(statement_id, line_no) ON DELETE CASCADE
constraint statement_evidence_pkey on statement_evidence: PRIMARY KEY (statement_id, line_no)
constraint statement_evidence_statement_id_line_no_fkey on statement_evidence: FOREIGN KEY (statement_id, line_no) REFERENCES statement_line(statement_id, line_no) ON DELETE CASCADE
constraint statement_line_kind_check on statement_line: CHECK ((kind = ANY (ARRAY['usage'::text, 'free'::text, 'minimum'::text, 'adjustment'::text])))
constraint statement_line_pkey on statement_line: PRIMARY KEY (statement_id, line_no)
constraint statement_line_price_version_id_fkey on statement_line: FOREIGN KEY (price_version_id) REFERENCES price_version(id)
constraint statement_line_statement_id_fkey on statement_line: FOREIGN KEY (statement_id) REFERENCES statement(id) ON DELETE CASCADE
constraint stripe_credit_note_pkey on stripe_credit_note: PRIMARY KEY (environment, adjustment_id)
constraint stripe_hold_environment_event_id_key on stripe_hold: UNIQUE (environment, event_id)
constraint stripe_hold_pkey on stripe_hold: PRIMARY KEY (id)
constraint stripe_inbox_pkey on stripe_inbox: PRIMARY KEY (environment, event_id)
constraint stripe_invoice_environment_invoice_id_key on stripe_invoice: UNIQUE (environment, invoice_id)
constraint stripe_invoice_line_mode_check on stripe_invoice: CHECK ((line_mode = ANY (ARRAY['meters'::text, 'lines'::text])))
constraint stripe_invoice_pkey on stripe_invoice: PRIMARY KEY (environment, statement_id)
constraint stripe_invoice_state_check on stripe_invoice: CHECK ((state = ANY (ARRAY['creating'::text, 'created'::text, 'held'::text, 'verified'::text, 'finalized'::text, 'paid'::text, 'void'::text])))
constraint stripe_meter_environment_event_name_key on stripe_meter: UNIQUE (environment, event_name)
constraint stripe_meter_environment_meter_id_key on stripe_meter: UNIQUE (environment, meter_id)
constraint stripe_meter_pkey on stripe_meter: PRIMARY KEY (environment, server, tool)
constraint stripe_object_environment_kind_stripe_id_key on stripe_object: UNIQUE (environment, kind, stripe_id)
constraint stripe_object_kind_check on stripe_object: CHECK ((kind = ANY (ARRAY['customer'::text, 'product'::text, 'price'::text])))
constraint stripe_object_pkey on stripe_object: PRIMARY KEY (environment, kind, local_id)
constraint stripe_setting_pkey on stripe_setting: PRIMARY KEY (environment, name)
constraint stripe_subscription_pkey on stripe_subscription: PRIMARY KEY (environment, subscription_id)
constraint tenant_line_mode_check on tenant: CHECK ((line_mode = ANY (ARRAY['auto'::text, 'meters'::text, 'lines'::text])))
constraint tenant_pkey on tenant: PRIMARY KEY (id)
constraint tenant_status_check on tenant: CHECK ((status = ANY (ARRAY['active'::text, 'closed'::text])))
constraint tenant_stripe_customer_id_unique on tenant: UNIQUE (stripe_customer_id)
constraint usage_day_pkey on usage_day: PRIMARY KEY (tenant, day, server, tool, kind, application, outcome)
constraint usage_evidence_pkey on usage_evidence: PRIMARY KEY (tenant, day, server, tool, outcome)
constraint usage_evidence_sha256_check on usage_evidence: CHECK ((length(sha256) = 32))

CREATE UNIQUE INDEX adjustment_idempotency_key_key ON billing.adjustment USING btree (idempotency_key)
CREATE INDEX adjustment_pending ON billing.adjustment USING btree (tenant) WHERE ((applied_statement_id IS NULL) AND (cancelled_at IS NULL))
CREATE UNIQUE INDEX adjustment_pkey ON billing.adjustment USING btree (id)
CREATE INDEX adjustment_source ON billing.adjustment USING btree (source_statement_id)
CREATE UNIQUE INDEX allocation_rule_pkey ON billing.allocation_rule USING btree (id)
CREATE INDEX allocation_rule_tenant ON billing.allocation_rule USING btree (tenant)
CREATE UNIQUE INDEX api_token_pkey ON billing.api_token USING btree (id)
CREATE UNIQUE INDEX api_token_token_sha256_unique ON billing.api_token USING btree (token_sha256)
CREATE UNIQUE INDEX audit_day_pkey ON billing.audit_day USING btree (day)
CREATE UNIQUE INDEX audit_link_pkey ON billing.audit_link USING btree (day, link)
CREATE UNIQUE INDEX budget_pkey ON billing.budget USING btree (id)
CREATE INDEX budget_tenant_index ON billing.budget USING btree (tenant)
CREATE INDEX budget_notice_due ON billing.budget_notice USING btree (next_attempt_at) WHERE (next_attempt_at IS NOT NULL)
CREATE UNIQUE INDEX budget_notice_pkey ON billing.budget_notice USING btree (budget_id, period_start, limit_value, threshold)
CREATE UNIQUE INDEX budget_state_pkey ON billing.budget_state USING btree (budget_id)
CREATE UNIQUE INDEX free_pool_scope ON billing.free_pool USING btree (id, COALESCE(tenant, ''::text), effective_from)
CREATE INDEX invocation_arguments ON ONLY billing.invocation USING hash (arguments_sha256)
CREATE UNIQUE INDEX invocation_pkey ON ONLY billing.invocation USING btree (occurred_at, id)
CREATE INDEX invocation_recorded ON ONLY billing.invocation USING brin (recorded_at) WITH (pages_per_range='32')
CREATE INDEX invocation_tenant_time ON ONLY billing.invocation USING btree (tenant, occurred_at)
CREATE INDEX invocation_tool_time ON ONLY billing.invocation USING btree (server, tool, occurred_at)
CREATE UNIQUE INDEX job_lease_pkey ON billing.job_lease USING btree (name)
CREATE INDEX meter_day_claimed ON billing.meter_day USING btree (environment, tenant, server, tool) WHERE (claimed_until IS NOT NULL)
CREATE INDEX meter_day_due ON billing.meter_day USING btree (environment, next_attempt_at) WHERE ((state = 'open'::text) AND ((desired_quantity <> acked_quantity) OR (inflight_id IS NOT NULL)))
CREATE UNIQUE INDEX meter_day_pkey ON billing.meter_day USING btree (environment, tenant, server, tool, day)
CREATE UNIQUE INDEX node_credential_sha256_key ON billing.node USING btree (credential_sha256)
CREATE UNIQUE INDEX node_pkey ON billing.node USING btree (node_id)
CREATE UNIQUE INDEX node_epoch_pkey ON billing.node_epoch USING btree (node_id, epoch)
CREATE UNIQUE INDEX node_gap_open ON billing.node_gap USING btree (node_id, epoch, from_sequence) WHERE (closed_at IS NULL)
CREATE UNIQUE INDEX node_gap_pkey ON billing.node_gap USING btree (id)
CREATE UNIQUE INDEX price_version_pkey ON billing.price_version USING btree (id)
CREATE UNIQUE INDEX price_version_scope ON billing.price_version USING btree (COALESCE(tenant, ''::text), server, tool, currency, effective_from)
CREATE UNIQUE INDEX quarantine_digest_key ON billing.quarantine USING btree (digest)
CREATE INDEX quarantine_open ON billing.quarantine USING btree (id) WHERE (resolved_at IS NULL)
CREATE UNIQUE INDEX quarantine_pkey ON billing.quarantine USING btree (id)
CREATE UNIQUE INDEX reconciliation_item_pkey ON billing.reconciliation_item USING btree (run_id, item_no)
CREATE UNIQUE INDEX reconciliation_run_pkey ON billing.reconciliation_run USING btree (id)
CREATE INDEX reconciliation_run_started ON billing.reconciliation_run USING btree (environment, started_at)
CREATE UNIQUE INDEX retention_pkey ON billing.retention USING btree (only_row)
CREATE INDEX statement_period ON billing.statement USING btree (period_start, tenant)
CREATE UNIQUE INDEX statement_pkey ON billing.statement USING btree (id)
CREATE UNIQUE INDEX statement_tenant_period_start_revision_key ON billing.statement USING btree (tenant, period_start, revision)
CREATE UNIQUE INDEX statement_allocation_pkey ON billing.statement_allocation USING btree (statement_id, line_no, team, cost_center)
CREATE INDEX statement_allocation_team ON billing.statement_allocation USING btree (team, cost_center)
CREATE UNIQUE INDEX statement_evidence_pkey ON billing.statement_evidence USING btree (statement_id, line_no)
CREATE UNIQUE INDEX statement_line_pkey ON billing.statement_line USING btree (statement_id, line_no)
CREATE UNIQUE INDEX stripe_credit_note_pkey ON billing.stripe_credit_note USING btree (environment, adjustment_id)
CREATE UNIQUE INDEX stripe_hold_environment_event_id_key ON billing.stripe_hold USING btree (environment, event_id)
CREATE INDEX stripe_hold_open ON billing.stripe_hold USING btree (environment) WHERE (cleared_at IS NULL)
CREATE UNIQUE INDEX stripe_hold_pkey ON billing.stripe_hold USING btree (id)
CREATE UNIQUE INDEX stripe_inbox_pkey ON billing.stripe_inbox USING btree (environment, event_id)
CREATE INDEX stripe_inbox_waiting ON billing.stripe_inbox USING btree (environment, next_attempt_at) WHERE (processed_at IS NULL)
CREATE UNIQUE INDEX stripe_invoice_environment_invoice_id_key ON billing.stripe_invoice USING btree (environment, invoice_id)
CREATE UNIQUE INDEX stripe_invoice_pkey ON billing.stripe_invoice USING btree (environment, statement_id)
CREATE UNIQUE INDEX stripe_meter_environment_event_name_key ON billing.stripe_meter USING btree (environment, event_name)
CREATE UNIQUE INDEX stripe_meter_environment_meter_id_key ON billing.stripe_meter USING btree (environment, meter_id)
CREATE UNIQUE INDEX stripe_meter_pkey ON billing.stripe_meter USING btree (environment, server, tool)
CREATE UNIQUE INDEX stripe_object_environment_kind_stripe_id_key ON billing.stripe_object USING btree (environment, kind, stripe_id)
CREATE UNIQUE INDEX stripe_object_pkey ON billing.stripe_object USING btree (environment, kind, local_id)
CREATE UNIQUE INDEX stripe_setting_pkey ON billing.stripe_setting USING btree (environment, name)
CREATE UNIQUE INDEX stripe_subscription_open ON billing.stripe_subscription USING btree (environment, tenant) WHERE (last_month IS NULL)
CREATE UNIQUE INDEX stripe_subscription_pkey ON billing.stripe_subscription USING btree (environment, subscription_id)
CREATE UNIQUE INDEX tenant_pkey ON billing.tenant USING btree (id)
CREATE UNIQUE INDEX tenant_stripe_customer_id_unique ON billing.tenant USING btree (stripe_customer_id)
CREATE UNIQUE INDEX usage_day_pkey ON billing.usage_day USING btree (tenant, day, server, tool, kind, application, outcome)
CREATE UNIQUE INDEX usage_evidence_pkey ON billing.usage_evidence USING btree (tenant, day, server, tool, outcome)

CREATE TRIGGER adjustment_is_kept BEFORE TRUNCATE ON billing.adjustment FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()
CREATE TRIGGER adjustment_is_kept_as_it_is BEFORE DELETE OR UPDATE ON billing.adjustment FOR EACH ROW EXECUTE FUNCTION refuse_adjustment_change()
CREATE TRIGGER free_pool_is_immutable BEFORE DELETE OR UPDATE ON billing.free_pool FOR EACH ROW EXECUTE FUNCTION refuse_price_change()
CREATE TRIGGER free_pool_is_kept BEFORE TRUNCATE ON billing.free_pool FOR EACH STATEMENT EXECUTE FUNCTION refuse_price_change()
CREATE TRIGGER invocation_is_append_only BEFORE DELETE OR UPDATE ON billing.invocation FOR EACH ROW EXECUTE FUNCTION refuse_change()
CREATE TRIGGER price_version_is_immutable BEFORE DELETE OR UPDATE ON billing.price_version FOR EACH ROW EXECUTE FUNCTION refuse_price_change()
CREATE TRIGGER price_version_is_kept BEFORE TRUNCATE ON billing.price_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_price_change()
CREATE TRIGGER statement_is_kept BEFORE TRUNCATE ON billing.statement FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()
CREATE TRIGGER statement_is_sealed BEFORE DELETE OR UPDATE ON billing.statement FOR EACH ROW EXECUTE FUNCTION refuse_statement_change()
CREATE TRIGGER statement_allocation_is_complete AFTER INSERT ON billing.statement_allocation REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION refuse_part_insert()
CREATE TRIGGER statement_allocation_is_kept BEFORE TRUNCATE ON billing.statement_allocation FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()
CREATE TRIGGER statement_allocation_is_sealed BEFORE DELETE OR UPDATE ON billing.statement_allocation FOR EACH ROW EXECUTE FUNCTION refuse_part_change()
CREATE TRIGGER statement_evidence_is_complete AFTER INSERT ON billing.statement_evidence REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION refuse_part_insert()
CREATE TRIGGER statement_evidence_is_kept BEFORE TRUNCATE ON billing.statement_evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()
CREATE TRIGGER statement_evidence_is_sealed BEFORE DELETE OR UPDATE ON billing.statement_evidence FOR EACH ROW EXECUTE FUNCTION refuse_part_change()
CREATE TRIGGER statement_line_is_complete AFTER INSERT ON billing.statement_line REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION refuse_part_insert()
CREATE TRIGGER statement_line_is_kept BEFORE TRUNCATE ON billing.statement_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()
CREATE TRIGGER statement_line_is_sealed BEFORE DELETE OR UPDATE ON billing.statement_line FOR EACH ROW EXECUTE FUNCTION refuse_part_change()

CREATE OR REPLACE FUNCTION billing.refuse_adjustment_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    declare
      free constant text[] := array['applied_statement_id', 'stripe_credit_note_id', 'cancelled_at'];
    begin
      if tg_op = 'UPDATE' and to_jsonb(new) - free = to_jsonb(old) - free then return new; end if;
      raise exception 'adjustment % is never changed: make another one', old.id using errcode = 'restrict_violation';
    end $function$

CREATE OR REPLACE FUNCTION billing.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      raise exception 'billing.% is append-only: correct it by a new row', tg_table_name using errcode = 'restrict_violation';
    end $function$

CREATE OR REPLACE FUNCTION billing.refuse_part_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      if tg_op = 'UPDATE' and to_jsonb(new) - 'stripe_line_id' = to_jsonb(old) - 'stripe_line_id' then return new; end if;
      if not exists (select from billing.statement s where s.id = old.statement_id and s.state <> 'draft') then
        return case tg_op when 'DELETE' then old else new end;
      end if;
      raise exception 'billing.% of sealed statement % is never changed', tg_table_name, old.statement_id
        using errcode = 'restrict_violation';
    end $function$

CREATE OR REPLACE FUNCTION billing.refuse_part_insert()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      if exists (select from inserted join billing.statement s on s.id = inserted.statement_id where s.state <> 'draft') then
        raise exception 'a sealed statement gets no more rows in billing.%', tg_table_name using errcode = 'restrict_violation';
      end if;
      return null;
    end $function$

CREATE OR REPLACE FUNCTION billing.refuse_price_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      if tg_op = 'UPDATE' and
         to_jsonb(new) - array['stripe_product_id', 'stripe_price_id'] =
         to_jsonb(old) - array['stripe_product_id', 'stripe_price_id'] then
        return new;
      end if;
      raise exception 'billing.% is never changed: add a version with a later effective_from', tg_table_name
        using errcode = 'restrict_violation';
    end $function$

CREATE OR REPLACE FUNCTION billing.refuse_statement_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    declare
      free constant text[] := array['state', 'stripe_invoice_id', 'void_reason', 'voided_by', 'voided_at'];
    begin
      if tg_op = 'DELETE' then
        if old.state = 'draft' then return old; end if;
      elsif old.state = 'draft' then
        return new;
      elsif new.state <> 'draft' and (old.state <> 'void' or new.state = 'void')
            and to_jsonb(new) - free = to_jsonb(old) - free then
        return new;
      end if;
      raise exception 'statement % is sealed and never changed: correct it by an adjustment', old.id
        using errcode = 'restrict_violation';
    end $function$

CREATE OR REPLACE FUNCTION billing.refuse_truncate()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    begin
      raise exception 'billing.% is never emptied', tg_table_name using errcode = 'restrict_violation';
    end $function$

CREATE OR REPLACE FUNCTION billing.split_column(joined text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN CASE WHEN (joined = ''::text) THEN ARRAY[''::text] ELSE string_to_array(joined, ''::text, ''::text) END

CREATE OR REPLACE FUNCTION billing.uuid_milliseconds(id uuid)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN ((('x'::text || translate("left"((id)::text, 13), '-'::text, ''::text)))::bit(48))::bigint

