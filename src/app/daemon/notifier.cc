#include "app/daemon/notifier.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "path/plugged.h"

namespace pawl {
namespace {

// Empty: the receiver took it.
std::string problem_of(const Result<http::Response>& answer) {
  if (!answer) {
    return answer.error().message;
  }
  const int status = answer->status;
  return status >= 200 && status < 300 ? ""
         : status >= 300 && status < 400
             ? "answers " + std::to_string(status) + ", and redirects are not followed"
             : "answers " + std::to_string(status);
}

}  // namespace

Notifier::Notifier(Parts parts, std::vector<notify::Webhook> webhooks) : parts_(std::move(parts)) {
  for (notify::Webhook& webhook : webhooks) {
    channels_.emplace_back().webhook = std::move(webhook);
  }
}

void Notifier::look() {
  if (channels_.empty()) {
    return;
  }
  const auto owed = plugged(ControlId::kNoticeOwed)
                        ? approval::owed_notices(parts_.state, parts_.now().seconds())
                        : std::vector<approval::OwedNotice>();
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    settle(channels_[i], owed);
    send_due(i);
  }
  count();
}

// What is not owed any more is forgotten, what is new becomes due.
void Notifier::settle(Channel& channel, const std::vector<approval::OwedNotice>& owed) {
  std::map<std::string, Debt> debts;
  std::set<std::string> taken;
  for (const approval::OwedNotice& one : owed) {
    if (channel.taken.contains(one.id)) {
      taken.insert(one.id);
      continue;
    }
    const auto known = channel.debts.find(one.id);
    debts.emplace(one.id, known != channel.debts.end() ? known->second : Debt{one.approval});
  }
  for (const auto& [id, debt] : channel.debts) {
    if (!debts.contains(id) && debt.failures > 0) {
      ++dropped_;
      log(LogLevel::kWarn, "notice_not_delivered",
          {{"approval", debt.approval.text()}, {"webhook", channel.webhook.shown()}});
    }
  }
  channel.debts = std::move(debts);
  channel.taken = std::move(taken);
}

// Those that failed least often first, so that one that is never taken holds up no other.
void Notifier::send_due(std::size_t index) {
  const Channel& channel = channels_[index];
  const BootTime now = parts_.clock.boot();
  if (now < channel.not_before) {
    return;
  }
  std::vector<std::pair<unsigned, std::string>> due;
  for (const auto& [id, debt] : channel.debts) {
    if (!debt.is_under_way && debt.due <= now) {
      due.emplace_back(debt.failures, id);
    }
  }
  std::sort(due.begin(), due.end());
  // A webhook that failed is tried with one.
  const std::size_t most = channel.failures > 0 ? 1 : kMostAtOnce;
  for (const auto& [failures, id] : due) {
    if (channels_[index].under_way >= most) {
      return;
    }
    attempt(index, id, channels_[index].debts.at(id));
  }
}

void Notifier::attempt(std::size_t index, const std::string& id, const Debt& debt) {
  const approval::Approval* approval = parts_.state.find(debt.approval);
  if (approval == nullptr) {
    return;  // look() forgets it
  }
  const Uuid of = debt.approval;
  channels_[index].debts.at(id).is_under_way = true;
  ++channels_[index].under_way;
  post(channels_[index].webhook, {id, approval::print_notice(*approval, parts_.words)},
       [this, index, id, of](int, const std::string& error) { answered(index, id, of, error); });
}

void Notifier::answered(std::size_t index, const std::string& id, const Uuid& approval,
                        const std::string& error) {
  Channel& channel = channels_[index];
  --channel.under_way;
  const auto debt = channel.debts.find(id);
  if (error.empty()) {
    ++channel.delivered;
    ++delivered_;
    channel.failures = 0;
    channel.not_before = {};
    channel.last_error.clear();
    channel.taken.insert(id);
    if (debt != channel.debts.end()) {
      channel.debts.erase(debt);
    }
  } else {
    ++channel.failed;
    ++failed_;
    const auto later = [&](unsigned& failures) {
      const std::chrono::microseconds delay = notify::retry_delay(++failures, parts_.random);
      return BootTime{parts_.clock.boot().us + delay.count()};
    };
    channel.not_before = later(channel.failures);
    channel.last_error = error;
    channel.last_error_at = parts_.clock.wall();
    if (debt != channel.debts.end()) {
      debt->second.due = later(debt->second.failures);
      debt->second.is_under_way = false;
    }
    log(LogLevel::kWarn, "notice_failed",
        {{"approval", approval.text()}, {"webhook", channel.webhook.shown()}, {"reason", error}});
  }
  send_due(index);
  count();
}

void Notifier::post(const notify::Webhook& webhook, const notify::Message& message,
                    std::function<void(int status, std::string error)> done) {
  parts_.send(notify::webhook_request(webhook, message, parts_.clock.wall()),
              [alive = std::weak_ptr<bool>(alive_),
               done = std::move(done)](const Result<http::Response>& answer) {
                if (!alive.expired()) {
                  done(answer ? answer->status : 0, problem_of(answer));
                }
              });
}

void Notifier::test(std::function<void(json::Array)> done) {
  struct Round {
    json::Array results;
    std::size_t open = 0;
    std::function<void(json::Array)> done;
  };
  const auto round = std::make_shared<Round>();
  round->results.resize(channels_.size());
  round->open = channels_.size();
  round->done = std::move(done);
  const WallTime now = parts_.now();
  const notify::Message message{"test-" + Uuid::v7(now, parts_.random).text(),
                                approval::print_test_notice(parts_.words, now.seconds())};
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    post(channels_[i].webhook, message, [this, round, i](int status, const std::string& error) {
      json::Object result{{"webhook", channels_[i].webhook.shown()}, {"delivered", error.empty()}};
      if (status != 0) {
        result["status"] = status;
      }
      if (!error.empty()) {
        result["error"] = error;
      }
      round->results[i] = std::move(result);
      if (--round->open == 0) {
        round->done(std::move(round->results));
      }
    });
  }
  if (channels_.empty()) {
    round->done({});
  }
}

json::Array Notifier::status() const {
  json::Array out;
  for (const Channel& channel : channels_) {
    json::Object one{{"webhook", channel.webhook.shown()},
                     {"owed", channel.debts.size()},
                     {"delivered", channel.delivered},
                     {"failed", channel.failed},
                     {"failures_in_turn", channel.failures}};
    if (!channel.last_error.empty()) {
      one["error"] = channel.last_error;
      one["error_at"] = format_rfc3339(channel.last_error_at);
    }
    out.emplace_back(std::move(one));
  }
  return out;
}

std::size_t Notifier::owed() const {
  std::size_t out = 0;
  for (const Channel& channel : channels_) {
    out += channel.debts.size();
  }
  return out;
}

void Notifier::count() {
  parts_.metrics.set_total("pawl_notices_total", "delivered", delivered_);
  parts_.metrics.set_total("pawl_notices_total", "failed", failed_);
  parts_.metrics.set_total("pawl_notices_total", "dropped", dropped_);
  parts_.metrics.set_gauge("notices_owed", static_cast<double>(owed()));
}

}  // namespace pawl
