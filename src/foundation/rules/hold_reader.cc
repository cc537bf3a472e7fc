#include "foundation/rules/hold_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/rules/rule_file.h"
#include "foundation/rules/suggest.h"

namespace pawl::rules {
namespace {

constexpr std::size_t kMaxRoles = 16;
constexpr std::int64_t kLongestWithin = 7 * 86'400;  // seconds
const std::vector<std::string_view> kMembers = {"roles", "of", "within", "uses", "escalate_to"};

// Digits only, at most nine of them.
std::optional<std::uint32_t> whole_number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && text.size() <= 9 ? std::optional(value) : std::nullopt;
}

class HoldReader {
 public:
  explicit HoldReader(const std::string& file) : file_(file) {}

  Result<HoldTerms> read(const Yaml& terms) {
    if (terms.kind != Yaml::Kind::kMap || terms.members.empty()) {
      return fail_in(file_, terms,
                     "expected at least one of roles, of, within, uses, escalate_to (without any: "
                     "then: hold)");
    }
    for (const auto& [key, value] : terms.members) {
      if (Status read_one = member(key, value); !read_one) {
        return fail(read_one.error());
      }
    }
    return std::move(out_);
  }

 private:
  Status member(const Yaml& key, const Yaml& value) {
    if (key.text == "roles" || key.text == "escalate_to") {
      return roles(key.text == "roles" ? out_.roles : out_.escalate_to, value);
    }
    if (key.text == "of") {
      return count(out_.of, value, HoldTerms::kMostOf, "people");
    }
    if (key.text == "uses") {
      return count(out_.uses, value, HoldTerms::kMostUses, "uses");
    }
    if (key.text == "within") {
      return within(value);
    }
    return fail_in(file_, key, unknown_key(key.text, kMembers));
  }

  Status roles(std::vector<std::string>& out, const Yaml& list) {
    if (list.kind != Yaml::Kind::kList || list.items.size() > kMaxRoles) {
      return fail_in(file_, list,
                     "expected a list of at most 16 roles (for nobody, who then denies: [])");
    }
    out.clear();
    for (const Yaml& role : list.items) {
      if (role.kind != Yaml::Kind::kScalar || !is_rule_id(role.text)) {
        return fail_in(file_, role,
                       "expected a role of 1 to 64 of a-z 0-9 . _ -, starting with a letter or "
                       "digit");
      }
      if (std::find(out.begin(), out.end(), role.text) != out.end()) {
        return fail_in(file_, role, "role \"" + role.text + "\" stands twice");
      }
      out.push_back(role.text);
    }
    std::sort(out.begin(), out.end());
    return {};
  }

  Status count(std::uint32_t& out, const Yaml& value, std::uint32_t most, const char* of_what) {
    const bool plain = value.kind == Yaml::Kind::kScalar && !value.quoted;
    const auto number = plain ? whole_number(value.text) : std::nullopt;
    if (!number || *number < 1 || *number > most) {
      return fail_in(
          file_, value,
          std::string("expected a number of ") + of_what + " from 1 to " + std::to_string(most));
    }
    out = *number;
    return {};
  }

  Status within(const Yaml& value) {
    static constexpr std::pair<char, std::int64_t> kUnits[] = {
        {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86'400}};
    if (value.kind == Yaml::Kind::kScalar && !value.text.empty()) {
      const std::string_view digits(value.text.data(), value.text.size() - 1);
      const auto unit = std::find_if(std::begin(kUnits), std::end(kUnits), [&](const auto& one) {
        return one.first == value.text.back();
      });
      const auto number = whole_number(digits);
      if (number && *number > 0 && unit != std::end(kUnits) &&
          *number * unit->second <= kLongestWithin) {
        out_.within_s = *number * unit->second;
        return {};
      }
    }
    return fail_in(file_, value, "expected a time from 1s to 7d, for example 90s, 15m, 8h, 2d");
  }

  const std::string& file_;
  HoldTerms out_ = default_hold();
};

}  // namespace

HoldTerms default_hold() {
  HoldTerms terms;
  terms.roles = {"approver"};
  return terms;
}

Result<HoldTerms> read_hold(const std::string& file, const Yaml& terms) {
  return HoldReader(file).read(terms);
}

}  // namespace pawl::rules
