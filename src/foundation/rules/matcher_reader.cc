#include <algorithm>
#include <array>
#include <utility>

#include "foundation/rules/rule_file.h"
#include "foundation/rules/suggest.h"
#include "foundation/schema/ecma_pattern.h"

namespace pawl::rules {
namespace {

std::string bound_text(const char* name, const std::optional<schema::Decimal>& bound) {
  return bound ? std::string(" ") + name + " " + to_text(*bound) : "";
}

}  // namespace

Atom atom_of(Field field) {
  Atom atom;
  atom.field = field;
  return atom;
}

Condition group(Condition::Kind kind, std::vector<Condition> children) {
  if (children.size() == 1 && kind != Condition::Kind::kNot) {
    return std::move(children.front());
  }
  Condition out;
  out.kind = kind;
  out.children = std::move(children);
  return out;
}

std::string one_of_text(const Atom& atom) {
  std::string out;
  std::size_t count = 0;
  const auto add = [&](const std::string& text) { out += (count++ == 0 ? "" : ", ") + text; };
  for (const std::string& one : atom.texts) {
    add(json::quote(one));
  }
  for (const json::Value& one : atom.values) {
    add(json::canonical(one));
  }
  return count == 1 ? "is " + out : "one of [" + out + "]";
}

Result<Condition> WhenReader::matchers(const Atom& subject, const Yaml& map) {
  if (map.members.empty()) {
    return fail_in(file_, map, "expected at least one of equals, in, glob, matches, exists...");
  }
  std::vector<Condition> all;
  for (const auto& [key, value] : map.members) {
    Result<Atom> one = matcher(subject, key, value);
    if (!one) {
      return fail(one.error());
    }
    all.push_back(leaf(std::move(*one)));
  }
  return group(Condition::Kind::kAll, std::move(all));
}

Result<Atom> WhenReader::matcher(const Atom& subject, const Yaml& key, const Yaml& value) {
  using Read = Status (WhenReader::*)(Atom&, const Yaml&);
  struct Known {
    std::string_view name;
    Read read;
    bool for_names;
  };
  static constexpr std::array<Known, 8> kKnown{{
      {"equals", &WhenReader::equals, true},
      {"in", &WhenReader::in, true},
      {"glob", &WhenReader::globs, true},
      {"matches", &WhenReader::regex, true},
      {"size", &WhenReader::size, true},
      {"exists", &WhenReader::exists, true},
      {"range", &WhenReader::range, false},
      {"schema", &WhenReader::schema, false},
  }};
  std::vector<std::string_view> names;
  for (const Known& known : kKnown) {
    const bool fits = known.for_names || subject.field == Field::kArgument;
    if (fits && known.name == key.text) {
      Atom atom = atom_of(subject.field);
      atom.path = subject.path;
      return (this->*known.read)(atom, value).map([&] { return std::move(atom); });
    }
    if (fits) {
      names.push_back(known.name);
    }
  }
  return fail_in(file_, key, unknown_key(key.text, names));
}

Status WhenReader::add_value(Atom& atom, const Yaml& value) {
  if (atom.field != Field::kArgument) {
    Result<std::string> name_text = text(value, "a name");
    if (!name_text) {
      return fail(name_text.error());
    }
    atom.texts.push_back(std::move(*name_text));
    return {};
  }
  Result<json::Value> read = to_json(file_, value);
  if (!read) {
    return fail(read.error());
  }
  if (read->is_string()) {
    atom.texts.emplace_back(read->get_string().data(), read->get_string().size());
  } else {
    atom.values.push_back(std::move(*read));
  }
  return {};
}

Status WhenReader::equals(Atom& atom, const Yaml& value) {
  return add_value(atom, value).map([&] { atom.expected = one_of_text(atom); });
}

Status WhenReader::in(Atom& atom, const Yaml& list) {
  if (list.kind != Yaml::Kind::kList || list.items.empty()) {
    return fail_in(file_, list, "expected a list of at least one value");
  }
  for (const Yaml& item : list.items) {
    if (Status added = add_value(atom, item); !added) {
      return added;
    }
  }
  std::sort(atom.texts.begin(), atom.texts.end());
  atom.expected = one_of_text(atom);
  return {};
}

Status WhenReader::add_glob(Atom& atom, const Yaml& value) {
  Result<std::string> pattern = text(value, "a glob");
  if (!pattern) {
    return fail(pattern.error());
  }
  Result<Glob> glob = Glob::make(*pattern);
  if (!glob) {
    return fail_in(file_, value, glob.error().message);
  }
  atom.globs.push_back(std::move(*glob));
  atom.expected += (atom.expected.empty() ? "" : " or ") + json::quote(*pattern);
  return {};
}

Status WhenReader::globs(Atom& atom, const Yaml& value) {
  const bool is_list = value.kind == Yaml::Kind::kList;
  if (is_list && value.items.empty()) {
    return fail_in(file_, value, "expected at least one glob");
  }
  const std::vector<Yaml> single = is_list ? std::vector<Yaml>() : std::vector<Yaml>{value};
  for (const Yaml& item : is_list ? value.items : single) {
    if (Status added = add_glob(atom, item); !added) {
      return added;
    }
  }
  atom.expected = "glob " + atom.expected;
  return {};
}

Status WhenReader::regex(Atom& atom, const Yaml& value) {
  Result<std::string> pattern = text(value, "a regular expression (RE2)");
  if (!pattern) {
    return fail(pattern.error());
  }
  Result<std::unique_ptr<const TextPattern>> compiled = TextPattern::make(*pattern);
  if (!compiled) {
    return fail_in(file_, value, compiled.error().message);
  }
  atom.op = Operator::kMatches;
  atom.pattern = std::move(*compiled);
  atom.expected = "matches " + json::quote(*pattern);
  return {};
}

Status WhenReader::range(Atom& atom, const Yaml& map) {
  if (map.kind != Yaml::Kind::kMap || map.members.empty()) {
    return fail_in(file_, map, "expected at least one of gt, gte, lt, lte");
  }
  for (const auto& [key, value] : map.members) {
    std::optional<schema::Decimal>* bound = key.text == "gt"    ? &atom.range.gt
                                            : key.text == "gte" ? &atom.range.gte
                                            : key.text == "lt"  ? &atom.range.lt
                                            : key.text == "lte" ? &atom.range.lte
                                                                : nullptr;
    if (bound == nullptr) {
      return fail_in(file_, key, unknown_key(key.text, {"gt", "gte", "lt", "lte"}));
    }
    *bound = value.quoted ? std::nullopt : schema::Decimal::from_text(value.text);
    if (!*bound) {
      return fail_in(file_, value, "expected a number of at most 19 digits");
    }
  }
  const auto& r = atom.range;
  const auto empty = [](const auto& low, const auto& high, bool open) {
    return low && high && (open ? compare(*low, *high) >= 0 : compare(*low, *high) > 0);
  };
  if (empty(r.gte, r.lte, false) || empty(r.gt, r.lt, true) || empty(r.gt, r.lte, true) ||
      empty(r.gte, r.lt, true)) {
    return fail_in(file_, map, "no number lies in this range");
  }
  atom.op = Operator::kRange;
  atom.expected = "range" + bound_text("gt", r.gt) + bound_text("gte", r.gte) +
                  bound_text("lt", r.lt) + bound_text("lte", r.lte);
  return {};
}

Status WhenReader::size(Atom& atom, const Yaml& map) {
  if (map.kind != Yaml::Kind::kMap || map.members.empty()) {
    return fail_in(file_, map, "expected at least one of min, max");
  }
  atom.op = Operator::kSize;
  atom.expected = "size";
  for (const auto& [key, value] : map.members) {
    if (key.text != "min" && key.text != "max") {
      return fail_in(file_, key, unknown_key(key.text, {"min", "max"}));
    }
    const auto number = schema::Decimal::from_text(value.text);
    if (value.quoted || !number || !number->is_integer() || number->negative ||
        number->exponent > 12 || number->coefficient > 1'000'000'000'000) {
      return fail_in(file_, value, "expected a whole number of at least 0");
    }
    std::uint64_t count = number->coefficient;
    for (int i = 0; i < number->exponent; ++i) {
      count *= 10;
    }
    (key.text == "min" ? atom.size.min : atom.size.max) = count;
  }
  if (atom.size.min && atom.size.max && *atom.size.min > *atom.size.max) {
    return fail_in(file_, map, "no size lies between these");
  }
  atom.expected += (atom.size.min ? " min " + std::to_string(*atom.size.min) : "") +
                   (atom.size.max ? " max " + std::to_string(*atom.size.max) : "");
  return {};
}

Status WhenReader::schema(Atom& atom, const Yaml& value) {
  Result<json::Value> body = to_json(file_, value);
  if (!body) {
    return fail(body.error());
  }
  auto compiled = schema::Schema::compile(*body);
  if (!compiled) {
    return fail_in(file_, value, compiled.error().message);
  }
  atom.op = Operator::kSchema;
  atom.schema = std::move(*compiled);
  atom.expected = "schema " + json::canonical(*body);
  return {};
}

Status WhenReader::exists(Atom& atom, const Yaml& value) {
  if (value.kind != Yaml::Kind::kScalar || value.quoted ||
      (value.text != "true" && value.text != "false")) {
    return fail_in(file_, value, "expected true or false");
  }
  atom.op = Operator::kExists;
  atom.exists = value.text == "true";
  atom.expected = atom.exists ? "exists" : "does not exist";
  return {};
}

}  // namespace pawl::rules
