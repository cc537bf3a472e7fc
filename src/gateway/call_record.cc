#include "gateway/call_record.h"

#include <algorithm>
#include <span>

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxAtoms = 64;
constexpr std::size_t kMaxWhyBytes = 512;
constexpr std::string_view kUserScope = "user:";

void put(RecordDraft& draft, std::string_view key, std::string_view name) {
  if (!name.empty()) {
    draft.put_name(key, name);
  }
}

// What is known of the tokens that came with the call.
void put_presented(RecordDraft& draft, const Action& action) {
  if (!action.missing_parents.empty()) {
    draft.body.text("graph", "partial");
    // Bounded where they are found.
    draft.body.list("missing_parents", action.missing_parents, json::append_id);
  }
  if (const auto level = ect::parse_level(action.presented_level)) {
    draft.level = *level;
    draft.body.text(names::kBodyLevel, action.presented_level);
  }
}

// Of a call that was sent: its outcome counts for the node, once it has one.
void put_policy(RecordDraft& draft, const Action& action, bool was_sent, bool leaves_task) {
  if (action.policy_use) {
    PolicyUse use = *action.policy_use;
    use.leaves_task = leaves_task;
    draft.put_policy_use(print_policy_use(use), was_sent && !use.node.empty());
  }
}

std::string shortened(std::string text) {
  if (text.size() > kMaxWhyBytes) {
    text.replace(kMaxWhyBytes - 3, text.npos, "...");
  }
  return text;
}

std::string_view ruling_words(Ruling ruling) {
  switch (ruling) {
    case Ruling::kPass:
      return ": pass";
    case Ruling::kAllow:
      return ": allow";
    case Ruling::kHold:
      return ": hold";
    case Ruling::kDeny:
      break;
  }
  return ": deny";
}

// A control's answer: "stops: pass", "rules: allow triage-reads (rules.yaml:3)".
void append_answer(std::string& out, const ControlAnswer& answer) {
  std::string line(answer.control);
  line += ruling_words(answer.ruling);
  if (!answer.rule.empty()) {
    line.append(" ").append(answer.rule);
  }
  if (!answer.where.empty()) {
    line.append(" (").append(answer.where).append(")");
  }
  json::append_quoted(out, shortened(std::move(line)));
}

// The JSON-RPC code of an error; a result has its value parsed already, and no code.
std::string error_code(const Answer& answer) {
  const Result<json::Parsed> error =
      answer.success || answer.value ? fail(Code::kNotFound, "") : json::parse(answer.body);
  const json::Value* code = error ? json::find(error->value, {"code"}) : nullptr;
  return code != nullptr && code->is_int64() ? std::to_string(code->get_int64()) : "";
}

// The agent is no person.
std::string recorded_name(PersonNames* people, const Caller& caller, const std::string& name) {
  if (people == nullptr || name.empty() || name == caller.agent) {
    return name;
  }
  return people->stands_for(name).value_or("person:unknown");
}

// Stops and revocations name their scope in what they say, and `user:NAME` is the call's person.
// What an operator wrote beside it stays.
std::string recorded_text(PersonNames* people, const Caller& caller, std::string text) {
  const std::string& name = caller.on_behalf_of;
  const std::string recorded = recorded_name(people, caller, name);
  if (recorded == name) {
    return text;
  }
  const std::string clear = std::string(kUserScope) + name;
  const std::string hidden = std::string(kUserScope) + recorded;
  std::size_t at = 0;
  while ((at = text.find(clear, at)) != text.npos) {
    const std::size_t end = at + clear.size();
    const bool is_whole = end == text.size() || text[end] == ' ' || text[end] == '`';
    if (is_whole) {
      text.replace(at, clear.size(), hidden);
    }
    at += is_whole ? hidden.size() : clear.size();
  }
  return text;
}

void put_actors(RecordDraft& draft, const Caller& caller, PersonNames* people) {
  if (caller.actors.empty()) {
    return;
  }
  draft.body.list("actors", caller.actors, [&](std::string& out, const Actor& actor) {
    json::ObjectText one(actor.sub.size() + actor.iss.size() + 24);
    one.text("sub", recorded_name(people, caller, actor.sub));
    if (!actor.iss.empty()) {
      one.text("iss", actor.iss);
    }
    out += one.take();
  });
}

