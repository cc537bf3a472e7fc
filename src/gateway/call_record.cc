#include "gateway/call_record.h"

#include <algorithm>

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxAtoms = 64;
constexpr std::size_t kMaxWhyBytes = 512;
constexpr std::size_t kMaxMissing = 16;    // parents that are named
constexpr std::size_t kUsualMembers = 16;  // of a call's record

void put(json::Object& body, std::string_view name, std::string_view value) {
  if (!value.empty()) {
    body[name] = bounded_name(value);
  }
}

void put_partial_graph(json::Object& body, const std::vector<Uuid>& missing) {
  if (missing.empty()) {
    return;
  }
  body["graph"] = "partial";
  json::Array named;
  for (std::size_t i = 0; i < std::min(missing.size(), kMaxMissing); ++i) {
    named.emplace_back(missing[i].text());
  }
  body["missing_parents"] = std::move(named);
}

std::string shortened(const std::string& text) {
  return text.size() <= kMaxWhyBytes ? text : text.substr(0, kMaxWhyBytes - 3) + "...";
}

// Every control's answer in order: "stops: pass", "rules: allow triage-reads (rules.yaml:3)".
json::Array why(const TableDecision& decision) {
  json::Array out;
  for (const ControlAnswer& answer : decision.answers) {
    const Verdict& verdict = answer.verdict;
    std::string line = std::string(answer.control) + ": ";
    line += verdict.ruling == Ruling::kPass    ? "pass"
            : verdict.ruling == Ruling::kAllow ? "allow"
                                               : "deny";
    if (!verdict.rule.empty()) {
      line += " " + verdict.rule;
    }
    if (!verdict.where.empty()) {
      line += " (" + verdict.where + ")";
    }
    out.emplace_back(shortened(line));
  }
  return out;
}

// The JSON-RPC code of an error; a result has its value parsed already, and no code.
std::string error_code(const Answer& answer) {
  const Result<json::Parsed> error =
      answer.success || answer.value ? fail(Code::kNotFound, "") : json::parse(answer.body);
  const json::Value* code = error ? json::find(error->value, {"code"}) : nullptr;
  return code != nullptr && code->is_int64() ? std::to_string(code->get_int64()) : "";
}

RecordDraft common(const Action& action, const TableDecision& decision,
                   const std::string& policy_digest) {
  RecordDraft draft;
  draft.id = action.id;
  draft.workflow = action.workflow;
  draft.causes = action.causes;
  draft.agent = action.caller.agent;
  draft.inp_hash = action.inp_hash;
  json::Object& body = draft.body;
  body.reserve(kUsualMembers);
  put(body, "agent", action.caller.agent);
  body["proof"] = proof_name(action.caller.proof);
  put(body, "on_behalf_of", action.caller.on_behalf_of);
  put(body, "server", action.server);
  put(body, "tool", action.tool);
  put(body, "resource", action.resource);
  put(body, "method", action.method);
  put(body, "protocol", action.protocol);
  if (action.repeat_of) {
    body["repeat_of"] = action.repeat_of->text();
  }
  if (action.direction == Direction::kToClient) {
    body["direction"] = "to_client";
  }
  const auto client = action.caller.asserted.find("client");
  if (client != action.caller.asserted.end()) {
    put(body, "asserted_client", client->second);
  }
  put_partial_graph(body, action.missing_parents);
  put(body, "policy", policy_digest);
  put(body, "would", decision.verdict.would);
  json::Array atoms;
  for (const std::string& atom : decision.verdict.atoms) {
    if (atoms.size() == kMaxAtoms) {
      break;
    }
    atoms.emplace_back(atom);
  }
  if (!atoms.empty()) {
    body["atoms"] = std::move(atoms);
  }
  body["why"] = why(decision);
  return draft;
}

}  // namespace

RecordDraft outcome_record(const Action& action, const TableDecision& decision, Outcome outcome,
                           const std::string& status, const std::string& detail,
                           const Answer* answer, const StreamEvidence& stream,
                           const std::string& policy_digest) {
  RecordDraft draft = common(action, decision, policy_digest);
  // The view must outlive the draft: kinds are constants, and the verb is one of them.
  draft.kind = outcome == Outcome::kError ? kinds::kTaskError : kinds::canonical(action.verb);
  draft.pol = decision.verdict.rule.empty() ? "default" : decision.verdict.rule;
  draft.pol_decision = names::kPolApproved;
  if (draft.kind == kinds::kTaskError) {
    draft.body["verb"] = action.verb;
  }
  draft.body["outcome"] = outcome_name(outcome);
  put(draft.body, "status", status.empty() && answer != nullptr ? error_code(*answer) : status);
  if (!detail.empty()) {
    draft.body["detail"] = shortened(detail);
  }
  if (answer != nullptr) {
    draft.out_hash = digest_text(sha256(answer->body));
    if (!answer->followed.empty()) {
      draft.body["task"] = answer->followed;
    }
  }
  if (stream.events > 0) {
    draft.body["events"] =
        json::Object{{"count", stream.events}, {"digest", digest_text(stream.digest)}};
  }
  return draft;
}

RecordDraft repeat_record(const Action& action, const TableDecision& decision, const Answer& answer,
                          const std::string& policy_digest) {
  RecordDraft draft = common(action, decision, policy_digest);
  draft.kind = kinds::kTaskRepeated;
  draft.pol = decision.verdict.rule.empty() ? "default" : decision.verdict.rule;
  draft.pol_decision = names::kPolApproved;
  draft.body["verb"] = action.verb;
  draft.out_hash = digest_text(sha256(answer.body));
  return draft;
}

RecordDraft refusal_record(const Action& action, const TableDecision& decision,
                           const Refusal& refusal, const std::string& policy_digest) {
  RecordDraft draft = common(action, decision, policy_digest);
  const bool withdrawn = refusal.code == Code::kCancelled;
  draft.kind = withdrawn ? kinds::kTaskError : kinds::kTaskDenied;
  draft.pol = refusal.rule.empty() ? refusal.control : refusal.rule;
  draft.pol_decision = names::kPolRejected;
  draft.body["verb"] = action.verb;
  draft.body["outcome"] = outcome_name(withdrawn ? Outcome::kError : Outcome::kDenied);
  draft.body["control"] = refusal.control;
  draft.body["code"] = code_name(refusal.code);
  draft.body["reason"] = shortened(refusal.reason);
  if (!decision.verdict.nearest.empty()) {
    draft.body["nearest"] = shortened(decision.verdict.nearest);
  }
  return draft;
}

}  // namespace pawl
