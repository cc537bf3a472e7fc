#include <algorithm>
#include <utility>

#include "foundation/rules/rule_file.h"
#include "foundation/rules/suggest.h"

namespace pawl::rules {
namespace {

constexpr std::size_t kMaxPathTokens = 32;

// "a.b.0", or a JSON Pointer "/a.b/0"; "" is the whole of the arguments. False: not a path.
bool read_path(const std::string& text, std::vector<std::string>& path) {
  if (text.empty()) {
    return true;
  }
  const bool pointer = text.front() == '/';
  std::string token;
  for (std::size_t i = pointer ? 1 : 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == (pointer ? '/' : '.')) {
      if (!pointer && token.empty()) {
        return false;
      }
      path.push_back(std::exchange(token, {}));
      continue;
    }
    if (pointer && text[i] == '~') {
      if (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')) {
        return false;
      }
      token += text[++i] == '0' ? '~' : '/';
      continue;
    }
    token += text[i];
  }
  return path.size() <= kMaxPathTokens;
}

}  // namespace

Condition WhenReader::leaf(Atom atom) {
  Condition out;
  out.kind = Condition::Kind::kAtom;
  out.atom = atoms_.add(std::move(atom));
  return out;
}

Result<std::string> WhenReader::text(const Yaml& value, const std::string& expected) {
  if (value.kind != Yaml::Kind::kScalar) {
    return fail_in(file_, value, "expected " + expected);
  }
  Result<json::Value> read = to_json(file_, value);
  if (!read) {
    return fail(read.error());
  }
  if (!read->is_string() || value.text.empty()) {
    return fail_in(file_, value,
                   "expected " + expected + (value.text.empty() ? ", not empty" : ", in quotes"));
  }
  return value.text;
}

Result<Condition> WhenReader::read(const Yaml& when) {
  if (when.kind != Yaml::Kind::kMap || when.members.empty()) {
    return fail_in(file_, when, "expected at least one condition (for any agent: agent: \"**\")");
  }
  std::vector<Condition> all;
  for (const auto& [key, value] : when.members) {
    Result<Condition> one = member(key, value);
    if (!one) {
      return one;
    }
    all.push_back(std::move(*one));
  }
  return group(Condition::Kind::kAll, std::move(all));
}

Result<Condition> WhenReader::member(const Yaml& key, const Yaml& value) {
  for (std::size_t i = 0; i < kNameFields; ++i) {
    if (key.text == field_name(static_cast<Field>(i))) {
      return name(static_cast<Field>(i), value);
    }
  }
  if (key.text == "arguments") {
    return arguments(value);
  }
  if (key.text == "all") {
    return list_of(Condition::Kind::kAll, value);
  }
  if (key.text == "any") {
    return list_of(Condition::Kind::kAny, value);
  }
  if (key.text == "not") {
    return read(value).map([](Condition inner) {
      std::vector<Condition> children;
      children.push_back(std::move(inner));
      return group(Condition::Kind::kNot, std::move(children));
    });
  }
  return fail_in(file_, key,
                 unknown_key(key.text, {"agent", "group", "on_behalf_of", "server", "verb", "tool",
                                        "resource", "arguments", "all", "any", "not"}));
}

Result<Condition> WhenReader::list_of(Condition::Kind kind, const Yaml& list) {
  if (list.kind != Yaml::Kind::kList || list.items.empty()) {
    return fail_in(file_, list, "expected a list of at least one condition");
  }
  std::vector<Condition> children;
  for (const Yaml& item : list.items) {
    Result<Condition> one = read(item);
    if (!one) {
      return one;
    }
    children.push_back(std::move(*one));
  }
  return group(kind, std::move(children));
}

// A name, a list of which any may fit, or a map of matchers; a bare name with "*" is a glob.
Result<Condition> WhenReader::name(Field field, const Yaml& value) {
  if (value.kind == Yaml::Kind::kMap) {
    return matchers(atom_of(field), value);
  }
  const bool is_list = value.kind == Yaml::Kind::kList;
  if (is_list && value.items.empty()) {
    return fail_in(file_, value, "an empty list matches nothing; expected at least one name");
  }
  Atom exact = atom_of(field);
  Atom wild = atom_of(field);
  std::vector<Condition> any;
  const std::vector<Yaml> single = is_list ? std::vector<Yaml>() : std::vector<Yaml>{value};
  for (const Yaml& item : is_list ? value.items : single) {
    if (is_list && item.kind == Yaml::Kind::kMap) {
      Result<Condition> one = matchers(atom_of(field), item);
      if (!one) {
        return one;
      }
      any.push_back(std::move(*one));
      continue;
    }
    Result<std::string> one = text(item, "a name");
    if (!one) {
      return fail(one.error());
    }
    const Status added = has_wildcard(*one) ? add_glob(wild, item) : add_value(exact, item);
    if (!added) {
      return fail(added.error());
    }
  }
  if (!exact.texts.empty()) {
    std::sort(exact.texts.begin(), exact.texts.end());
    exact.texts.erase(std::unique(exact.texts.begin(), exact.texts.end()), exact.texts.end());
    exact.expected = one_of_text(exact);
    any.push_back(leaf(std::move(exact)));
  }
  if (!wild.globs.empty()) {
    wild.expected = "glob " + wild.expected;
    any.push_back(leaf(std::move(wild)));
  }
  return group(Condition::Kind::kAny, std::move(any));
}

Result<Condition> WhenReader::arguments(const Yaml& map) {
  if (map.kind != Yaml::Kind::kMap || map.members.empty()) {
    return fail_in(file_, map,
                   "expected at least one argument (for no arguments: \"\": {size: "
                   "{max: 0}})");
  }
  std::vector<Condition> all;
  for (const auto& [key, value] : map.members) {
    Result<Condition> one = argument(key, value);
    if (!one) {
      return one;
    }
    all.push_back(std::move(*one));
  }
  return group(Condition::Kind::kAll, std::move(all));
}

Result<Condition> WhenReader::argument(const Yaml& key, const Yaml& value) {
  Atom atom = atom_of(Field::kArgument);
  if (!read_path(key.text, atom.path)) {
    return fail_in(file_, key, "expected a path of names (a.b.0) or a JSON Pointer (/a/b/0)");
  }
  if (value.kind == Yaml::Kind::kMap) {
    return matchers(atom, value);
  }
  if (value.kind == Yaml::Kind::kList) {
    return fail_in(file_, value, "expected in: [...] for any of these, or equals: [...]");
  }
  if (value.kind == Yaml::Kind::kNull) {
    return fail_in(file_, value, "expected a value (for null: {equals: null})");
  }
  if (!value.quoted && has_wildcard(value.text)) {
    return fail_in(file_, value, "a bare value is exact: write glob: for \"*\", or equals:");
  }
  return equals(atom, value).map([&] { return leaf(std::move(atom)); });
}

}  // namespace pawl::rules
