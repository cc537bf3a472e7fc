#include "app/config/yaml_reader.h"

#include <charconv>
#include <set>
#include <utility>

#include "base/yaml_lines.h"

namespace pawl {

std::string YamlErrors::place(const YAML::Node& at) const {
  const YAML::Mark mark = at.Mark();
  return mark.is_null()
             ? file
             : file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

void YamlErrors::add(const YAML::Node& at, const std::string& path, const std::string& what) {
  if (!first) {
    first = Error{Code::kMalformed, place(at) + ": " + (path.empty() ? "" : path + ": ") + what};
  }
}

namespace {

// Where the lists and maps begin that were walked: an alias is what it names, which may be itself.
using Walked = std::set<std::pair<int, YAML::NodeType::value>>;

void check_lines(const YAML::Node& node, const YamlLines& lines, Walked& walked,
                 YamlErrors& errors) {
  const YAML::Mark mark = node.Mark();
  if (node.IsScalar() && !mark.is_null() &&
      !lines.ends_on_its_line(static_cast<std::size_t>(mark.line),
                              static_cast<std::size_t>(mark.column), node.Scalar())) {
    errors.add(node, "", std::string(kOverSeveralLines));
  }
  if (!node.IsScalar() && !walked.emplace(mark.pos, node.Type()).second) {
    return;
  }
  for (const auto& child : node) {
    if (node.IsMap()) {
      check_lines(child.first, lines, walked, errors);
      check_lines(child.second, lines, walked, errors);
    } else {
      check_lines(child, lines, walked, errors);
    }
  }
}

}  // namespace

YAML::Node load_yaml(const std::string& text, YamlErrors& errors) {
  YAML::Node root = YAML::Load(text);
  Walked walked;
  check_lines(root, YamlLines(text), walked, errors);
  return root;
}

YamlMap::YamlMap(const YAML::Node& node, std::string path, YamlErrors& errors)
    : node_(node), path_(std::move(path)), errors_(errors) {
  if (!node_.IsMap() && !node_.IsNull()) {
    errors_.add(node_, path_, "expected a map");
    node_ = YAML::Node(YAML::NodeType::Map);
  }
  std::set<std::string> seen;
  for (const auto& pair : node_) {
    if (!pair.first.IsScalar()) {
      errors_.add(pair.first, path_, "expected text as the name of a member");
    } else if (!seen.insert(pair.first.Scalar()).second) {
      errors_.add(pair.first, path_, "\"" + pair.first.Scalar() + "\" stands twice");
    }
  }
}

std::string YamlMap::where(const std::string& name) const {
  return path_.empty() ? name : path_ + "." + name;
}

YAML::Node YamlMap::member(const std::string& name) {
  asked_.insert(name);
  const YAML::Node& self = node_;
  const YAML::Node found = node_.IsMap() ? self[name] : YAML::Node(YAML::NodeType::Undefined);
  if (found.IsDefined()) {
    errors_.places.emplace(where(name), errors_.place(found));
  }
  return found;
}

bool YamlMap::has(const std::string& name) const {
  const YAML::Node& self = node_;
  return node_.IsMap() && self[name].IsDefined();
}

void YamlMap::bad(const std::string& name, const std::string& what) {
  const YAML::Node found = member(name);
  errors_.add(found.IsDefined() ? found : node_, where(name), what);
}

std::string YamlMap::text(const std::string& name, std::string fallback) {
  const YAML::Node found = member(name);
  if (!found.IsDefined()) {
    return fallback;
  }
  if (!found.IsScalar()) {
    errors_.add(found, where(name), "expected text");
    return fallback;
  }
  return found.Scalar();
}

bool YamlMap::boolean(const std::string& name, bool fallback) {
  const std::string value = text(name, fallback ? "true" : "false");
  if (value != "true" && value != "false") {
    bad(name, "expected true or false");
  }
  return value == "true";
}

std::int64_t YamlMap::integer(const std::string& name, std::int64_t fallback, std::int64_t lowest,
                              std::int64_t highest) {
  const std::string value = text(name, std::to_string(fallback));
  std::int64_t out = fallback;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (error != std::errc{} || end != value.data() + value.size() || out < lowest || out > highest) {
    bad(name, "expected a whole number from " + std::to_string(lowest) + " to " +
                  std::to_string(highest));
    return fallback;
  }
  return out;
}

std::string YamlMap::one_of(const std::string& name, std::string fallback,
                            const std::vector<std::string>& allowed) {
  std::string value = text(name, fallback);
  std::string expected;
  for (const std::string& candidate : allowed) {
    if (candidate == value) {
      return value;
    }
    expected += (expected.empty() ? "" : ", ") + candidate;
  }
  bad(name, "expected one of: " + expected);
  return fallback;
}

std::vector<std::string> YamlMap::list(const std::string& name) {
  const YAML::Node found = member(name);
  std::vector<std::string> out;
  if (!found.IsDefined()) {
    return out;
  }
  if (found.IsScalar()) {
    return {found.Scalar()};
  }
  if (!found.IsSequence()) {
    errors_.add(found, where(name), "expected a list of texts");
    return out;
  }
  for (const YAML::Node& element : found) {
    if (!element.IsScalar()) {
      errors_.add(element, where(name), "expected a list of texts");
      return out;
    }
    out.push_back(element.Scalar());
  }
  return out;
}

std::map<std::string, std::string> YamlMap::texts(const std::string& name) {
  std::map<std::string, std::string> out;
  const YAML::Node found = member(name);
  if (!found.IsDefined()) {
    return out;
  }
  if (!found.IsMap()) {
    errors_.add(found, where(name), "expected a map of texts");
    return out;
  }
  for (const auto& pair : found) {
    if (!pair.first.IsScalar() || !pair.second.IsScalar()) {
      errors_.add(pair.first, where(name), "expected a map of texts");
      return out;
    }
    out[pair.first.Scalar()] = pair.second.Scalar();
  }
  return out;
}

std::optional<YamlMap> YamlMap::map(const std::string& name) {
  const YAML::Node found = member(name);
  if (!found.IsDefined()) {
    return std::nullopt;
  }
  return YamlMap(found, where(name), errors_);
}

void YamlMap::each(const std::string& name,
                   const std::function<void(const std::string& key, YamlMap value)>& visit) {
  const YAML::Node found = member(name);
  if (!found.IsDefined() || found.IsNull()) {
    return;
  }
  if (!found.IsMap()) {
    errors_.add(found, where(name), "expected a map");
    return;
  }
  std::set<std::string> seen;
  for (const auto& pair : found) {
    if (!pair.first.IsScalar() || !seen.insert(pair.first.Scalar()).second) {
      errors_.add(pair.first, where(name), "expected a name that stands once");
      return;
    }
    visit(pair.first.Scalar(),
          YamlMap(pair.second, where(name) + "." + pair.first.Scalar(), errors_));
  }
}

void YamlMap::each_item(const std::string& name, const std::function<void(YamlMap value)>& visit) {
  const YAML::Node found = member(name);
  if (!found.IsDefined() || found.IsNull()) {
    return;
  }
  if (!found.IsSequence()) {
    errors_.add(found, where(name), "expected a list");
    return;
  }
  std::size_t index = 0;
  for (const YAML::Node& element : found) {
    const std::string item = where(name) + "[" + std::to_string(index++) + "]";
    errors_.places.emplace(item, errors_.place(element));
    visit(YamlMap(element, item, errors_));
  }
}

void YamlMap::finish() {
  for (const auto& pair : node_) {
    if (pair.first.IsScalar() && !asked_.contains(pair.first.Scalar())) {
      std::string known;
      for (const std::string& name : asked_) {
        known += (known.empty() ? "" : ", ") + name;
      }
      errors_.add(pair.first, path_,
                  "unknown member \"" + pair.first.Scalar() + "\"; known here: " + known);
    }
  }
}

}  // namespace pawl
