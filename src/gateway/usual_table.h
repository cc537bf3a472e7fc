// What is usual of each agent's calls of each tool, in bounded memory.
//
// Purpose:    the summaries (operators/approval/usual_calls.h) of tool calls that went through, for
//             people who decide on the next one. Memory only: nothing of arguments goes to a disk.
// Threading:  the I/O thread.
// Soft state: empty after a restart. Where there is no room, the tool that was not called for the
//             longest time goes, of the agent that takes the most; so no agent, however many tools
//             it calls, pushes out what another one has that takes less.
// Not errors: names too long to be kept: nothing is learned of them.
//
// Example:    table.learn({agent, server, tool}, action.arguments.get());
//             const approval::UsualCalls* usual = table.find({agent, server, tool});
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "operators/approval/usual_calls.h"

namespace pawl {

struct UsualBounds {
  std::size_t bytes = 4u << 20;
  std::size_t agent_bytes = 1u << 20;
  std::size_t name_bytes = 1024;  // of one name
};

class UsualTable {
 public:
  struct Tool {
    std::string_view agent, server, tool;
  };
  explicit UsualTable(UsualBounds bounds = {}) : bounds_(bounds) {}
  UsualTable(const UsualTable&) = delete;  // its parts point to each other
  UsualTable& operator=(const UsualTable&) = delete;

  // Of a call that went through. `arguments` null: it had none.
  void learn(const Tool& of, const json::Value* arguments);
  // Null: nothing is known. Until the next learn().
  const approval::UsualCalls* find(const Tool& of) const;
  std::size_t bytes() const { return bytes_; }

 private:
  struct Kept {
    std::string key;  // of the tool
    approval::UsualCalls calls;
    std::size_t bytes = 0;
  };
  struct Agent {
    std::size_t bytes = 0;
    std::list<Kept> newest_first;
    std::unordered_map<std::string, std::list<Kept>::iterator> by_key;
  };
  using Agents = std::map<std::string, Agent, std::less<>>;

  void grow(Agents::iterator agent, Kept& kept);
  void drop_oldest(Agents::iterator agent);
  void add_bytes(Agents::iterator agent, std::size_t before, std::size_t now);

  const UsualBounds bounds_;
  Agents agents_;
  std::set<std::pair<std::size_t, std::string_view>> by_bytes_;  // of agents, by their names
  std::size_t bytes_ = 0;
};

}  // namespace pawl
