#include "foundation/rules/obligation.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "foundation/rules/suggest.h"

namespace pawl::rules {
namespace {

constexpr std::size_t kMostRedacted = 64;
const std::vector<std::string_view> kKnown = {"redact", "limit"};

struct LimitMember {
  std::string_view name;
  std::optional<std::int64_t> CallLimits::*value;
  std::int64_t most;
  const char* unit;
};
constexpr LimitMember kLimits[] = {
    {"open", &CallLimits::open, 1'000'000, "calls open at once"},
    {"bytes", &CallLimits::bytes, 1'000'000'000, "bytes"},
    {"seconds", &CallLimits::seconds, 86'400, "seconds"},
};

class ObligationReader {
 public:
  explicit ObligationReader(const std::string& file) : file_(file) {}

  Result<Obligations> read(const Yaml& map) {
    if (map.kind != Yaml::Kind::kMap || map.members.empty()) {
      return fail_in(file_, map,
                     "expected at least one of redact, limit (without any: then: allow)");
    }
    for (const auto& [key, value] : map.members) {
      const Status one = key.text == "redact"  ? redact(value)
                         : key.text == "limit" ? limit(value)
                                               : Status(fail_in(file_, key, unknown(key.text)));
      if (!one) {
        return fail(one.error());
      }
    }
    if (!out_.pointers.empty() || !out_.patterns.empty()) {
      Result<std::shared_ptr<const Redaction>> made = Redaction::make(out_.pointers, out_.patterns);
      if (!made) {
        return fail(made.error());
      }
      out_.redaction = *std::move(made);
    }
    return std::move(out_);
  }

 private:
  static std::string unknown(const std::string& key) {
    return unknown_key(key, kKnown) + "; an obligation that nobody meets is no obligation";
  }

  Status redact(const Yaml& list) {
    if (list.kind != Yaml::Kind::kList || list.items.empty() || list.items.size() > kMostRedacted) {
      return fail_in(file_, list,
                     "expected a list of 1 to 64 JSON Pointers (/content/*/text) and patterns "
                     "({ matches: EXPRESSION })");
    }
    for (const Yaml& item : list.items) {
      if (Status one = item.kind == Yaml::Kind::kMap ? pattern(item) : pointer(item); !one) {
        return one;
      }
    }
    std::sort(out_.pointers.begin(), out_.pointers.end());
    std::sort(out_.patterns.begin(), out_.patterns.end());
    return {};
  }

  Status pointer(const Yaml& item) {
    const auto made = item.kind == Yaml::Kind::kScalar
                          ? Redaction::pointer(item.text)
                          : Result<Redaction::Pointer>(fail(
                                Code::kMalformed, "expected a JSON Pointer or { matches: ... }"));
    return made ? add(out_.pointers, item) : Status(fail_in(file_, item, made.error().message));
  }

  Status pattern(const Yaml& item) {
    const auto& [key, value] = item.members.front();
    if (item.members.size() != 1 || key.text != "matches" || value.kind != Yaml::Kind::kScalar) {
      return fail_in(file_, item, "expected { matches: EXPRESSION }");
    }
    const auto made = Redaction::pattern(value.text);
    return made ? add(out_.patterns, value) : Status(fail_in(file_, value, made.error().message));
  }

  Status add(std::vector<std::string>& list, const Yaml& item) {
    if (std::find(list.begin(), list.end(), item.text) != list.end()) {
      return fail_in(file_, item, "\"" + item.text + "\" stands twice");
    }
    list.push_back(item.text);
    return {};
  }

  Status limit(const Yaml& map) {
    if (map.kind != Yaml::Kind::kMap || map.members.empty()) {
      return fail_in(file_, map, "expected at least one of open, bytes, seconds");
    }
    for (const auto& [key, value] : map.members) {
      const auto* found = std::find_if(std::begin(kLimits), std::end(kLimits),
                                       [&](const auto& one) { return one.name == key.text; });
      if (found == std::end(kLimits)) {
        return fail_in(file_, key, unknown_key(key.text, {"open", "bytes", "seconds"}));
      }
      std::int64_t number = 0;
      const char* const end = value.text.data() + value.text.size();
      const auto [stop, error] = std::from_chars(value.text.data(), end, number);
      if (value.kind != Yaml::Kind::kScalar || value.quoted || error != std::errc() ||
          stop != end || number < 1 || number > found->most) {
        return fail_in(file_, value,
                       std::string("expected a number of ") + found->unit + " from 1 to " +
                           std::to_string(found->most));
      }
      out_.limit.*(found->value) = number;
    }
    return {};
  }

  const std::string& file_;
  Obligations out_;
};

bool all_in(const std::vector<std::string>& some, const std::vector<std::string>& all) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

void add_all(std::vector<std::string>& to, const std::vector<std::string>& from) {
  to.insert(to.end(), from.begin(), from.end());
  std::sort(to.begin(), to.end());
  to.erase(std::unique(to.begin(), to.end()), to.end());
}

std::string number_of(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string taken_out(const Obligations& obligations) {
  const std::size_t places = obligations.pointers.size();
  const std::size_t patterns = obligations.patterns.size();
  return (places > 0 ? number_of(places, "place") : "") +
         (places > 0 && patterns > 0 ? " and " : "") +
         (patterns > 0 ? number_of(patterns, "pattern") : "") +
         (places + patterns == 1 ? " is" : " are") + " taken out of the answer";
}

}  // namespace

Result<Obligations> read_obligations(const std::string& file, const Yaml& map) {
  return ObligationReader(file).read(map);
}

json::Object print_obligations(const Obligations& obligations) {
  json::Object out;
  json::Array redact(obligations.pointers.begin(), obligations.pointers.end());
  for (const std::string& pattern : obligations.patterns) {
    redact.emplace_back(json::Object{{"matches", pattern}});
  }
  if (!redact.empty()) {
    out["redact"] = std::move(redact);
  }
  json::Object limit;
  for (const LimitMember& one : kLimits) {
    if (const auto& value = obligations.limit.*(one.value)) {
      limit[one.name] = *value;
    }
  }
  if (!limit.empty()) {
    out["limit"] = std::move(limit);
  }
  return out;
}

std::string obligations_text(const Obligations& obligations) {
  std::string out;
  if (!obligations.pointers.empty() || !obligations.patterns.empty()) {
    out = taken_out(obligations);
  }
  std::string limits;
  const auto limit = [&](const std::optional<std::int64_t>& value, const char* unit) {
    if (value) {
      limits += (limits.empty() ? "at most " : ", ") + std::to_string(*value) + unit;
    }
  };
  limit(obligations.limit.open,
        obligations.limit.open == 1 ? " call open at once" : " calls open at once");
  limit(obligations.limit.bytes, " bytes");
  limit(obligations.limit.seconds, " s");
  return out + (out.empty() || limits.empty() ? "" : "; ") + limits;
}

bool no_laxer(const Obligations* one, const Obligations* other) {
  if (other == nullptr) {
    return true;
  }
  static const Obligations kNone;
  const Obligations& own = one != nullptr ? *one : kNone;
  return all_in(other->pointers, own.pointers) && all_in(other->patterns, own.patterns) &&
         std::all_of(std::begin(kLimits), std::end(kLimits), [&](const LimitMember& member) {
           const auto& asked = other->limit.*(member.value);
           const auto& has = own.limit.*(member.value);
           return !asked || (has && *has <= *asked);
         });
}

Obligations joined_obligations(const std::vector<const RuleInfo*>& rules) {
  Obligations out;
  for (const RuleInfo* rule : rules) {
    const Obligations& one = *rule->obliges;
    add_all(out.pointers, one.pointers);
    add_all(out.patterns, one.patterns);
    for (const LimitMember& member : kLimits) {
      const auto& value = one.limit.*(member.value);
      auto& least = out.limit.*(member.value);
      if (value) {
        least = least ? std::min(*least, *value) : *value;
      }
    }
  }
  return out;
}

}  // namespace pawl::rules
