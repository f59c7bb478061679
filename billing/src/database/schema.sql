table tenant
  id text not null
  name text not null
  currency character(3) not null
  stripe_customer_id text
  line_mode text not null default 'auto'::text
  minimum_minor bigint
  status text not null default 'active'::text
  created_at timestamp(3) with time zone not null default CURRENT_TIMESTAMP

constraint tenant_line_mode_check on tenant: CHECK ((line_mode = ANY (ARRAY['auto'::text, 'meters'::text, 'lines'::text])))
constraint tenant_pkey on tenant: PRIMARY KEY (id)
constraint tenant_status_check on tenant: CHECK ((status = ANY (ARRAY['active'::text, 'closed'::text])))
constraint tenant_stripe_customer_id_unique on tenant: UNIQUE (stripe_customer_id)

CREATE UNIQUE INDEX tenant_pkey ON billing.tenant USING btree (id)
CREATE UNIQUE INDEX tenant_stripe_customer_id_unique ON billing.tenant USING btree (stripe_customer_id)
