table api_token
  id text not null
  name text not null
  token_sha256 text not null
  roles text[] not null
  tenant text
  created_at timestamp(3) with time zone not null default CURRENT_TIMESTAMP
  expires_at timestamp(3) with time zone
  revoked_at timestamp(3) with time zone
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
table stripe_invoice_line
  environment text not null
  statement_id text not null
  line_no integer not null
  stripe_line_id text not null
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
table tenant
  id text not null
  name text not null
  currency character(3) not null
  stripe_customer_id text
  line_mode text not null default 'auto'::text
  minimum_minor bigint
  status text not null default 'active'::text
  created_at timestamp(3) with time zone not null default CURRENT_TIMESTAMP

constraint api_token_pkey on api_token: PRIMARY KEY (id)
constraint api_token_roles on api_token: CHECK (((roles <@ ARRAY['usage'::text, 'audit'::text, 'finance'::text, 'admin'::text]) AND (cardinality(roles) > 0)))
constraint api_token_token_sha256_unique on api_token: UNIQUE (token_sha256)
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
constraint job_lease_pkey on job_lease: PRIMARY KEY (name)
constraint meter_day_check on meter_day: CHECK (((inflight_id IS NULL) = (inflight_value IS NULL)))
constraint meter_day_desired_quantity_check on meter_day: CHECK ((desired_quantity >= 0))
constraint meter_day_pkey on meter_day: PRIMARY KEY (environment, tenant, server, tool, day)
constraint meter_day_state_check on meter_day: CHECK ((state = ANY (ARRAY['open'::text, 'rejected'::text, 'too_late'::text])))
constraint reconciliation_item_pkey on reconciliation_item: PRIMARY KEY (run_id, item_no)
constraint reconciliation_item_run_id_fkey on reconciliation_item: FOREIGN KEY (run_id) REFERENCES reconciliation_run(id) ON DELETE CASCADE
constraint reconciliation_run_pkey on reconciliation_run: PRIMARY KEY (id)
constraint stripe_credit_note_pkey on stripe_credit_note: PRIMARY KEY (environment, adjustment_id)
constraint stripe_hold_environment_event_id_key on stripe_hold: UNIQUE (environment, event_id)
constraint stripe_hold_pkey on stripe_hold: PRIMARY KEY (id)
constraint stripe_inbox_pkey on stripe_inbox: PRIMARY KEY (environment, event_id)
constraint stripe_invoice_environment_invoice_id_key on stripe_invoice: UNIQUE (environment, invoice_id)
constraint stripe_invoice_line_mode_check on stripe_invoice: CHECK ((line_mode = ANY (ARRAY['meters'::text, 'lines'::text])))
constraint stripe_invoice_pkey on stripe_invoice: PRIMARY KEY (environment, statement_id)
constraint stripe_invoice_state_check on stripe_invoice: CHECK ((state = ANY (ARRAY['creating'::text, 'created'::text, 'held'::text, 'verified'::text, 'finalized'::text, 'paid'::text, 'void'::text])))
constraint stripe_invoice_line_pkey on stripe_invoice_line: PRIMARY KEY (environment, statement_id, line_no)
constraint stripe_meter_environment_event_name_key on stripe_meter: UNIQUE (environment, event_name)
constraint stripe_meter_environment_meter_id_key on stripe_meter: UNIQUE (environment, meter_id)
constraint stripe_meter_pkey on stripe_meter: PRIMARY KEY (environment, server, tool)
constraint stripe_object_environment_kind_stripe_id_key on stripe_object: UNIQUE (environment, kind, stripe_id)
constraint stripe_object_kind_check on stripe_object: CHECK ((kind = ANY (ARRAY['customer'::text, 'product'::text, 'price'::text, 'subscription'::text])))
constraint stripe_object_pkey on stripe_object: PRIMARY KEY (environment, kind, local_id)
constraint stripe_setting_pkey on stripe_setting: PRIMARY KEY (environment, name)
constraint tenant_line_mode_check on tenant: CHECK ((line_mode = ANY (ARRAY['auto'::text, 'meters'::text, 'lines'::text])))
constraint tenant_pkey on tenant: PRIMARY KEY (id)
constraint tenant_status_check on tenant: CHECK ((status = ANY (ARRAY['active'::text, 'closed'::text])))
constraint tenant_stripe_customer_id_unique on tenant: UNIQUE (stripe_customer_id)

