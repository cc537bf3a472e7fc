#include "tests/sim/model.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/json.h"

namespace pawl::sim {
namespace {

bool in_scope(const std::string& scope, const CallFacts& call) {
  if (scope == "all" || scope == "agent:" + call.agent || scope == "server:" + call.server ||
      scope == "tool:" + call.server + "/" + call.tool || scope == "workflow:" + call.workflow) {
    return true;
  }
  return std::any_of(call.groups.begin(), call.groups.end(),
                     [&](const std::string& group) { return scope == "group:" + group; });
}

json::Value payload_of(const std::string& token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  return json::parse(*base64url_decode(token.substr(first + 1, second - first - 1)))->value;
}

// The outcome of a record of a call, wherever its area keeps it.
std::string outcome_of(const json::Value& payload) {
  const json::Value* ext = json::find(payload, {"ect_ext"});
  if (ext == nullptr || !ext->is_object()) {
    return "";
  }
  for (const auto& member : ext->get_object()) {
    if (const auto outcome = json::find_string(member.value(), {"outcome"})) {
      return std::string(*outcome);
    }
  }
  return "";
}

}  // namespace

CallFacts& Model::fact(const Uuid& id) {
  const auto found = calls_.find(id);
  require(found != calls_.end(), "a call that nobody made: " + id.text());
  return found->second;
}

void Model::must_not_be_stopped(const CallFacts& call, const std::string& what) const {
  for (const auto& [id, stop] : stops_) {
    require(!stop.in_force || !in_scope(stop.scope, call),
            what + " of " + call.agent + " at " + call.server + "/" + call.tool +
                " after the stop of " + stop.scope + " was acknowledged");
  }
}

void Model::must_be_allowed(const CallFacts& call) const {
  const RuleVariant& rules = *rules_;
  const std::string what = call.agent + " at " + call.server + "/" + call.tool;
  require(rules.allows_anything, what + " was forwarded though no rule allows anything");
  require(rules.denied_group.empty() || std::find(call.groups.begin(), call.groups.end(),
                                                  rules.denied_group) == call.groups.end(),
          what + " was forwarded though its group is denied");
  require(rules.tools.empty() || rules.tools.contains(call.tool),
          what + " was forwarded though its tool is not allowed");
  require(!rules.expires_at || call.latest_s < *rules.expires_at,
          what + " was forwarded by a rule that had expired");
}

void Model::submitted(const Action& action, std::uint64_t life, std::int64_t boot_us,
                      std::int64_t wall_us) {
  CallFacts call;
  call.agent = action.caller.agent;
  call.groups = action.caller.groups;
  call.server = action.server;
  call.tool = action.tool;
  call.workflow = action.workflow ? action.workflow->text() : "";
  call.repeats = action.repeat_of;
  call.read_only = action.read_only;
  call.life = life;
  call.submitted_us = boot_us;
  latest_s_ = std::max({latest_s_, durable_s_, wall_us / 1'000'000});
  call.latest_s = latest_s_;
  call.others = open_[action.caller.agent]++;
  require(calls_.emplace(action.id, std::move(call)).second, "an id was given twice");
}

void Model::wrote(const Uuid& id, const std::string& text) {
  CallFacts& call = fact(id);
  require(!call.repeats, "a repeat was forwarded");
  must_not_be_stopped(call, text);
  if (call.writes++ == 0) {
    must_be_allowed(call);
  }
  require(!call.told, text + " after its agent was told how it ended");
}

void Model::server_said(const Uuid& id, bool success) {
  CallFacts& call = fact(id);
  if (call.said == CallFacts::Said::kNothing) {
    call.said = success ? CallFacts::Said::kResult : CallFacts::Said::kError;
  }
}

void Model::streamed(const Uuid& id) {
  must_not_be_stopped(fact(id), "release of an event");
}

void Model::told(CallFacts& call, std::int64_t boot_us) {
  require(!call.told, "an agent was told twice how its call ended");
  call.told = true;
  longest_us = std::max(longest_us, boot_us - call.submitted_us);
  if (--open_[call.agent] == 0) {
    open_.erase(call.agent);
  }
}

const CallFacts& Model::answered_call(const CallFacts& call) const {
  if (!call.repeats) {
    return call;
  }
  const CallFacts& first = calls_.at(*call.repeats);
  require(first.agent == call.agent, "a repeat of another agent's call got its answer");
  return first;
}

void Model::released(const Uuid& id, const std::string& body, const RecordRef& record,
                     std::int64_t boot_us) {
  CallFacts& call = fact(id);
  must_not_be_stopped(call, "release of an answer");
  require(answered_call(call).said != CallFacts::Said::kNothing,
          "an answer that no server gave was released");
  require(body.find(call.repeats.value_or(id).text()) != std::string::npos,
          "an answer to another call was released");
  require(record.id == id && !record.token.empty(), "an answer was released without its record");
  if (!call.told) {
    told(call, boot_us);
  }
  call.released = true;
  call.record = record;
  if (call.repeats) {
    return;
  }
  last_agent = call.agent;
  last_token = record.token;
  last_id = id;
}

void Model::refused(const Uuid& id, const Refusal& refusal, const RecordRef& record,
                    std::int64_t boot_us) {
  CallFacts& call = fact(id);
  require(refusal.code != Code::kOverloaded || refusal.control != "limits" ||
              call.others >= open_per_agent,
          call.agent + " was shed with " + std::to_string(call.others) + " other calls open");
  require(call.writes == 0 || refusal.was_sent || refusal.was_done,
          "a call that reached its server was refused as if it had not (" + refusal.control + ")");
  require(!refusal.was_done || call.said != CallFacts::Said::kNothing,
          "an answer that no server gave was held back");
  told(call, boot_us);
  if (!record.id.is_nil()) {
    call.record = record;
  }
}

std::size_t Model::open(std::uint64_t life) const {
  return static_cast<std::size_t>(std::count_if(
      calls_.begin(), calls_.end(),
      [&](const auto& entry) { return entry.second.life == life && !entry.second.told; }));
}

void Model::stop_acknowledged(const Uuid& id, const std::string& scope, bool durable) {
  stops_[id] = StopFacts{scope, durable, true};
}

void Model::resume_begun(const Uuid& id) {
  stops_.at(id).certain = false;
}

void Model::resume_acknowledged(const Uuid& id) {
  stops_.at(id).in_force = false;
}

void Model::power_went() {
  for (auto& [id, call] : calls_) {
    call.may_lack_record = call.may_lack_record || call.read_only;
  }
}

void Model::restarted(const std::map<Uuid, std::string>& in_force, std::uint64_t life,
                      std::int64_t recorded_s) {
  for (const auto& [id, scope] : in_force) {
    stops_.try_emplace(id, StopFacts{scope, false, true});  // a slot that cannot be read stops all
  }
  for (auto& [id, stop] : stops_) {
    const bool now = in_force.contains(id);
    require(now || !stop.certain || !stop.in_force, "a restart forgot the stop of " + stop.scope);
    require(!now || stop.in_force, "a restart brought back the ended stop of " + stop.scope);
    stop.in_force = now;
  }
  for (auto& [id, call] : calls_) {
    if (call.life < life && !call.told) {
      call.told = true;  // its agent saw the connection break
      if (--open_[call.agent] == 0) {
        open_.erase(call.agent);
      }
    }
  }
  durable_s_ = std::max(durable_s_, recorded_s);
  latest_s_ = durable_s_;
}

// It says of which call it is a repeat, and of no outcome of its own.
void Model::check_repeat(const CallFacts& call, const json::Value& payload) const {
  const std::string first = call.repeats->text();
  require(json::find_string(payload, {"ect_ext", "pawl.task", "repeat_of"}) == first,
          "the record of a repeat does not name " + first);
  if (json::find_string(payload, {"exec_act"}) == "task.repeated") {
    const json::Array& causes = payload.at("pred").as_array();
    const auto named = std::find(causes.begin(), causes.end(), json::Value(first));
    require(named == causes.end() || named == causes.begin(),  // none: of another workflow
            "an answered repeat has causes before " + first);
    require(outcome_of(payload).empty(), "a repeat has an outcome of its own");
  } else {
    require(!call.released, "a repeat was answered and recorded as refused");
  }
}

void Model::check_log(const std::vector<std::string>& tokens) const {
  std::map<Uuid, std::string> outcomes;
  for (std::size_t index = 0; index < tokens.size(); ++index) {
    const json::Value payload = payload_of(tokens[index]);
    const Result<Uuid> id = Uuid::parse(json::find_string(payload, {"jti"}).value_or(""));
    require(id.has_value(), "a record has no id");
    const bool first = outcomes.emplace(*id, outcome_of(payload)).second;
    require(first, "two records have the id " + id->text());
    const auto call = calls_.find(*id);
    if (call != calls_.end() && call->second.repeats) {
      check_repeat(call->second, payload);
    }
    if (call != calls_.end() && call->second.record && !call->second.record->token.empty()) {
      require(call->second.record->index == index && call->second.record->token == tokens[index],
              "the record that an agent got is not the one of the log");
    }
  }
  for (const auto& [id, call] : calls_) {
    const auto found = outcomes.find(id);
    const std::string outcome = found == outcomes.end() ? "none" : found->second;
    const std::string what =
        "the call " + id.text() + " (" + call.tool + ", outcome " + outcome + ")";
    require(call.writes == 0 || call.may_lack_record || outcome != "none",
            what + " reached its server and has no record");
    require(call.writes == 0 || (outcome != "denied" && outcome != "error"),
            what + " reached its server and its record says it did not");
    require(outcome != "confirmed" || call.said == CallFacts::Said::kResult,
            what + " was not confirmed by its server");
    require(outcome != "failed" || call.said == CallFacts::Said::kError,
            what + " did not fail at its server");
    require(!call.released || outcome != "none", what + " was released and has no record");
    require(!call.record || call.record->token.empty() || outcome != "none",
            what + " was answered with a record that the log does not have");
  }
}

}  // namespace pawl::sim
