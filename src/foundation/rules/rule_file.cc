#include "foundation/rules/rule_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "foundation/rules/expiry.h"
#include "foundation/rules/hold_reader.h"
#include "foundation/rules/obligation.h"
#include "foundation/rules/set_header.h"
#include "foundation/rules/suggest.h"

namespace pawl::rules {
namespace {

constexpr std::size_t kMaxRules = 100'000;
constexpr std::size_t kMaxIdBytes = 64;
constexpr std::size_t kMaxTextBytes = 1000;

class RuleReader {
 public:
  RuleReader(const std::string& file, AtomTable& atoms) : file_(file), atoms_(atoms) {}

  Result<LoadedRule> read(const Yaml& rule) {
    if (rule.kind != Yaml::Kind::kMap) {
      return fail_in(file_, rule, "expected a rule: a map with id, when and then");
    }
    LoadedRule out;
    out.info.at = {file_, rule.line, rule.column};
    for (const auto& [key, value] : rule.members) {
      if (Status read_one = member(out, key, value); !read_one) {
        return fail(read_one.error());
      }
    }
    for (const char* needed : {"id", "when", "then"}) {
      if (rule.find(needed) == nullptr) {
        return fail_in(file_, rule, "rule without \"" + std::string(needed) + "\"");
      }
    }
    if (out.info.mode == Mode::kObserve && out.info.effect == Effect::kAllow) {
      return fail_in(file_, *rule.find("mode"),
                     "mode observe on an allow rule would do nothing; expected then: deny or "
                     "then: hold");
    }
    if (out.info.effect == Effect::kDeny && out.info.reason.empty()) {
      return fail_in(file_, rule, "deny rule without \"reason\"; the caller is told it");
    }
    return out;
  }

 private:
  Status member(LoadedRule& out, const Yaml& key, const Yaml& value) {
    if (key.text == "when") {
      return WhenReader(file_, atoms_).read(value).map([&](Condition when) {
        out.when = std::move(when);
      });
    }
    if (key.text == "id" || key.text == "reason" || key.text == "owner") {
      return text_member(out, key, value);
    }
    if (key.text == "then") {
      return then(out, value);
    }
    if (key.text == "mode") {
      return choice(value, {"enforce", "observe"}).map([&](int i) {
        out.info.mode = i == 0 ? Mode::kEnforce : Mode::kObserve;
      });
    }
    if (key.text == "expires") {
      out.info.expires_at =
          value.kind == Yaml::Kind::kScalar ? parse_time(value.text) : std::nullopt;
      return out.info.expires_at ? Status()
                                 : Status(fail_in(file_, value,
                                                  "expected a date (2026-03-07) or a date and time "
                                                  "with offset (2026-03-07T09:00:00Z)"));
    }
    return fail_in(
        file_, key,
        unknown_key(key.text, {"id", "when", "then", "mode", "reason", "owner", "expires"}));
  }

  Status then(LoadedRule& out, const Yaml& value) {
    if (value.kind == Yaml::Kind::kMap) {
      return then_on_terms(out, value);
    }
    const Result<int> effect = choice(value, {"allow", "hold", "deny"});
    if (!effect) {
      return fail(effect.error());
    }
    out.info.effect = std::array{Effect::kAllow, Effect::kHold, Effect::kDeny}.at(*effect);
    if (out.info.effect == Effect::kHold) {
      out.info.hold = std::make_shared<const HoldTerms>(default_hold());
    }
    return {};
  }

  // { hold: TERMS }, { allow: OBLIGATIONS }, or both: what is approved is allowed so.
  Status then_on_terms(LoadedRule& out, const Yaml& value) {
    const Yaml* hold = value.find("hold");
    const Yaml* allow = value.find("allow");
    const std::size_t known = (hold != nullptr ? 1 : 0) + (allow != nullptr ? 1 : 0);
    if (known == 0 || value.members.size() != known) {
      return fail_in(file_, value,
                     "expected allow, hold, deny, { hold: { ... } }, { allow: { ... } } or both of "
                     "these");
    }
    out.info.effect = hold != nullptr ? Effect::kHold : Effect::kAllow;
    if (hold != nullptr) {
      Result<HoldTerms> terms = read_hold(file_, *hold);
      if (!terms) {
        return fail(terms.error());
      }
      out.info.hold = std::make_shared<const HoldTerms>(*std::move(terms));
    }
    if (allow != nullptr) {
      Result<Obligations> obligations = read_obligations(file_, *allow);
      if (!obligations) {
        return fail(obligations.error());
      }
      out.info.obliges = std::make_shared<const Obligations>(*std::move(obligations));
    }
    return {};
  }