CREATE UNIQUE INDEX api_token_pkey ON billing.api_token USING btree (id)
CREATE UNIQUE INDEX api_token_token_sha256_unique ON billing.api_token USING btree (token_sha256)
CREATE UNIQUE INDEX budget_pkey ON billing.budget USING btree (id)
CREATE INDEX budget_tenant_index ON billing.budget USING btree (tenant)
CREATE INDEX budget_notice_due ON billing.budget_notice USING btree (next_attempt_at) WHERE (next_attempt_at IS NOT NULL)
CREATE UNIQUE INDEX budget_notice_pkey ON billing.budget_notice USING btree (budget_id, period_start, limit_value, threshold)
CREATE UNIQUE INDEX budget_state_pkey ON billing.budget_state USING btree (budget_id)
CREATE UNIQUE INDEX job_lease_pkey ON billing.job_lease USING btree (name)
CREATE INDEX meter_day_claimed ON billing.meter_day USING btree (environment, tenant, server, tool) WHERE (claimed_until IS NOT NULL)
CREATE INDEX meter_day_due ON billing.meter_day USING btree (environment, next_attempt_at) WHERE ((state = 'open'::text) AND ((desired_quantity <> acked_quantity) OR (inflight_id IS NOT NULL)))
CREATE UNIQUE INDEX meter_day_pkey ON billing.meter_day USING btree (environment, tenant, server, tool, day)
CREATE UNIQUE INDEX reconciliation_item_pkey ON billing.reconciliation_item USING btree (run_id, item_no)
CREATE UNIQUE INDEX reconciliation_run_pkey ON billing.reconciliation_run USING btree (id)
CREATE INDEX reconciliation_run_started ON billing.reconciliation_run USING btree (environment, started_at)
CREATE UNIQUE INDEX stripe_credit_note_pkey ON billing.stripe_credit_note USING btree (environment, adjustment_id)
CREATE UNIQUE INDEX stripe_hold_environment_event_id_key ON billing.stripe_hold USING btree (environment, event_id)
CREATE INDEX stripe_hold_open ON billing.stripe_hold USING btree (environment) WHERE (cleared_at IS NULL)
CREATE UNIQUE INDEX stripe_hold_pkey ON billing.stripe_hold USING btree (id)
CREATE UNIQUE INDEX stripe_inbox_pkey ON billing.stripe_inbox USING btree (environment, event_id)
CREATE INDEX stripe_inbox_waiting ON billing.stripe_inbox USING btree (environment, next_attempt_at) WHERE (processed_at IS NULL)
CREATE UNIQUE INDEX stripe_invoice_environment_invoice_id_key ON billing.stripe_invoice USING btree (environment, invoice_id)
CREATE UNIQUE INDEX stripe_invoice_pkey ON billing.stripe_invoice USING btree (environment, statement_id)
CREATE UNIQUE INDEX stripe_invoice_line_pkey ON billing.stripe_invoice_line USING btree (environment, statement_id, line_no)
CREATE UNIQUE INDEX stripe_meter_environment_event_name_key ON billing.stripe_meter USING btree (environment, event_name)
CREATE UNIQUE INDEX stripe_meter_environment_meter_id_key ON billing.stripe_meter USING btree (environment, meter_id)
CREATE UNIQUE INDEX stripe_meter_pkey ON billing.stripe_meter USING btree (environment, server, tool)
CREATE UNIQUE INDEX stripe_object_environment_kind_stripe_id_key ON billing.stripe_object USING btree (environment, kind, stripe_id)
CREATE UNIQUE INDEX stripe_object_pkey ON billing.stripe_object USING btree (environment, kind, local_id)
CREATE UNIQUE INDEX stripe_setting_pkey ON billing.stripe_setting USING btree (environment, name)
CREATE UNIQUE INDEX tenant_pkey ON billing.tenant USING btree (id)
CREATE UNIQUE INDEX tenant_stripe_customer_id_unique ON billing.tenant USING btree (stripe_customer_id)
