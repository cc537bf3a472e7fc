// How people hear of what happens: notices to webhooks, and events for who looks.
//
// Purpose:    the parts of the daemon that tell, wired to the governed heart. A notice is owed by
//             the record that asks for an approval, and by nothing else: what makes it pending has
//             told of it.
// Threading:  the I/O thread.
// Ownership:  what it is given outlives it; begin() once, before the first tick().
#pragma once

#include <memory>

#include "app/api/control_api.h"
#include "app/api/event_hub.h"
#include "app/api/sign_ins.h"
#include "app/daemon/event_feed.h"
#include "app/daemon/governance.h"
#include "app/daemon/notifier.h"

namespace pawl {

class ToldPeople {
 public:
  struct Parts {
    const Config& config;
    Files& files;
    Clock& clock;
    Random& random;
    Scheduler& scheduler;
    http::ClientPool& pool;
  };
  explicit ToldPeople(Parts parts) : parts_(parts), hub_(parts.clock) {}

  // For GovernanceOptions::recorded; says nothing before begin().
  Recorder::Observer observer();
  void begin(Governance& governance);
  void tick();
  // GET /api/v1/events, and for who has the control listener's `token` POST /api/v1/notify/test.
  void add_to(ControlApiHooks& hooks, const std::string& token, SignIns* sign_ins);
  json::Object status() const;

 private:
  void test(const http::Request& request, const std::shared_ptr<http::ResponseWriter>& writer);
  void look_soon();
  void tell_if_nobody_is();

  Parts parts_;
  EventHub hub_;
  Governance* governance_ = nullptr;
  std::unique_ptr<EventFeed> feed_;
  std::unique_ptr<Notifier> notifier_;
  std::shared_ptr<const rules::RuleSet> judged_;  // the rules that were looked at
  bool looks_soon_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace pawl
