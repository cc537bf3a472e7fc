#include "app/commands/state_check.h"

#include <algorithm>
#include <array>

#include "app/config/effective_config.h"
#include "foundation/jose/jws.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"

namespace pawl {
namespace {

constexpr std::size_t kDigestText = 43;
constexpr std::array kTargets = {
    "operator:", "agent:", "reader:", "jwt_issuer:", "trust_domain:", "token_issuer:", "account:"};

std::string text_at(const json::Value& value, std::initializer_list<std::string_view> path) {
  return std::string(json::find_string(value, path).value_or(""));
}

bool is_digest(const std::string& text) {
  const auto is_base64url = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return text.size() == kDigestText && std::all_of(text.begin(), text.end(), is_base64url);
}

bool is_count(const json::Value& body, std::string_view name, std::int64_t lowest) {
  const json::Value* value = json::find(body, {name});
  return value != nullptr && value->is_int64() && value->get_int64() >= lowest;
}

std::string wrong_config(const json::Value& body, StateReport& report) {
  SectionDigests sections;
  const json::Value* list = json::find(body, {"sections"});
  for (const auto& member :
       list != nullptr && list->is_object() ? list->get_object() : json::Object()) {
    sections[member.key()] =
        member.value().is_string() ? std::string(member.value().get_string()) : std::string();
  }
  const bool are_digests = std::all_of(sections.begin(), sections.end(), [](const auto& section) {
    return is_digest(section.second);
  });
  const std::string digest = text_at(body, {"digest"});
  if (sections.empty() || !are_digests || text_at(body, {"version"}).empty()) {
    return "it does not say which configuration came into force";
  }
  if (digest != config_digest(sections)) {
    return "its digest is not that of its sections";
  }
  const std::string before = text_at(body, {"before"});
  const bool follows = before == report.configuration || report.is_cut ||
                       (report.goes_on && report.configuration.empty());
  report.configuration = digest;
  report.is_cut = false;
  if (!follows) {
    return "it does not follow from the configuration that was recorded before";
  }
  return before == digest ? "nothing changed" : "";
}

std::string wrong_identity(const json::Value& body) {
  const std::string target = text_at(body, {"identity", "target"});
  const bool is_known = std::any_of(kTargets.begin(), kTargets.end(), [&](std::string_view kind) {
    return target.size() > kind.size() && target.starts_with(kind);
  });
  return is_known ? "" : "it names nobody";
}

std::string wrong_start(const json::Value& body) {
  const bool is_whole = !text_at(body, {"server"}).empty() && is_count(body, "arguments", 0) &&
                        is_count(body, "start", 1) &&
                        json::find_string(body, {"program"}).has_value() &&
                        json::find_string(body, {"argv_hash"}).has_value();
  return is_whole ? "" : "it does not say what was started";
}

// One of the ends, with what it must say.
bool is_end(const json::Value& body) {
  const std::string end = text_at(body, {"end"});
  const std::string why = text_at(body, {"why"});
  const bool is_seen = why == "itself" || why == "asked" || why == "killed";
  return (end == "exited" && is_seen && is_count(body, "status", 0)) ||
         (end == "signaled" && is_seen && is_count(body, "signal", 1)) ||
         (end == "not_run" && !text_at(body, {"detail"}).empty()) ||
         (end == "unknown" && (why == "gateway_ended" || why == "shim_left"));
}

std::string wrong_parents(const json::Value* parents, StateReport& report) {
  const json::Array* list = parents != nullptr ? parents->if_array() : nullptr;
  if (list == nullptr || list->size() != 1 || !list->front().is_string()) {
    return "it does not name the one process that ended";
  }
  const std::string started(list->front().get_string());
  const bool began = report.running.erase(started) > 0;
  if (!report.ended.insert(started).second) {
    return "the process has ended before";
  }
  return began || report.goes_on ? "" : "no such process began";
}

std::string wrong_exit(const json::Value& body) {
  return !text_at(body, {"server"}).empty() && is_end(body) ? "" : "it does not say how it ended";
}

void check_entry(std::uint64_t index, std::string_view token, StateReport& report) {
  const Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
  if (!jws) {
    return;  // the ledger's own check names it
  }
  const std::string act = text_at(jws->payload, {names::kClaimExecAct});
  if (!is_state_record(act) ||
      text_in_extension(jws->typ, jws->payload, {names::kExtProfile}) != names::kProfileUri) {
    return;
  }
  const std::string area = std::string(names::kExtPrefix) + std::string(kinds::area(act));
  const json::Value nothing;
  const json::Value* body = in_extension(jws->typ, jws->payload, {area});
  const std::string wrong = wrong_state(act, jws->payload, record_parents(jws->typ, jws->payload),
                                        body != nullptr ? *body : nothing, report);
  if (!wrong.empty() && report.verdict == ledger::Verdict::kGood) {
    report.verdict = ledger::Verdict::kBad;
    report.reason = "entry " + std::to_string(index) + " (id " +
                    text_at(jws->payload, {names::kClaimJti}) + ", " + act + "): " + wrong;
  }
}

}  // namespace

bool is_state_record(std::string_view act) {
  constexpr std::array kKinds = {kinds::kLedgerOpened,     kinds::kConfigChanged,
                                 kinds::kIdentityEnrolled, kinds::kIdentityRemoved,
                                 kinds::kProcessStarted,   kinds::kProcessExited};
  return std::find(kKinds.begin(), kKinds.end(), act) != kKinds.end();
}

std::string wrong_state(std::string_view act, const json::Value& claims, const json::Value* parents,
                        const json::Value& body, StateReport& report) {
  if (act == kinds::kLedgerOpened) {
    report.goes_on = report.goes_on || json::find(body, {"after"}) != nullptr;
    return "";
  }
  std::string wrong;
  if (act == kinds::kProcessStarted) {
    report.running.insert(text_at(claims, {names::kClaimJti}));
  } else if (act == kinds::kProcessExited) {
    wrong = wrong_parents(parents, report);
  }
  const bool is_cut = json::find(body, {names::kExtBodyHash}) != nullptr;
  if (is_cut || !wrong.empty()) {
    report.is_cut = report.is_cut || act == kinds::kConfigChanged;
    return wrong;
  }
  return act == kinds::kConfigChanged    ? wrong_config(body, report)
         : act == kinds::kProcessStarted ? wrong_start(body)
         : act == kinds::kProcessExited  ? wrong_exit(body)
                                         : wrong_identity(body);
}

ledger::EntryLook look_for_state(StateReport& report) {
  return {is_state_record, [&report](std::uint64_t index, std::string_view token) {
            check_entry(index, token, report);
          }};
}

void combine(ledger::Report& report, const StateReport& state) {
  if (state.verdict == ledger::Verdict::kBad && report.verdict != ledger::Verdict::kBad) {
    report.verdict = ledger::Verdict::kBad;
    report.first_bad = state.reason;
    report.reason = "not a record of what was so: " + state.reason;
  }
}

}  // namespace pawl
