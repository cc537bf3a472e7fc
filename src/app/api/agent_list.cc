#include "app/api/agent_list.h"

#include <algorithm>

namespace pawl {
namespace {

std::string text_at(const json::Value& value, std::string_view name) {
  return std::string(json::find_string(value, {name}).value_or(""));
}

const json::Array& list_at(const json::Value& value, std::string_view name) {
  static const json::Array kNone;
  const json::Value* found = json::find(value, {name});
  return found != nullptr && found->is_array() ? found->get_array() : kNone;
}

void keep_seen(std::vector<AgentNow>& agents, const Viewer& viewer) {
  std::erase_if(agents, [&](const AgentNow& agent) { return !viewer.sees_agent(agent.id); });
}

json::Array open_seen(const json::Value& status, const Viewer& viewer) {
  json::Array out;
  for (const json::Value& call : list_at(status, "running")) {
    if (viewer.sees_any(text_at(call, "agent"), text_at(call, "server"), text_at(call, "tool"),
                        text_at(call, "workflow"))) {
      out.push_back(call);
    }
  }
  return out;
}

json::Array stops_seen(const json::Value& status, const Viewer& viewer) {
  json::Array out;
  for (const json::Value& stop : list_at(status, "stops")) {
    const Result<override_::Scope> scope = override_::parse_scope(text_at(stop, "scope"));
    if (!scope || !viewer.sees(*scope)) {
      continue;
    }
    const json::Value* at = json::find(stop, {"at"});
    out.emplace_back(
        json::Object{{"id", text_at(stop, "id")},
                     {"scope", text_at(stop, "scope")},
                     {"since", at != nullptr && at->is_int64() ? at->get_int64() / 1'000'000 : 0},
                     {"by", text_at(stop, "by")},
                     {"reason", text_at(stop, "reason")}});
  }
  return out;
}

// The busiest first.
json::Array busiest(std::vector<AgentNow> agents) {
  std::sort(agents.begin(), agents.end(), [](const AgentNow& a, const AgentNow& b) {
    return std::tie(b.held, b.open, b.calls, a.id) < std::tie(a.held, a.open, a.calls, b.id);
  });
  json::Array out;
  for (const AgentNow& agent : agents) {
    if (out.size() < kMostAgentsInOverview) {
      out.emplace_back(json::Object{{"id", agent.id},
                                    {"calls", agent.calls},
                                    {"refused", agent.refused},
                                    {"held", agent.held},
                                    {"stopped", agent.stopped}});
    }
  }
  return out;
}

}  // namespace

json::Object agent_list_json(std::vector<AgentNow> agents, const Viewer& viewer) {
  keep_seen(agents, viewer);
  std::sort(agents.begin(), agents.end(), [](const AgentNow& a, const AgentNow& b) {
    return std::tie(b.last_at, a.id) < std::tie(a.last_at, b.id);
  });
  json::Array list;
  for (const AgentNow& agent : agents) {
    if (list.size() == kMostAgentsListed) {
      break;
    }
    json::Object one{{"id", agent.id},           {"owner", agent.owner}, {"calls", agent.calls},
                     {"refused", agent.refused}, {"open", agent.open},   {"held", agent.held},
                     {"stopped", agent.stopped}};
    one["groups"] = json::Array(agent.groups.begin(), agent.groups.end());
    one["last_at"] = agent.last_at != 0 ? json::Value(agent.last_at) : json::Value(nullptr);
    list.emplace_back(std::move(one));
  }
  json::Object out;
  out["left_out"] = agents.size() - list.size();
  out["agents"] = std::move(list);
  return out;
}

json::Object overview_json(const json::Value& status, json::Array troubles, const RatesNow& rates,
                           const std::vector<PendingNow>& pending, std::vector<AgentNow> agents,
                           std::int64_t now_ms, const Viewer& viewer) {
  json::Object out{{"now_ms", now_ms}};
  out["rates"] = nullptr;
  out["troubles"] = json::Array();
  if (viewer.sees_all()) {
    out["rates"] = json::Object{{"calls_per_s", rates.calls_per_s},
                                {"refusals_per_s", rates.refusals_per_s},
                                {"held", rates.held}};
    out["troubles"] = std::move(troubles);
  }
  out["pending"] = std::count_if(pending.begin(), pending.end(), [&](const PendingNow& one) {
    return viewer.sees_any(one.agent, one.server, one.tool, one.workflow);
  });
  out["open"] = open_seen(status, viewer);
  keep_seen(agents, viewer);
  out["agents"] = busiest(std::move(agents));
  out["stops"] = stops_seen(status, viewer);
  return out;
}

}  // namespace pawl