RecordDraft common(const Action& action, const TableDecision& decision, const PolicyName& policy,
                   PersonNames* people) {
  RecordDraft draft;
  draft.id = action.id;
  draft.workflow = action.workflow;
  draft.causes = action.causes;
  draft.agent = action.caller.agent;
  draft.inp_hash = action.inp_hash;
  put(draft, "agent", action.caller.agent);
  draft.body.text("proof", proof_name(action.caller.proof));
  put(draft, "on_behalf_of", recorded_name(people, action.caller, action.caller.on_behalf_of));
  put_actors(draft, action.caller, people);
  put(draft, "server", action.server);
  put(draft, "tool", action.tool);
  put(draft, "resource", action.resource);
  put(draft, "method", action.method);
  put(draft, "protocol", action.protocol);
  if (action.repeat_of) {
    draft.body.id("repeat_of", *action.repeat_of);
  }
  if (action.direction == Direction::kToClient) {
    draft.body.text("direction", "to_client");
  }
  const auto client = action.caller.asserted.find("client");
  if (client != action.caller.asserted.end()) {
    put(draft, "asserted_client", client->second);
  }
  put_presented(draft, action);
  put(draft, "policy", policy.digest);
  put(draft, names::kBodySet, policy.set);
  put(draft, "would", decision.verdict.would);
  const std::vector<std::uint32_t>& held = decision.verdict.atoms;
  if (!held.empty()) {
    const std::span named(held.data(), std::min(held.size(), kMaxAtoms));
    draft.body.list("atoms", named, [](std::string& out, std::uint32_t atom) {
      json::append_quoted(out, std::to_string(atom));
    });
  }
  draft.body.list("why", decision.answers, append_answer);
  return draft;
}

}  // namespace

RecordDraft outcome_record(const Action& action, const TableDecision& decision, Outcome outcome,
                           std::string_view status, const std::string& detail, const Answer* answer,
                           const StreamEvidence& stream, const PolicyName& policy,
                           PersonNames* people) {
  RecordDraft draft = common(action, decision, policy, people);
  // The view must outlive the draft: kinds are constants, and the verb is one of them.
  draft.kind = outcome == Outcome::kError ? kinds::kTaskError : kinds::canonical(action.verb);
  draft.pol = decision.verdict.rule.empty() ? "default" : decision.verdict.rule;
  draft.pol_decision = names::kPolApproved;
  if (draft.kind == kinds::kTaskError) {
    draft.body.text("verb", action.verb);
  }
  draft.put_outcome(outcome);
  put_policy(draft, action, outcome != Outcome::kError,
             answer != nullptr && !answer->followed.empty());
  put(draft, "status", status.empty() && answer != nullptr ? error_code(*answer) : status);
  if (!detail.empty()) {
    draft.body.text("detail", shortened(recorded_text(people, action.caller, detail)));
  }
  if (answer != nullptr) {
    draft.out_hash = digest_text(sha256(answer->body));
    if (!answer->followed.empty()) {
      draft.body.text("task", answer->followed);
      draft.leaves_open = true;
    }
  }
  if (stream.count > 0) {
    draft.events = stream;
  }
  return draft;
}

RecordDraft repeat_record(const Action& action, const TableDecision& decision, const Answer& answer,
                          const PolicyName& policy, PersonNames* people) {
  RecordDraft draft = common(action, decision, policy, people);
  draft.kind = kinds::kTaskRepeated;
  draft.pol = decision.verdict.rule.empty() ? "default" : decision.verdict.rule;
  draft.pol_decision = names::kPolApproved;
  put_policy(draft, action, false, false);
  draft.body.text("verb", action.verb);
  draft.out_hash = digest_text(sha256(answer.body));
  return draft;
}

RecordDraft refusal_record(const Action& action, const TableDecision& decision,
                           const Refusal& refusal, const PolicyName& policy, PersonNames* people) {
  RecordDraft draft = common(action, decision, policy, people);
  const bool withdrawn = refusal.code == Code::kCancelled;
  draft.kind = withdrawn ? kinds::kTaskError : kinds::kTaskDenied;
  draft.pol = refusal.rule.empty() ? refusal.control : refusal.rule;
  // A person may yet say yes to what was held, though not to this very call.
  draft.pol_decision =
      refusal.code == Code::kApprovalRequired ? names::kPolPending : names::kPolRejected;
  put_policy(draft, action, false, false);
  draft.body.text("verb", action.verb);
  draft.put_outcome(withdrawn ? Outcome::kError : Outcome::kDenied);
  draft.body.text("control", refusal.control);
  draft.body.text("code", code_name(refusal.code));
  draft.body.text("reason", shortened(recorded_text(people, action.caller, refusal.reason)));
  if (!decision.verdict.nearest.empty()) {
    draft.body.text("nearest", shortened(decision.verdict.nearest));
  }
  return draft;
}

}  // namespace pawl
