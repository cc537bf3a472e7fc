#include "operators/approval/approval_wire.h"

#include <limits>
#include <utility>

#include "base/json_texts.h"
#include "foundation/records/kinds.h"
#include "operators/approval/members.h"

namespace pawl::approval {
namespace {

constexpr std::int64_t kMostNumber = std::numeric_limits<std::uint32_t>::max();

constexpr std::string_view kByNames[] = {"person", "rule"};

Result<HoldTerms> read_terms(const json::Value& value) {
  Members members(value, "terms");
  HoldTerms out;
  out.of = static_cast<std::uint32_t>(members.number("of", kMostNumber));
  out.uses = static_cast<std::uint32_t>(members.number("uses", kMostNumber));
  out.within_s = members.number("within_s");
  out.roles = members.texts("roles");
  out.escalate_to = members.texts("escalate_to");
  const Status status = members.end();
  return status ? Result<HoldTerms>(std::move(out)) : fail(status.error());
}

// The members of a decision, the same in records and in the snapshot.
json::Object print_signed(const Signed& by) {
  json::Object out{{"by", by.by_rule ? "rule" : "person"},
                   {"decision", decision_name(by.decision)},
                   {"at", by.at}};
  out[by.by_rule ? "rule" : "operator"] = by.person;
  if (!by.by_rule) {
    out["key"] = by.key;
    out["role"] = by.role;
    out["executed"] = by.executed;
    out["uses"] = std::int64_t{by.uses};
    out["expires"] = by.expires;
    out["digest"] = by.statement;
  }
  return out;
}

Signed read_signed(Members& members) {
  Signed out;
  out.by_rule = members.name("by", kByNames) == 1;
  out.decision = static_cast<Decision>(members.name("decision", kDecisionNames));
  out.at = members.number("at");
  out.person = members.text(out.by_rule ? "rule" : "operator");
  if (!out.by_rule) {
    out.key = members.text("key");
    out.role = members.text("role");
    out.executed = members.text("executed");
    out.uses = static_cast<std::uint32_t>(members.number("uses", kMostNumber));
    out.expires = members.number("expires");
    out.statement = members.text("digest");
  }
  return out;
}

struct Printed {
  json::Object operator()(const Requested& event) const {
    json::Object out{{"approval", event.id.text()},
                     {"nonce", event.nonce},
                     {"at", event.at},
                     {"expires", event.expires_at}};
    out["binding"] = print_binding(event.binding);
    out["terms"] = print_hold_terms(event.terms);
    out["owner"] = event.owner;
    return out;
  }
  json::Object operator()(const Escalated& event) const {
    return {{"approval", event.id.text()},
            {"escalated", true},
            {"at", event.at},
            {"expires", event.expires_at}};
  }
  json::Object operator()(const Decided& event) const {
    json::Object out = print_signed(event.by);
    out["approval"] = event.id.text();
    const Evidence& proof = event.evidence;
    if (!proof.token.empty()) {
      out["statement"] = proof.token;
    } else if (!event.by.by_rule) {
      out["passkey"] = json::Object{{"statement", proof.statement},
                                    {"authenticator_data", proof.authenticator_data},
                                    {"client_data", proof.client_data},
                                    {"signature", proof.signature}};
    }
    return out;
  }
  json::Object operator()(const Spent&) const { return {}; }
  json::Object operator()(const Delivered& event) const { return {{"approval", event.id.text()}}; }
  json::Object operator()(const Expired& event) const {
    return {{"approval", event.id.text()}, {"ending", ending_name(event.ending)}};
  }
};

Result<Event> ended(const Members& members, Event event) {
  const Status status = members.read();
  return status ? Result<Event>(std::move(event)) : fail(status.error());
}

Result<Event> read_requested(Members& members) {
  const Uuid id = members.id("approval");
  if (members.flag("escalated")) {
    const std::int64_t at = members.number("at");
    return ended(members, Escalated{id, at, members.number("expires")});
  }
  Requested out;
  out.id = id;
  out.nonce = members.text("nonce");
  out.owner = members.text("owner");
  out.at = members.number("at");
  out.expires_at = members.number("expires");
  Result<Binding> binding = read_binding(members.value("binding"));
  Result<HoldTerms> terms = read_terms(members.value("terms"));
  if (!binding || !terms) {
    return fail(binding ? terms.error() : binding.error());
  }
  out.binding = *std::move(binding);
  out.terms = *std::move(terms);
  return ended(members, std::move(out));
}

Result<Event> read_decided(Members& members) {
  Decided out;
  out.id = members.id("approval");
  out.by = read_signed(members);
  if (members.has("statement")) {
    out.evidence.token = members.text("statement");
  } else if (!out.by.by_rule) {
    Members passkey(members.value("passkey"), "passkey");
    out.evidence.statement = passkey.text("statement");
    out.evidence.authenticator_data = passkey.text("authenticator_data");
    out.evidence.client_data = passkey.text("client_data");
    out.evidence.signature = passkey.text("signature");
    if (Status status = passkey.end(); !status) {
      return fail(status.error());
    }
  }
  return ended(members, std::move(out));
}

Result<Approval> read_approval(const json::Value& value) {
  Members members(value, "approval");
  Approval out;
  out.id = members.id("id");
  out.nonce = members.text("nonce");
  out.phase = static_cast<Phase>(members.name("phase", kPhaseNames));
  out.ending = static_cast<Ending>(members.name("ending", kEndingNames));
  out.requested_at = members.number("at");
  out.expires_at = members.number("expires");
  out.executed = members.text("executed");
  out.uses = static_cast<std::uint32_t>(members.number("uses", HoldTerms::kMostUses));
  out.until = members.number("until");
  out.spent = static_cast<std::uint32_t>(members.number("spent", out.uses));
  out.statements = members.texts("statements");
  out.owner = members.text("owner");
  out.escalated = members.flag("escalated");
  out.delivered = members.flag("delivered");
  if (members.has("record")) {
    out.record = members.id("record");
  }
  if (members.has("workflow")) {
    out.workflow = members.id("workflow");
  }
  for (const json::Value& one : members.array("by")) {
    Members of_one(one, "decision");
    out.by.push_back(read_signed(of_one));
    if (Status status = of_one.end(); !status) {
      return fail(status.error());
    }
  }
  Result<Binding> binding = read_binding(members.value("binding"));
  Result<HoldTerms> terms = read_terms(members.value("terms"));
  if (Status status = members.end(); !status || !binding || !terms) {
    return fail(!status ? status.error() : binding ? terms.error() : binding.error());
  }
  out.binding = *std::move(binding);
  out.terms = *std::move(terms);
  return out;
}

}  // namespace

std::string_view record_kind(const Event& event) {
  constexpr std::string_view kKinds[] = {kinds::kApprovalRequested, kinds::kApprovalRequested,
                                         kinds::kApprovalDecided,   "",
                                         kinds::kApprovalDelivered, kinds::kApprovalExpired};
  static_assert(std::variant_size_v<Event> == std::size(kKinds));
  return kKinds[event.index()];
}

json::Object print_event(const Event& event) {
  return std::visit(Printed{}, event);
}

Result<Event> read_event(std::string_view kind, const json::Value& body) {
  Members members(body, kind);
  if (kind == kinds::kApprovalRequested) {
    return read_requested(members);
  }
  if (kind == kinds::kApprovalDecided) {
    return read_decided(members);
  }
  const Uuid id = members.id("approval");
  if (kind == kinds::kApprovalDelivered) {
    return ended(members, Delivered{id});
  }
  if (kind == kinds::kApprovalExpired) {
    return ended(members, Expired{id, static_cast<Ending>(members.name("ending", kEndingNames))});
  }
  return fail(Code::kMalformed, "not a record of an approval");
}

json::Object print_approval(const Approval& approval) {
  json::Object out{{"id", approval.id.text()},
                   {"nonce", approval.nonce},
                   {"phase", phase_name(approval.phase)},
                   {"ending", ending_name(approval.ending)},
                   {"at", approval.requested_at},
                   {"expires", approval.expires_at},
                   {"executed", approval.executed},
                   {"uses", std::int64_t{approval.uses}},
                   {"until", approval.until},
                   {"spent", std::int64_t{approval.spent}}};
  out["binding"] = print_binding(approval.binding);
  out["terms"] = print_hold_terms(approval.terms);
  json::Array by;
  for (const Signed& one : approval.by) {
    by.emplace_back(print_signed(one));
  }
  out["by"] = std::move(by);
  out["statements"] = json::texts(approval.statements);
  out["owner"] = approval.owner;
  if (approval.escalated) {
    out["escalated"] = true;
  }
  if (approval.delivered) {
    out["delivered"] = true;
  }
  if (!approval.record.is_nil()) {
    out["record"] = approval.record.text();
  }
  if (approval.workflow) {
    out["workflow"] = approval.workflow->text();
  }
  return out;
}

json::Array print_approvals(const ApprovalState& state) {
  json::Array out;
  for (const auto& [id, approval] : state.all()) {
    out.emplace_back(print_approval(approval));
  }
  return out;
}

Result<ApprovalState> read_approvals(const json::Value& value) {
  const json::Array* array = value.if_array();
  if (array == nullptr || array->size() > ApprovalState::kMost) {
    return fail(Code::kMalformed, "approvals: expected an array of at most 4096");
  }
  ApprovalState out;
  for (const json::Value& one : *array) {
    Result<Approval> approval = read_approval(one);
    if (!approval) {
      return fail(approval.error());
    }
    if (out.find(approval->id) != nullptr) {
      return fail(Code::kMalformed, "approvals: an id twice");
    }
    out.add(*std::move(approval));
  }
  return out;
}

}  // namespace pawl::approval
