# A policy to start from: who may call what, up to which amount, at which hours, and what records must not show.
# Everything that differs between organisations is in data.governance; docs/opa.md describes the input.
package mcp.governance

# METADATA
# description: The rule that the gateway asks for; the only one it understands.
# entrypoint: true
default decision := {"allow": false, "reason": "The policy of this gateway does not allow this."}

decision := {"allow": true, "obligations": {"redact": redacted}} if {
	allowed
	count(objections) == 0
}

decision := {"allow": false, "reason": concat(" ", sort(objections))} if {
	allowed
	count(objections) > 0
}

# Calls that name no item: the handshake, lists, notifications.
allowed if input.call.kind in data.governance.open_kinds

allowed if {
	input.call.kind in {"tool", "operation", "prompt", "resource", "completion"}
	some role in roles
	some pattern in data.governance.roles[role].may_use
	matches(pattern, input.call.name)
}

# The caller has a role when the gateway proved one of its groups or tags.
roles contains name if {
	input.caller.anonymous == false
	some name, role in data.governance.roles
	some group in object.get(role, "groups", [])
	group in input.caller.groups
}

roles contains name if {
	input.caller.anonymous == false
	some name, role in data.governance.roles
	some tag in object.get(role, "tags", [])
	tag in input.caller.tags
}

# `get_*` is every name that begins with `get_`; anything else is one name.
matches(pattern, name) if pattern == name

matches(pattern, name) if {
	endswith(pattern, "*")
	startswith(name, trim_suffix(pattern, "*"))
}

# Each objection is a sentence for the caller; one is enough to deny.
#
# They are written with `not`, so that an argument that is missing, or of another type, is an objection too: in Rego
# null <= 10000 is true and "9" <= 10000 is false.
objections contains sentence if {
	limit := data.governance.amounts[input.call.name]
	not within_amount(limit)
	sentence := sprintf("%s takes at most %v in %s.", [input.call.name, limit.at_most, limit.argument])
}

objections contains sentence if {
	some schedule in data.governance.hours
	some pattern in schedule.tools
	matches(pattern, input.call.name)
	not within_hours(schedule)
	sentence := sprintf(
		"%s is open from %s to %s (%s).",
		[input.call.name, schedule.from, schedule.to, schedule.zone],
	)
}

within_amount(limit) if {
	amount := input.call.arguments[limit.argument]
	is_number(amount)
	amount >= 0
	amount <= limit.at_most
}

within_hours(schedule) if {
	when := [time.parse_rfc3339_ns(input.time), schedule.zone]
	time.weekday(when) in schedule.days
	[hour, minute, _] := time.clock(when)
	now := (hour * 60) + minute
	now >= minutes(schedule.from)
	now < minutes(schedule.to)
}

minutes(text) := (to_number(hours) * 60) + to_number(rest) if [hours, rest] := split(text, ":")

redacted contains path if some path in data.governance.redact[input.call.name]
