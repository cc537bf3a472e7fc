#include "app/commands/shown_held_call.h"

#include <algorithm>

#include "app/commands/approval_words.h"
#include "app/commands/changed_call.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/commands/shown_usual.h"
#include "app/commands/shown_values.h"
#include "base/json_changes.h"

namespace pawl {
namespace {

using approval::Approval;
using approval::Phase;

constexpr std::size_t kColumns = 72;
constexpr std::size_t kLabelColumns = 15;
constexpr std::size_t kMostOfAName = 48;  // in a list

void append_values(const json::Value& value, const std::string& at, std::string& out) {
  if (value.is_object() && !value.get_object().empty()) {
    for (const auto& [key, inner] : value.get_object()) {
      append_values(inner, at + json::pointer_step(key), out);
    }
  } else if (value.is_array() && !value.get_array().empty()) {
    std::size_t index = 0;
    for (const json::Value& inner : value.get_array()) {
      append_values(inner, at + "/" + std::to_string(index++), out);
    }
  } else {
    const std::string shown = value.is_string() ? quoted(value.get_string()) : json::print(value);
    out += named(at) + " " + shown + "\n";
  }
}

std::string left_of(std::int64_t until, std::int64_t now) {
  return now < until ? "in " + std::to_string(until - now) + " s" : "over";
}

std::string people(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " more person has" : " more people have");
}

std::string state_of(const HeldCall& call) {
  const Approval& one = call.approval;
  std::string out(phase_name(one.phase));
  if (one.phase == Phase::kPending) {
    out += ", " + people(call.needed) + " to agree";
  }
  if (one.phase == Phase::kExpired) {
    out += one.ending == approval::Ending::kPolicy      ? ", other rules are in force"
           : one.ending == approval::Ending::kCancelled ? ", cancelled"
                                                        : ", its time is over";
  }
  return out + (one.escalated ? " (passed on to others)" : "");
}

// Beside its label, or below it where a terminal would break the line.
std::string field(std::string_view label, std::string_view text) {
  const std::string shown = whole_text(text);
  return shown.size() <= kColumns - kLabelColumns ? labelled(label, shown)
                                                  : labelled(label, "") + block_of(shown);
}

std::string shown_arguments(const HeldCall& call) {
  const std::string wrong = wrong_arguments(call);
  std::string out = field("digest", call.approval.binding.digest);
  if (!call.params && !call.approval.live()) {
    return out + labelled("arguments", "erased, because it has ended");
  }
  if (!wrong.empty()) {
    out += field("WARNING", wrong);
  }
  if (!call.params) {
    return out;
  }
  return out +
         labelled("arguments", std::to_string(call.params->size()) + " bytes" +
                                   (wrong.empty() ? ", with that digest (computed here)" : "")) +
         shown_values(*call.params) + labelled("exact text", "") + shown_block(*call.params);
}

}  // namespace

std::string shown_lines(std::string_view lines) {
  std::string out;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    out += shown_block(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return out;
}

std::string shown_block(std::string_view text) {
  return block_of(whole_text(text));
}

std::string shown_values(std::string_view json_text) {
  const Result<json::Parsed> parsed = json::parse(json_text);
  std::string lines;
  if (parsed) {
    append_values(parsed->value, "", lines);
  }
  return block_of(lines);
}

std::string held_call_line(const HeldCall& call, std::int64_t now) {
  const Approval& one = call.approval;
  const approval::Binding& bound = one.binding;
  const std::string when =
      one.phase == Phase::kPending
          ? left_of(one.expires_at, now) + ", needs " + std::to_string(call.needed)
      : one.phase == Phase::kApproved ? left_of(one.until, now) + ", " + std::to_string(one.spent) +
                                            " of " + std::to_string(one.uses) + " spent"
                                      : "-";
  std::string out = one.id.text() + "  " + std::string(phase_name(one.phase));
  out.resize(std::max<std::size_t>(out.size(), 46), ' ');
  out += "  " + when;
  out.resize(std::max<std::size_t>(out.size(), 66), ' ');
  return out + "  " + shown_text(bound.agent, kMostOfAName) + " -> " +
         shown_text(bound.server, kMostOfAName) + "/" +
         shown_text(bound.name.empty() ? bound.verb : bound.name, kMostOfAName) + "\n";
}

std::string callers_words(std::int64_t callers) {
  return callers == 0 ? "no call waits now; it goes through when its caller comes again"
                      : counted(static_cast<std::uint64_t>(callers), "call");
}

std::string shown_held_call(const HeldCall& call, std::int64_t now) {
  const Approval& one = call.approval;
  const approval::Binding& bound = one.binding;
  std::string out =
      labelled("approval", one.id.text()) + labelled("state", state_of(call)) +
      (one.live() ? labelled("waiting", callers_words(call.callers)) : "") +
      field("agent", bound.agent) +
      field("on behalf of", bound.on_behalf_of.empty() ? "nobody" : bound.on_behalf_of);
  if (!one.owner.empty()) {
    out += field("owner", one.owner);
  }
  out += field("server", bound.server) + field("action", bound.verb) + field("name", bound.name);
  if (!call.effect.empty()) {
    out += field("effect", call.effect);
  }
  if (bound.workflow) {
    out += labelled("workflow", bound.workflow->text());
  }
  out += labelled("rule asks", terms_words(one.terms));
  if (!call.obliged.empty()) {
    out += field("obliged to", call.obliged);
  }
  out += field("rule set", bound.policy) + labelled("asked", shown_time(one.requested_at)) +
         labelled("expires", shown_time(one.expires_at) + ", " + left_of(one.expires_at, now));
  for (const approval::Signed& by : one.by) {
    out += labelled("decided", shown_time(by.at) + " " + decision_words(by));
  }
  if (one.uses > 0) {
    out += labelled("granted", counted(one.uses, "use") + " until " + shown_time(one.until) + ", " +
                                   std::to_string(one.spent) + " spent");
  }
  out += shown_usual(call) + shown_arguments(call);
  if (call.changed && call.params) {
    out += labelled("changed", "the last one who approved put these in their place:") +
           shown_change(*call.params, *call.changed);
  }
  return out;
}

}  // namespace pawl