  Status text_member(LoadedRule& out, const Yaml& key, const Yaml& value) {
    if (value.kind != Yaml::Kind::kScalar || value.text.empty() ||
        value.text.size() > kMaxTextBytes) {
      return fail_in(file_, value, "expected a text of 1 to 1000 bytes");
    }
    if (key.text != "id") {
      (key.text == "reason" ? out.info.reason : out.info.owner) = value.text;
      return {};
    }
    out.info.id = value.text;
    return is_rule_id(value.text)
               ? Status()
               : Status(fail_in(file_, value,
                                "expected an id of 1 to 64 of a-z 0-9 . _ -, starting "
                                "with a letter or digit"));
  }

  Result<int> choice(const Yaml& value, const std::vector<std::string_view>& choices) {
    std::string expected;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (value.kind == Yaml::Kind::kScalar && value.text == choices[i]) {
        return static_cast<int>(i);
      }
      expected += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ");
      expected += choices[i];
    }
    const std::string_view meant =
        value.kind == Yaml::Kind::kScalar ? nearest_word(value.text, choices) : "";
    return fail_in(file_, value,
                   "expected " + expected +
                       (meant.empty() ? "" : "; did you mean \"" + std::string(meant) + "\"?"));
  }

  const std::string& file_;
  AtomTable& atoms_;
};

}  // namespace

bool is_rule_id(const std::string& text) {
  const auto first = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= kMaxIdBytes && first(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return first(c) || c == '.' || c == '_' || c == '-'; });
}

namespace {

Status take_header(const Source& source, const Yaml& set, std::optional<SetHeader>& header) {
  Result<SetHeader> read = read_set_header(source.file, set);
  if (!read) {
    return fail(read.error());
  }
  if (header) {
    return fail_in(source.file, set,
                   "the set has its \"set\" already, at " + header->at.file + ":" +
                       std::to_string(header->at.line) + "; expected it in one file");
  }
  header = *std::move(read);
  return {};
}

}  // namespace

Status read_rules(const Source& source, AtomTable& atoms, std::vector<LoadedRule>& rules,
                  std::optional<SetHeader>& header) {
  const Result<Yaml> root = parse_yaml(source.file, source.text);
  if (!root) {
    return fail(root.error());
  }
  if (root->kind != Yaml::Kind::kMap) {
    Yaml start;
    start.line = std::max(root->line, 1);
    start.column = std::max(root->column, 1);
    return fail_in(source.file, start, "expected a map with \"rules\"");
  }
  for (const auto& [key, value] : root->members) {
    if (key.text != "rules" && key.text != "tests" && key.text != "set") {
      return fail_in(source.file, key, unknown_key(key.text, {"rules", "tests", "set"}));
    }
  }
  if (const Yaml* set = root->find("set")) {
    if (Status taken = take_header(source, *set, header); !taken) {
      return taken;
    }
  }
  const Yaml* list = root->find("rules");
  if (list == nullptr) {
    return fail_in(source.file, *root, "expected \"rules\"");
  }
  if (list->kind != Yaml::Kind::kList) {
    return fail_in(source.file, *list, "expected a list of rules (for none: [])");
  }
  RuleReader reader(source.file, atoms);
  for (const Yaml& item : list->items) {
    Result<LoadedRule> rule = reader.read(item);
    if (!rule) {
      return fail(rule.error());
    }
    if (rules.size() == kMaxRules) {
      return fail_in(source.file, item, "more than 100000 rules");
    }
    rules.push_back(std::move(*rule));
  }
  return {};
}

}  // namespace pawl::rules
