#include "app/daemon/told_people.h"

#include <utility>

#include "app/api/events_api.h"
#include "app/api/http_answer.h"
#include "app/daemon/approval_channels.h"
#include "base/log.h"
#include "foundation/records/kinds.h"

namespace pawl {
namespace {

constexpr std::size_t kMostOfAnAnswer = 64 * 1024;  // of a webhook; it is not looked at

}  // namespace

Recorder::Observer ToldPeople::observer() {
  return [this](std::uint64_t index, const RecordDraft& draft, std::string_view token) {
    if (governance_ == nullptr) {
      return;
    }
    feed_->recorded(index, token);
    if (kinds::area(draft.kind) == "override") {
      feed_->look_at(*governance_->stops());
    }
    if (FoldedApprovals::has(draft.kind)) {
      look_soon();
    }
  };
}

void ToldPeople::begin(Governance& governance) {
  governance_ = &governance;
  const approval::ApprovalState& state = governance.decisions().approvals;
  feed_ = std::make_unique<EventFeed>(hub_, state);
  approval::NoticeWords words{governance.instance().spiffe(), parts_.config.approval.address,
                              !parts_.config.salted_digests};
  notifier_ = std::make_unique<Notifier>(
      Notifier::Parts{parts_.clock, parts_.random, governance.metrics(), state,
                      [&governance] { return governance.recorder().now(); }, std::move(words),
                      [pool = &parts_.pool](http::ClientRequest request, auto done) {
                        pool->fetch(std::move(request), std::move(done), kMostOfAnAnswer);
                      }},
      parts_.config.approval.webhooks);
}

// Once for all records of a turn.
void ToldPeople::look_soon() {
  if (std::exchange(looks_soon_, true)) {
    return;
  }
  parts_.scheduler.post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) {
      looks_soon_ = false;
      notifier_->look();
    }
  });
}

void ToldPeople::tick() {
  notifier_->look();
  feed_->look_at(*governance_->stops());
  hub_.tick();
  governance_->metrics().set_gauge("event_readers", static_cast<double>(hub_.readers()));
  tell_if_nobody_is();
}

// At the start, and with each new set of rules.
void ToldPeople::tell_if_nobody_is() {
  std::shared_ptr<const rules::RuleSet> rules = governance_->rules();
  if (rules == judged_) {
    return;
  }
  judged_ = std::move(rules);
  const std::string why =
      nobody_told(parts_.config, *judged_, parts_.files, parts_.clock.wall().seconds());
  if (!why.empty()) {
    log(LogLevel::kWarn, "nobody_is_told", {{"reason", why}});
  }
}

void ToldPeople::add_to(ControlApiHooks& hooks, const std::string& token, SignIns* sign_ins) {
  hooks.own_desks.emplace("/api/v1/events", events_api(hub_, token, sign_ins));
  hooks.desks.emplace(
      "/api/v1/notify",
      [this](const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer) {
        test(request, writer);
      });
}

void ToldPeople::test(const http::Request& request,
                      const std::shared_ptr<http::ResponseWriter>& writer) {
  if (request.method != "POST" || request.path != "/api/v1/notify/test") {
    writer->send(problem_answer({Code::kNotFound, "no such resource of the API"}));
    return;
  }
  notifier_->test([writer](json::Array webhooks) {
    json::Object out;
    out["webhooks"] = std::move(webhooks);
    writer->send(json_answer(200, std::move(out)));
  });
}

json::Object ToldPeople::status() const {
  json::Object out{{"nobody_told", nobody_told(parts_.config, *governance_->rules(), parts_.files,
                                               parts_.clock.wall().seconds())},
                   {"owed", notifier_->owed()},
                   {"event_readers", hub_.readers()}};
  out["webhooks"] = notifier_->status();
  return out;
}

}  // namespace pawl
