#include "foundation/rules/asked_names.h"

#include <memory>
#include <utility>

#include "foundation/rules/glob.h"
#include "foundation/rules/text_pattern.h"
#include "foundation/rules/yaml_tree.h"

namespace pawl::rules {
namespace {

class NameCollector {
 public:
  NameCollector(const std::string& file, std::string rule) : file_(file), rule_(std::move(rule)) {}

  void condition(const Yaml& when) {
    for (const auto& [key, value] : when.members) {
      if (key.text == "agent" || key.text == "group" || key.text == "server") {
        names(key.text, value);
      } else if (key.text == "not") {
        condition(value);
      } else if (key.text == "all" || key.text == "any") {
        for (const Yaml& item : value.items) {
          condition(item);
        }
      }
    }
  }

  std::vector<AskedName> found;

 private:
  // A name, a list, or a map of matchers, as `when` takes them.
  void names(const std::string& fact, const Yaml& value) {
    for (const Yaml& item : value.items) {
      names(fact, item);
    }
    for (const auto& [matcher, operand] : value.members) {
      if (matcher.text == "equals" || matcher.text == "in") {
        each(operand, [&](const Yaml& one) { exact(fact, one); });
      } else if (matcher.text == "glob") {
        each(operand, [&](const Yaml& one) { glob(fact, one); });
      } else if (matcher.text == "matches") {
        expression(fact, operand);
      }
    }
    if (value.kind == Yaml::Kind::kScalar) {
      has_wildcard(value.text) ? glob(fact, value) : exact(fact, value);
    }
  }

  template <class Take>
  void each(const Yaml& operand, const Take& take) {
    if (operand.kind == Yaml::Kind::kScalar) {
      take(operand);
    }
    for (const Yaml& item : operand.items) {
      take(item);
    }
  }

  void exact(const std::string& fact, const Yaml& at) {
    add(fact, at, true, [text = at.text](std::string_view name) { return name == text; });
  }
  void glob(const std::string& fact, const Yaml& at) {
    if (const Result<Glob> made = Glob::make(at.text)) {
      add(fact, at, false, [glob = *made](std::string_view name) { return glob.matches(name); });
    }
  }
  void expression(const std::string& fact, const Yaml& at) {
    if (Result<std::unique_ptr<const TextPattern>> made = TextPattern::make(at.text)) {
      const std::shared_ptr<const TextPattern> pattern = *std::move(made);
      add(fact, at, false, [pattern](std::string_view name) { return pattern->matches(name); });
    }
  }
  void add(const std::string& fact, const Yaml& at, bool is_exact,
           std::function<bool(std::string_view)> fits) {
    found.push_back({fact, at.text, is_exact, std::move(fits), rule_, {file_, at.line, at.column}});
  }

  const std::string& file_;
  const std::string rule_;
};

}  // namespace

Result<std::vector<AskedName>> asked_names(const Source& source) {
  const Result<Yaml> root = parse_yaml(source.file, source.text);
  if (!root) {
    return fail(root.error());
  }
  std::vector<AskedName> out;
  const Yaml* list = root->find("rules");
  const std::vector<Yaml> none;
  for (const Yaml& rule : list != nullptr ? list->items : none) {
    const Yaml* id = rule.find("id");
    const Yaml* when = rule.find("when");
    if (id != nullptr && when != nullptr) {
      NameCollector collector(source.file, id->text);
      collector.condition(*when);
      std::move(collector.found.begin(), collector.found.end(), std::back_inserter(out));
    }
  }
  return out;
}

}  // namespace pawl::rules
