#include "gateway/folded_nodes.h"

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/outcome.h"
#include "foundation/records/policy_use.h"
#include "gateway/folded_record.h"

namespace pawl {
namespace {

constexpr std::string_view kNodes = "acp_nodes", kTasks = "acp_tasks", kTokens = "acp_tokens",
                           kDone = "done", kCall = "call", kOutcome = "outcome";

std::string text_of(const json::Value& object, std::string_view name) {
  return std::string(json::find_string(object, {name}).value_or(""));
}

// The members of the list; none: no such member. nullptr: it is no list.
const json::Array* list_of(const json::Value& state, std::string_view name) {
  static const json::Array none;
  const json::Value* list = json::find(state, {name});
  return list == nullptr ? &none : list->if_array();
}

tl::unexpected<Error> malformed(std::string_view list) {
  return fail(Code::kMalformed, std::string(list) + ": an entry that cannot be read");
}

}  // namespace

PolicyNodes::State PolicyNodes::state(std::string_view run, std::string_view node) const {
  const auto found = nodes_.find(Key(run, node));
  return found == nodes_.end()   ? State::kOpen
         : found->second.is_done ? State::kDone
                                 : State::kFailed;
}

void PolicyNodes::apply(const FoldedRecord& record) {
  if (record.kind == kinds::kPolicyIssued) {
    take_issued(record);
  } else if (record.kind == kinds::kTaskOutcome) {
    take_ended_tasks(record);
  } else {
    take_call(record);
  }
}

// Once for each token: runs end only by their time, and none begins without this record.
void PolicyNodes::forget_what_ended(std::int64_t now_s) {
  std::erase_if(nodes_, [&](const auto& one) { return one.second.until_s <= now_s; });
  std::erase_if(tasks_, [&](const auto& one) { return one.second.until_s <= now_s; });
  std::erase_if(issued_, [&](const auto& one) { return one.second <= now_s; });
}

void PolicyNodes::take_issued(const FoldedRecord& record) {
  forget_what_ended(record.iat);
  const std::string digest = text_of(record.body, names::kBodyTokenDigest);
  const std::int64_t exp = number_in(record.body, names::kClaimExp);
  if (!digest.empty() && exp > record.iat && issued_.size() < kMost) {
    issued_.emplace(digest, exp);
  }
}

void PolicyNodes::outcome(const Key& key, std::int64_t until_s, bool is_done) {
  const auto found = nodes_.find(key);
  if (found != nodes_.end()) {
    found->second.is_done = found->second.is_done || is_done;
  } else if (nodes_.size() < kMost) {
    nodes_.emplace(key, Seen{is_done, until_s});
  }
}

void PolicyNodes::take_ended_tasks(const FoldedRecord& record) {
  const bool is_done = text_of(record.body, kOutcome) == outcome_name(Outcome::kConfirmed);
  for (const Uuid& id : ids_in(record.parents)) {
    if (const auto found = tasks_.find(id); found != tasks_.end()) {
      outcome(found->second.key, found->second.until_s, is_done);
      tasks_.erase(found);
    }
  }
}

void PolicyNodes::take_call(const FoldedRecord& record) {
  const json::Value* member = json::find(record.body, {names::kBodyAcp});
  const Result<PolicyUse> use =
      member != nullptr ? read_policy_use(*member) : Result<PolicyUse>(fail(Code::kNotFound, ""));
  const std::optional<Outcome> what = parse_outcome(text_of(record.body, kOutcome));
  const bool was_sent =
      what == Outcome::kConfirmed || what == Outcome::kFailed || what == Outcome::kUnknown;
  if (!use || use->node.empty() || !was_sent) {
    return;
  }
  const Key key(use->run, use->node);
  if (what == Outcome::kConfirmed && use->leaves_task) {
    if (!record.id.is_nil() && tasks_.size() < kMost) {
      tasks_.emplace(record.id, Task{key, use->until_s});
    }
    return;
  }
  outcome(key, use->until_s, what == Outcome::kConfirmed);
}

void PolicyNodes::print_to(json::Object& out) const {
  json::Array nodes;
  for (const auto& [key, seen] : nodes_) {
    nodes.emplace_back(json::Object{{names::kAcpUseRun, key.first},
                                    {names::kAcpUseNode, key.second},
                                    {kDone, seen.is_done},
                                    {names::kAcpUseUntil, seen.until_s}});
  }
  json::Array tasks;
  for (const auto& [id, task] : tasks_) {
    tasks.emplace_back(json::Object{{kCall, id.text()},
                                    {names::kAcpUseRun, task.key.first},
                                    {names::kAcpUseNode, task.key.second},
                                    {names::kAcpUseUntil, task.until_s}});
  }
  json::Array tokens;
  for (const auto& [digest, exp] : issued_) {
    tokens.emplace_back(
        json::Object{{names::kBodyTokenDigest, digest}, {names::kAcpUseUntil, exp}});
  }
  for (auto& [name, list] : {std::pair{kNodes, &nodes}, {kTasks, &tasks}, {kTokens, &tokens}}) {
    if (!list->empty()) {
      out[name] = std::move(*list);
    }
  }
}

Status PolicyNodes::read_nodes(const json::Array& list) {
  for (const json::Value& one : list) {
    const json::Value* done = json::find(one, {kDone});
    const Key key(text_of(one, names::kAcpUseRun), text_of(one, names::kAcpUseNode));
    const std::int64_t until_s = number_in(one, names::kAcpUseUntil);
    if (done == nullptr || !done->is_bool() || key.first.empty() || key.second.empty() ||
        until_s <= 0) {
      return malformed(kNodes);
    }
    nodes_.emplace(key, Seen{done->get_bool(), until_s});
  }
  return {};
}

Status PolicyNodes::read_tasks(const json::Array& list) {
  for (const json::Value& one : list) {
    const Result<Uuid> id = Uuid::parse(text_of(one, kCall));
    const Key key(text_of(one, names::kAcpUseRun), text_of(one, names::kAcpUseNode));
    const std::int64_t until_s = number_in(one, names::kAcpUseUntil);
    if (!id || key.first.empty() || key.second.empty() || until_s <= 0) {
      return malformed(kTasks);
    }
    tasks_.emplace(*id, Task{key, until_s});
  }
  return {};
}

Status PolicyNodes::read_issued(const json::Array& list) {
  for (const json::Value& one : list) {
    const std::string digest = text_of(one, names::kBodyTokenDigest);
    const std::int64_t exp = number_in(one, names::kAcpUseUntil);
    if (digest.empty() || exp <= 0) {
      return malformed(kTokens);
    }
    issued_.emplace(digest, exp);
  }
  return {};
}

Result<PolicyNodes> PolicyNodes::read(const json::Value& state) {
  const json::Array* nodes = list_of(state, kNodes);
  const json::Array* tasks = list_of(state, kTasks);
  const json::Array* tokens = list_of(state, kTokens);
  if (nodes == nullptr || tasks == nullptr || tokens == nullptr) {
    return fail(Code::kMalformed, "acp_nodes, acp_tasks, acp_tokens: expected lists");
  }
  PolicyNodes out;
  Status good = out.read_nodes(*nodes);
  good = good ? out.read_tasks(*tasks) : good;
  good = good ? out.read_issued(*tokens) : good;
  return good.map([&] { return std::move(out); });
}

bool FoldedNodes::has(std::string_view kind) {
  return kind == kinds::kPolicyIssued || kind == kinds::kTaskOutcome;
}

}  // namespace pawl
