#include "execution/graph/causality.h"

#include <algorithm>
#include <cstring>

#include "base/json.h"
#include "foundation/crypto/sha256.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxScannedBytes = 256 * 1024;

// The trace id of a W3C traceparent (version-traceid-parentid-flags); empty when malformed.
std::string_view trace_id(std::string_view traceparent) {
  const bool shaped = traceparent.size() >= 55 && traceparent[2] == '-' && traceparent[35] == '-';
  return shaped ? traceparent.substr(3, 32) : std::string_view{};
}

// Calls see(text) for the texts in a value, at most `left` of them.
template <class See>
void each_text(const json::Value& value, std::size_t shortest, std::size_t& left, const See& see) {
  if (left == 0) {
    return;
  }
  if (value.is_string() && value.get_string().size() >= shortest) {
    --left;
    see(std::string_view(value.get_string()));
  } else if (value.is_array()) {
    for (const json::Value& element : value.get_array()) {
      each_text(element, shortest, left, see);
    }
  } else if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      each_text(member.value(), shortest, left, see);
    }
  }
}

std::uint64_t value_key(const Uuid& workflow, std::string_view text) {
  const std::string_view id(reinterpret_cast<const char*>(workflow.bytes.data()), 16);
  const Digest digest = sha256({id, text});
  std::uint64_t key = 0;
  std::memcpy(&key, digest.data(), sizeof key);
  return key;
}

// Empty: not in a session, so nothing else is in the same one.
std::string session_key(const Action& action) {
  return action.session.empty() ? std::string()
                                : "session\n" + action.caller.agent + "\n" +
                                      action.workflow->text() + "\n" + action.session;
}
std::string trace_key(const Action& action) {
  const std::string_view trace = trace_id(action.traceparent);
  return trace.empty() ? std::string()
                       : "trace\n" + action.caller.agent + "\n" + std::string(trace);
}
std::string resource_key(const Action& action, const std::string& resource) {
  return "resource\n" + action.workflow->text() + "\n" + resource;
}

void add(std::vector<Cause>& causes, const Action& action, const std::optional<Uuid>& parent,
         Basis basis, std::size_t most) {
  const auto same = [&](const Cause& cause) { return cause.parent == *parent; };
  if (!parent || *parent == action.id || causes.size() >= most ||
      std::any_of(causes.begin(), causes.end(), same) ||
      std::any_of(action.causes.begin(), action.causes.end(), same)) {
    return;
  }
  causes.push_back({*parent, basis});
}

}  // namespace

Uuid Causality::workflow_of(const Action& action, const Uuid& fresh) const {
  const std::string_view trace = trace_id(action.traceparent);
  const std::string_view source = trace.empty() ? "session" : "traceparent";
  const std::string_view value = trace.empty() ? std::string_view(action.session) : trace;
  if (value.empty()) {
    return fresh;
  }
  const Digest digest = sha256({domain_, "\n", action.caller.agent, "\n", source, "\n", value});
  return Uuid::v8(view(digest));
}

std::vector<Cause> Causality::implicit_causes(const Action& action, const Touches& touches) const {
  std::vector<Cause> causes;
  const std::size_t most = limits_.max_causes;
  if (const std::string trace = trace_key(action); !trace.empty()) {
    add(causes, action, last(trace), Basis::kTraced, most);
  }
  if (action.arguments != nullptr && !values_.empty() && action.params.size() <= kMaxScannedBytes) {
    std::size_t left = limits_.values_per_output;
    each_text(*action.arguments, limits_.min_value_bytes, left, [&](std::string_view text) {
      const auto found = values_.find(value_key(*action.workflow, text));
      if (found != values_.end()) {
        add(causes, action, found->second, Basis::kData, most);
      }
    });
  }
  for (const std::string& resource : touches.reads) {
    add(causes, action, last(resource_key(action, resource)), Basis::kResource, most);
  }
  // Order alone says little: it counts only where nothing better is known.
  if (const std::string session = session_key(action);
      !session.empty() && causes.empty() && action.causes.empty()) {
    add(causes, action, last(session), Basis::kInferred, most);
  }
  return causes;
}

void Causality::recorded(const Action& action, const Touches& touches, const Answer& answer) {
  if (const std::string session = session_key(action); !session.empty()) {
    remember(session, action.id);
  }
  if (const std::string trace = trace_key(action); !trace.empty()) {
    remember(trace, action.id);
  }
  for (const std::string& resource : touches.writes) {
    remember(resource_key(action, resource), action.id);
  }
  if (answer.body.empty() || answer.body.size() > kMaxScannedBytes) {
    return;
  }
  if (answer.value != nullptr) {
    remember_values(*action.workflow, action.id, *answer.value);
  } else if (const Result<json::Parsed> parsed = json::parse(answer.body)) {
    remember_values(*action.workflow, action.id, parsed->value);
  }
}

void Causality::remember_values(const Uuid& workflow, const Uuid& record,
                                const json::Value& output) {
  std::size_t left = limits_.values_per_output;
  each_text(output, limits_.min_value_bytes, left, [&](std::string_view text) {
    const std::uint64_t key = value_key(workflow, text);
    if (values_.insert_or_assign(key, record).second) {
      value_ages_.push_back(key);
    }
    if (value_ages_.size() > limits_.values) {
      values_.erase(value_ages_.front());
      value_ages_.pop_front();
    }
  });
}

void Causality::remember(const std::string& key, const Uuid& record) {
  const auto found = last_.find(key);
  if (found != last_.end()) {
    found->second.record = record;
    ages_.splice(ages_.end(), ages_, found->second.age);
    return;
  }
  ages_.push_back(key);
  last_[key] = Last{record, std::prev(ages_.end())};
  if (ages_.size() > limits_.sessions) {
    last_.erase(ages_.front());
    ages_.pop_front();
  }
}

std::optional<Uuid> Causality::last(const std::string& key) const {
  const auto found = last_.find(key);
  return found == last_.end() ? std::nullopt : std::optional<Uuid>(found->second.record);
}

}  // namespace pawl
