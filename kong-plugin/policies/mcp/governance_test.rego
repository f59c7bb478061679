package mcp.governance_test

import data.mcp.governance

# Fixed data, so that the tests hold when an organisation changes its own.
rules := {
	"open_kinds": ["lifecycle", "list"],
	"roles": {
		"support": {"groups": ["support"], "tags": ["role:support"], "may_use": ["get_*", "refund_order", "order://*"]},
		"finance": {"groups": ["finance"], "may_use": ["create_invoice"]},
	},
	"amounts": {"create_invoice": {"argument": "amount", "at_most": 10000}},
	"hours": [{
		"tools": ["refund_*"],
		"zone": "Europe/Berlin",
		"days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
		"from": "08:00",
		"to": "18:00",
	}],
	"redact": {"create_invoice": ["$.customer"]},
}

question(groups, name, arguments) := {
	"caller": {"tenant": "acme", "groups": groups, "tags": [], "scopes": [], "anonymous": false},
	"server": "orders",
	"call": {"kind": "tool", "method": "tools/call", "name": name, "arguments": arguments},
	"limits": {},
	# A Monday, 15:05 in Berlin.
	"time": "2026-11-23T14:05:06.007Z",
}

ask(document) := result if {
	result := governance.decision with input as document with data.governance as rules
}

allows(document) if ask(document).allow == true

denies(document) if ask(document).allow == false

# Who may.

test_a_group_gives_a_role if allows(question(["support"], "get_order", {}))

test_a_tag_gives_a_role if {
	allows(json.patch(question([], "get_order", {}), [{"op": "add", "path": "/caller/tags/-", "value": "role:support"}]))
}

test_two_roles_add_up if {
	document := question(["support", "finance"], "create_invoice", {"amount": 1})
	allows(document)
	allows(object.union(document, {"call": {"name": "get_order"}}))
}

test_no_role_no_call if denies(question([], "get_order", {}))

test_another_role_no_call if denies(question(["finance"], "get_order", {}))

test_a_group_is_no_tag if denies(question(["role:support"], "get_order", {}))

test_a_prefix_needs_all_of_it if denies(question(["support"], "ge", {}))

test_a_name_is_no_prefix if denies(question(["support"], "refund_order_all", {}))

test_names_are_case_sensitive if denies(question(["support"], "Get_order", {}))

test_an_anonymous_caller_has_no_role if {
	denies(object.union(question(["support"], "get_order", {}), {"caller": {"anonymous": true}}))
}

test_a_resource_by_its_uri if {
	allows(object.union(question(["support"], "order://1", {}), {"call": {"kind": "resource"}}))
}

test_a_handshake_needs_no_role if {
	allows(json.remove(object.union(question([], "", {}), {"call": {"kind": "lifecycle"}}), ["/call/name"]))
}

test_a_kind_nobody_knows_is_denied if {
	denies(object.union(question(["support"], "get_order", {}), {"call": {"kind": "teleport"}}))
}

test_an_empty_input_is_denied if denies({})

test_a_denial_says_why if {
	ask(question([], "get_order", {})).reason == "The policy of this gateway does not allow this."
}

# Up to which amount.

test_the_limit_itself if allows(question(["finance"], "create_invoice", {"amount": 10000}))

test_a_cent_more if {
	ask(question(["finance"], "create_invoice", {"amount": 10000.01})) == {
		"allow": false,
		"reason": "create_invoice takes at most 10000 in amount.",
	}
}

test_no_amount if denies(question(["finance"], "create_invoice", {}))

test_null_is_no_amount if denies(question(["finance"], "create_invoice", {"amount": null}))

test_true_is_no_amount if denies(question(["finance"], "create_invoice", {"amount": true}))

test_a_text_is_no_amount if denies(question(["finance"], "create_invoice", {"amount": "1"}))

test_a_list_is_no_amount if denies(question(["finance"], "create_invoice", {"amount": [1]}))

test_a_negative_amount if denies(question(["finance"], "create_invoice", {"amount": -1}))

test_an_amount_of_another_tool_is_its_own if allows(question(["support"], "get_order", {"amount": 99999999}))

test_an_amount_does_not_replace_a_role if {
	ask(question([], "create_invoice", {"amount": 1})).reason == "The policy of this gateway does not allow this."
}

# At which hours.

refund_at(moment) := object.union(question(["support"], "refund_order", {}), {"time": moment})

test_on_a_monday_afternoon if allows(refund_at("2026-11-23T14:05:06.007Z"))

test_the_first_minute if allows(refund_at("2026-11-23T07:00:00.000Z"))

test_the_minute_before if denies(refund_at("2026-11-23T06:59:59.999Z"))

test_the_last_minute if allows(refund_at("2026-11-23T16:59:59.999Z"))

test_the_minute_after if {
	ask(refund_at("2026-11-23T17:00:00.000Z")).reason == "refund_order is open from 08:00 to 18:00 (Europe/Berlin)."
}

test_an_hour_earlier_in_utc_in_summer if {
	allows(refund_at("2026-08-03T06:00:00.000Z"))
	denies(refund_at("2026-08-03T16:00:00.000Z"))
}

test_the_day_is_the_zones if {
	# Sunday 23:30 in UTC is Monday 00:30 in Berlin, and Friday is over there at 23:00 in UTC.
	denies(refund_at("2026-11-22T23:30:00.000Z"))
	denies(refund_at("2026-11-21T10:00:00.000Z"))
}

test_a_time_that_cannot_be_read_is_closed if denies(refund_at("yesterday"))

test_other_tools_are_always_open if {
	allows(object.union(question(["support"], "get_order", {}), {"time": "2026-11-22T03:00:00.000Z"}))
}

# What records must not show.

test_the_customer_of_an_invoice_is_redacted if {
	ask(question(["finance"], "create_invoice", {"amount": 1})).obligations == {"redact": {"$.customer"}}
}

test_nothing_else_is_redacted if ask(question(["support"], "get_order", {})).obligations == {"redact": set()}

test_two_objections_are_both_told if {
	both := object.union(rules, {"hours": [{
		"tools": ["create_*"],
		"zone": "UTC",
		"days": [],
		"from": "00:00",
		"to": "24:00",
	}]})
	document := question(["finance"], "create_invoice", {"amount": 20000})
	result := governance.decision with input as document with data.governance as both
	result.reason == concat(" ", [
		"create_invoice is open from 00:00 to 24:00 (UTC).",
		"create_invoice takes at most 10000 in amount.",
	])
}
