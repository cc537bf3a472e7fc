// What the gateway knows of the tools of modern servers, asked by itself where nobody listed them.
//
// Purpose:    the Mcp-Param-* headers of a call are checked against the schema of its tool
//             (x-mcp-header). A schema is learned from every list that passes; for a tool that was
//             not listed, the gateway asks the server for its list before the call is looked at.
// Threading:  the I/O thread.
// Bounds:     one listing at a time for a server and an agent, at most kMaxPages pages and
//             kPatience; after a failure a wait that doubles up to kLongestWait.
// Soft state: empty after a restart: then a tool counts as unknown, and the gateway asks.
// Renewed:    when the list's time to live ends (kShortestLife at least), and when the server says
//             that its tools changed.
// Not errors: a server that cannot be asked: `done` is called all the same, and the schema stays
//             unknown.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "path/caller.h"

namespace pawl::bridge {

struct Core;

class ToolSchemas {
 public:
  static constexpr int kMaxPages = 64;
  static constexpr std::chrono::seconds kPatience{5};
  static constexpr std::chrono::seconds kShortestLife{60};
  static constexpr std::chrono::seconds kLongestLife{3600};
  static constexpr std::chrono::seconds kFirstWait{1};
  static constexpr std::chrono::seconds kLongestWait{60};

  ToolSchemas();
  ~ToolSchemas();

  struct Asked {
    Caller caller;
    std::string server;
    std::string connection;
    std::string tool;
  };
  // True: nothing needs to be asked now, because enough is known of the tool, or nothing can be.
  bool knows(const Core& core, const Asked& asked);
  // For what knows() says no to; `done` is called once, later or from within.
  void learn(const std::shared_ptr<Core>& core, const Asked& asked, std::function<void()> done);
  // The server said so (notifications/tools/list_changed).
  void changed(const std::string& server);

  // From a tools/list result that passed or was asked for; what cannot be read is left out.
  static void note(Core& core, const std::string& server, std::string_view result);

 private:
  struct State {
    bool stale = false;
    bool listed = false;  // a whole list was read: a tool that is not known has no schema
    BootTime until;       // of what is known
    BootTime not_before;  // after a failure
    std::chrono::microseconds wait = kFirstWait;
    std::vector<std::function<void()>> waiting;
  };
  class Listing;
  State& state_of(const std::string& key);
  bool may_stay(const Core& core, const Asked& asked, State& state) const;
  void finished(Core& core, const std::string& key, bool good, std::chrono::microseconds life);

  std::map<std::string, State> states_;  // by server and agent
  std::map<std::string, std::shared_ptr<Listing>> listings_;
};

}  // namespace pawl::bridge
