#include "gateway/usual_table.h"

namespace pawl {
namespace {

// Of an agent and of a tool, beside their names and the summary: nodes of the containers.
constexpr std::size_t kNodeBytes = 256;

std::string key_of(const UsualTable::Tool& of) {
  std::string out;
  out.reserve(of.server.size() + 1 + of.tool.size());
  return out.append(of.server).append(1, '\0').append(of.tool);  // no server's name has a NUL
}

}  // namespace

void UsualTable::learn(const Tool& of, const json::Value* arguments) {
  for (const std::string_view name : {of.agent, of.server, of.tool}) {
    if (name.size() > bounds_.name_bytes) {
      return;
    }
  }
  auto agent = agents_.find(of.agent);
  if (agent == agents_.end()) {
    agent = agents_.emplace(std::string(of.agent), Agent()).first;
    by_bytes_.insert({0, agent->first});
    add_bytes(agent, 0, kNodeBytes + 2 * of.agent.size());
  }
  std::list<Kept>& list = agent->second.newest_first;
  std::string key = key_of(of);
  const auto known = agent->second.by_key.find(key);
  if (known == agent->second.by_key.end()) {
    list.push_front({key, {}, 0});
    agent->second.by_key.emplace(std::move(key), list.begin());
  } else {
    list.splice(list.begin(), list, known->second);
  }
  approval::learn(list.front().calls, arguments);
  grow(agent, list.front());
}

// The agent's own oldest go first, then those of whoever has the most. What was just learned stays
// if it fits at all.
void UsualTable::grow(Agents::iterator agent, Kept& kept) {
  const std::size_t now = kNodeBytes + 2 * kept.key.size() + approval::usual_bytes(kept.calls);
  const std::size_t before = std::exchange(kept.bytes, now);
  add_bytes(agent, before, now);
  while (agent->second.bytes > bounds_.agent_bytes && agent->second.newest_first.size() > 1) {
    drop_oldest(agent);
  }
  if (agent->second.bytes > bounds_.agent_bytes) {
    drop_oldest(agent);  // it is gone
  }
  while (bytes_ > bounds_.bytes && !agents_.empty()) {
    drop_oldest(agents_.find(by_bytes_.rbegin()->second));
  }
}

void UsualTable::drop_oldest(Agents::iterator agent) {
  std::list<Kept>& list = agent->second.newest_first;
  if (!list.empty()) {
    add_bytes(agent, list.back().bytes, 0);
    agent->second.by_key.erase(list.back().key);
    list.pop_back();
  }
  if (list.empty()) {
    bytes_ -= agent->second.bytes;
    by_bytes_.erase({agent->second.bytes, agent->first});
    agents_.erase(agent);
  }
}

void UsualTable::add_bytes(Agents::iterator agent, std::size_t before, std::size_t now) {
  if (before == now) {
    return;
  }
  by_bytes_.erase({agent->second.bytes, agent->first});
  agent->second.bytes += now - before;  // in the arithmetic of unsigned numbers
  by_bytes_.insert({agent->second.bytes, agent->first});
  bytes_ += now - before;
}

const approval::UsualCalls* UsualTable::find(const Tool& of) const {
  const auto agent = agents_.find(of.agent);
  if (agent == agents_.end()) {
    return nullptr;
  }
  const auto found = agent->second.by_key.find(key_of(of));
  return found == agent->second.by_key.end() ? nullptr : &found->second->calls;
}

}  // namespace pawl
