// Tells the configured webhooks of calls that wait for people, until it is not owed any more.
//
// Purpose:    look() compares what the fold over records owes with what each webhook took: what is
//             missing is sent, and again after a failure, with the same id. What was taken is known
//             in memory only: after a restart whatever is still owed is sent once more.
// Threading:  the I/O thread. Answers that come when it is gone are dropped.
// Ownership:  the parts outlive it.
// Bounds:     kMostAtOnce requests of one webhook; its failures in turn delay all that it is owed,
//             at most by notify::kLongestDelay. A notice ends with its approval.
// Errors:     none upward: each webhook has a status, a log line for each failure, and counts.
// Not errors: a webhook that gets the same notice twice (it has one id).
// Source:     docs/formats/notice.md.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "gateway/metrics.h"
#include "infrastructure/notify/webhook.h"
#include "operators/approval/notice.h"

namespace pawl {

class Notifier {
 public:
  static constexpr std::size_t kMostAtOnce = 4;
  using Send =
      std::function<void(http::ClientRequest, std::function<void(Result<http::Response>)>)>;
  struct Parts {
    Clock& clock;
    Random& random;
    Metrics& metrics;
    const approval::ApprovalState& state;  // the fold's
    std::function<WallTime()> now;         // the recorder's
    approval::NoticeWords words;
    Send send;
  };
  Notifier(Parts parts, std::vector<notify::Webhook> webhooks);

  // About once a second, and after each record of an approval.
  void look();
  // A test notice to each webhook, once; `done` gets one object for each, when all have answered:
  // webhook, delivered, and status or error.
  void test(std::function<void(json::Array)> done);
  // For each: webhook, owed, delivered, failed, and of its last failure error and error_at.
  json::Array status() const;
  std::size_t owed() const;

 private:
  struct Debt {
    Uuid approval;
    BootTime due{};
    unsigned failures = 0;
    bool is_under_way = false;
  };
  struct Channel {
    notify::Webhook webhook;
    std::map<std::string, Debt> debts;  // by notice
    std::set<std::string> taken;        // of what is owed
    std::size_t under_way = 0;
    unsigned failures = 0;  // in turn
    BootTime not_before{};
    std::uint64_t delivered = 0, failed = 0;
    std::string last_error;  // empty: the last attempt went well
    WallTime last_error_at{};
  };
  void settle(Channel& channel, const std::vector<approval::OwedNotice>& owed);
  void send_due(std::size_t channel);
  void attempt(std::size_t channel, const std::string& id, const Debt& debt);
  void answered(std::size_t channel, const std::string& id, const Uuid& approval,
                const std::string& error);
  void post(const notify::Webhook& webhook, const notify::Message& message,
            std::function<void(int status, std::string error)> done);
  void count();

  Parts parts_;
  std::vector<Channel> channels_;
  std::uint64_t delivered_ = 0, failed_ = 0, dropped_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace pawl
