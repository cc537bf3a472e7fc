#include "app/commands/approval_words.h"

#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "foundation/records/kinds.h"
#include "operators/approval/approval_wire.h"
#include "operators/approval/enrollment_wire.h"

namespace pawl {
namespace {

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ", ") + shown_text(name);
  }
  return out.empty() ? "nobody" : out;
}

struct Words {
  std::string operator()(const approval::Requested& event) const {
    const approval::Binding& call = event.binding;
    return "people are asked whether " + shown_text(call.agent) + " may " + shown_text(call.verb) +
           " " + shown_text(call.name) + " at " + shown_text(call.server) + ": " +
           terms_words(event.terms) + ", until " + shown_time(event.expires_at);
  }
  std::string operator()(const approval::Escalated& event) const {
    return "passed on to others, until " + shown_time(event.expires_at);
  }
  std::string operator()(const approval::Decided& event) const { return decision_words(event.by); }
  std::string operator()(const approval::Spent&) const { return {}; }
  std::string operator()(const approval::Delivered&) const {
    return "its caller was told how it ended";
  }
  std::string operator()(const approval::Expired& event) const {
    switch (event.ending) {
      case approval::Ending::kTime:
        return "ended: its time is over";
      case approval::Ending::kCancelled:
        return "ended: cancelled";
      case approval::Ending::kPolicy:
        return "ended: other rules are in force";
      case approval::Ending::kNone:
        break;
    }
    return "ended";
  }
};

std::string enrollment_words(const approval::EnrollmentRecord& record) {
  const approval::Enrollment& said = record.said;
  const bool enrolls = said.verb == approval::EnrollmentVerb::kEnroll;
  const std::string by = said.bootstrap ? ", the first one, signed with that key"
                                        : ", signed by " + shown_text(said.by_operator) +
                                              " with key " + shown_text(said.by_key);
  const std::string key = said.kid.empty() ? ", all keys" : ", key " + shown_text(said.kid);
  return shown_text(said.operator_name) +
         (enrolls ? " enrolled as " + list_of(said.roles) : std::string(" removed")) + key + by;
}

}  // namespace

std::string decision_words(const approval::Signed& by) {
  const bool approves = by.decision == approval::Decision::kApprove;
  if (by.by_rule) {
    return "rule " + shown_text(by.person) + (approves ? " would approve" : " would deny") +
           ", which counts for nothing";
  }
  return shown_text(by.person) + " (" + shown_text(by.role) + ") " +
         (approves ? "approved " + counted(by.uses, "use") + " until " + shown_time(by.expires)
                   : std::string("denied it")) +
         ", signed with key " + shown_text(by.key);
}

std::string terms_words(const HoldTerms& terms) {
  const std::string of = std::to_string(terms.of) + " of ";
  return of + list_of(terms.roles) +
         (terms.uses > 1 ? ", up to " + counted(terms.uses, "use") : std::string()) +
         (terms.escalate_to.empty() ? "" : ", then " + of + list_of(terms.escalate_to));
}

std::string approval_words(std::string_view kind, const json::Value& body) {
  if (kind == kinds::kOperatorEnrolled || kind == kinds::kOperatorRemoved) {
    const auto record = approval::read_enrollment(kind, body);
    return record ? enrollment_words(*record) : "";
  }
  if (kinds::area(kind) != kinds::area(kinds::kApprovalRequested)) {
    return {};
  }
  const Result<approval::Event> event = approval::read_event(kind, body);
  return event ? std::visit(Words{}, *event) : "";
}

}  // namespace pawl
