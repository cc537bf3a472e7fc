// Asks servers whether they speak the other era, too.
//
// Purpose:    a DiscoverResult seldom lists legacy revisions, and initialize names one. What
//             discover and refusals list is asked for once, with a connection of its own that is
//             closed at once; the answer is remembered (server_revisions.h).
// Threading:  the I/O thread.
// Bounds:     one question at a time for a server and an era; the asker waits at most kPatience.
// Not errors: a server that does not answer: it counts as not speaking the era, for a while.
//
// Example:
//   core->survey.learn(core, {"search"}, mcp::Era::kLegacy, [=] { core->revisions.of("search"); });
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "infrastructure/mcp/upstream.h"

namespace pawl::bridge {

struct Core;

class EraSurvey {
 public:
  static constexpr std::chrono::seconds kPatience{5};

  EraSurvey();
  ~EraSurvey();

  // `done` is called once, at once when all is known already.
  void learn(const std::shared_ptr<Core>& core, const std::vector<std::string>& servers,
             mcp::Era era, std::function<void()> done);

 private:
  struct Question;
  using Key = std::pair<std::string, mcp::Era>;
  void ask(const std::shared_ptr<Core>& core, const Key& key, std::function<void()> heard);
  void answered(Core& core, const Key& key, const mcp::UpstreamHello* hello);

  std::map<Key, std::unique_ptr<Question>> open_;
};

}  // namespace pawl::bridge
