// Clients of 2025-11-25 that were sent to a page where people decide.
//
// Purpose:    PageAnswer: the client's answer to our elicitation/create. ApprovalPages: which
//             sessions are to hear of an approval's end (notifications/elicitation/complete).
// Threading:  the I/O thread.
// Rule:       `accept` says that a page was opened, and never that anybody approved.
// Bounds:     kMost sessions wait to hear; the oldest is told nothing then, and comes again by
//             itself.
// Source:     MCP 2025-11-25, elicitation, URL mode.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/uuid.h"
#include "infrastructure/bridge/session.h"

namespace pawl::bridge {

struct Core;

class PageAnswer final : public AskedRequest, public std::enable_shared_from_this<PageAnswer> {
 public:
  // `declined`: the client will not open it.
  PageAnswer(std::shared_ptr<Session> session, std::function<void()> declined)
      : session_(std::move(session)), declined_(std::move(declined)) {}

  // Its id, under which the client answers. Errors: kOverloaded, kUpstreamUnavailable.
  Result<std::string> ask();
  void client_answered(const jsonrpc::Message& response) override;
  void client_left() override { our_id_.clear(); }
  // Nobody waits for the answer any more. The id of the request to be cancelled; empty: none is.
  std::string leave();

 private:
  const std::shared_ptr<Session> session_;
  std::function<void()> declined_;
  std::string our_id_;  // raw JSON; empty: not asked, or answered
};

class ApprovalPages {
 public:
  static constexpr std::size_t kMost = 4096;

  void opened(const Uuid& approval, const std::shared_ptr<Session>& session);
  // Something of it changed: tells those who wait once it is pending no longer.
  void changed(Core& core, const Uuid& approval);

 private:
  std::deque<std::pair<Uuid, std::weak_ptr<Session>>> waiting_;
};

}  // namespace pawl::bridge
