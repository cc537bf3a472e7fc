#include "foundation/rules/atom.h"

#include <algorithm>
#include <charconv>

#include "base/json_changes.h"
#include "foundation/schema/equality.h"
#include "foundation/schema/instance.h"

namespace pawl::rules {
namespace {

Truth from(bool holds) {
  return holds ? Truth::kTrue : Truth::kFalse;
}

bool within(std::uint64_t size, const std::optional<std::uint64_t>& min,
            const std::optional<std::uint64_t>& max) {
  return (!min || size >= *min) && (!max || size <= *max);
}

bool plain_name(const std::string& token) {
  return !token.empty() && token.find_first_of("./~") == std::string::npos;
}

}  // namespace

std::string_view field_name(Field field) {
  switch (field) {
    case Field::kAgent:
      return "agent";
    case Field::kGroup:
      return "group";
    case Field::kOnBehalfOf:
      return "on_behalf_of";
    case Field::kServer:
      return "server";
    case Field::kVerb:
      return "verb";
    case Field::kTool:
      return "tool";
    case Field::kResource:
      return "resource";
    case Field::kArgument:
      return "arguments";
  }
  return "";
}

std::string Atom::subject() const {
  std::string out(field_name(field));
  const bool dotted = std::all_of(path.begin(), path.end(), plain_name);
  for (const std::string& token : path) {
    out += dotted ? "." + token : json::pointer_step(token);
  }
  return out;
}

std::string_view fact(const Facts& facts, Field field) {
  switch (field) {
    case Field::kAgent:
      return facts.agent;
    case Field::kOnBehalfOf:
      return facts.on_behalf_of;
    case Field::kServer:
      return facts.server;
    case Field::kVerb:
      return facts.verb;
    case Field::kTool:
      return facts.tool;
    case Field::kResource:
      return facts.resource;
    case Field::kGroup:
    case Field::kArgument:
      break;
  }
  return {};
}

const json::Value* argument_at(const Facts& facts, const std::vector<std::string>& path) {
  const json::Value* at = facts.arguments;
  for (const std::string& token : path) {
    if (at == nullptr) {
      return nullptr;
    }
    if (const json::Object* object = at->if_object()) {
      at = object->if_contains(token);
      continue;
    }
    const json::Array* array = at->if_array();
    std::size_t index = 0;
    const auto read = std::from_chars(token.data(), token.data() + token.size(), index);
    const bool is_index = read.ec == std::errc() && read.ptr == token.data() + token.size() &&
                          (token.size() == 1 || token[0] != '0');
    at = array != nullptr && is_index && index < array->size() ? &(*array)[index] : nullptr;
  }
  return at;
}

Truth Atom::on(const Facts& facts) const {
  if (field == Field::kArgument) {
    const json::Value* value = argument_at(facts, path);
    if (op == Operator::kExists) {
      return from((value != nullptr) == exists);
    }
    return value == nullptr ? Truth::kAbsent : on_value(*value);
  }
  if (field == Field::kGroup) {
    return on_groups(facts.groups);
  }
  const std::string_view value = fact(facts, field);
  if (op == Operator::kExists) {
    return from(!value.empty() == exists);
  }
  return value.empty() ? Truth::kAbsent : on_text(value);
}

// A caller may have several groups: one that fits is enough.
Truth Atom::on_groups(const std::vector<std::string>* groups) const {
  const bool present = groups != nullptr && !groups->empty();
  if (op == Operator::kExists) {
    return from(present == exists);
  }
  Truth best = present ? Truth::kFalse : Truth::kAbsent;
  for (std::size_t i = 0; present && i < groups->size() && best != Truth::kTrue; ++i) {
    const Truth one = on_text((*groups)[i]);
    best = one == Truth::kFalse ? best : one;
  }
  return best;
}

Truth Atom::on_text(std::string_view value) const {
  switch (op) {
    case Operator::kOneOf: {
      if (std::binary_search(texts.begin(), texts.end(), value)) {
        return Truth::kTrue;
      }
      bool hit = false;
      for (const Glob& glob : globs) {
        if (glob.matches_everything()) {
          return Truth::kTrue;
        }
        hit = hit || glob.matches(value);
      }
      return !globs.empty() && is_devious(value) ? Truth::kUndecidable : from(hit);
    }
    case Operator::kMatches:
      return from(pattern->matches(value));
    case Operator::kSize:
      return from(within(schema::code_points(value), size.min, size.max));
    case Operator::kRange:
    case Operator::kSchema:
    case Operator::kExists:
      break;
  }
  return Truth::kUndecidable;
}

Truth Atom::on_value(const json::Value& value) const {
  if (op == Operator::kSchema) {
    switch (schema->validate(value).verdict) {
      case schema::Verdict::kValid:
        return Truth::kTrue;
      case schema::Verdict::kInvalid:
        return Truth::kFalse;
      case schema::Verdict::kIndeterminate:
        return Truth::kUndecidable;
    }
  }
  if (value.is_string()) {
    return on_text({value.get_string().data(), value.get_string().size()});
  }
  if (op == Operator::kOneOf) {
    const auto same = [&](const json::Value& one) { return schema::equal(one, value); };
    if (std::any_of(values.begin(), values.end(), same)) {
      return Truth::kTrue;
    }
    return globs.empty() ? Truth::kFalse : Truth::kUndecidable;
  }
  if (op == Operator::kRange && value.is_number()) {
    const schema::Decimal d = schema::Decimal::from_json(value);
    return from(
        (!range.gt || compare(d, *range.gt) > 0) && (!range.gte || compare(d, *range.gte) >= 0) &&
        (!range.lt || compare(d, *range.lt) < 0) && (!range.lte || compare(d, *range.lte) <= 0));
  }
  if (op == Operator::kSize && value.is_array()) {
    return from(within(value.get_array().size(), size.min, size.max));
  }
  if (op == Operator::kSize && value.is_object()) {
    return from(within(value.get_object().size(), size.min, size.max));
  }
  return Truth::kUndecidable;
}

}  // namespace pawl::rules
