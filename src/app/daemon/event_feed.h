// Makes events of what the gateway records and of the stops in force, for the readers of EventHub.
//
// Purpose:    `record`, `approval` and `stop`, as docs/formats/events.md says them.
// Threading:  the I/O thread.
// Ownership:  hub and state outlive it.
// Cost:       a record that nobody hears of is not read again.
// Rule:       no argument and no digest of one: what stands in a record's body is named one by one.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "app/api/event_hub.h"
#include "gateway/recorder.h"
#include "operators/approval/approval_state.h"
#include "operators/override/override.h"

namespace pawl {

class EventFeed {
 public:
  EventFeed(EventHub& hub, const approval::ApprovalState& state) : hub_(hub), state_(state) {}

  // A durable record, which the state has.
  void recorded(std::uint64_t index, std::string_view token);
  // Tells what is in force, and was not at the look before, and the reverse.
  void look_at(const override_::StopSet& stops);

 private:
  void tell_approval(const approval::Approval& approval);
  EventHub& hub_;
  const approval::ApprovalState& state_;
  std::map<Uuid, std::string> stops_;  // scopes, by stop
  bool has_looked_ = false;
};

}  // namespace pawl
