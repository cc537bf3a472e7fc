#include <algorithm>
#include <array>

#include "foundation/schema/compiler.h"

namespace pawl::schema {
namespace {

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

constexpr std::string_view kDialect = "https://json-schema.org/draft/2020-12/schema";
constexpr std::array<std::string_view, 9> kAnnotations{"$comment", "title",     "description",
                                                       "default",  "examples",  "deprecated",
                                                       "readOnly", "writeOnly", "$schema"};
// Annotations that look like a check: fine in a server's schema, refused in a rule's.
constexpr std::array<std::string_view, 4> kLooksLikeACheck{"format", "contentEncoding",
                                                           "contentMediaType", "contentSchema"};
// Keywords of some draft that change what is valid, or where references point.
constexpr std::array<std::string_view, 14> kUnsupported{
    "$id",           "id",          "$anchor",      "$dynamicRef",          "$dynamicAnchor",
    "$recursiveRef", "$vocabulary", "dependencies", "additionalItems",      "unevaluatedItems",
    "extends",       "disallow",    "divisibleBy",  "unevaluatedProperties"};

std::string_view view(const json::Value& text) {
  return {text.get_string().data(), text.get_string().size()};
}

// What $schema names, without the empty fragment that may stand behind it; empty: no name.
std::string_view dialect_name(const json::Value& value) {
  std::string_view name = value.is_string() ? view(value) : std::string_view();
  if (name.ends_with('#')) {
    name.remove_suffix(1);
  }
  return name;
}

}  // namespace

void Compiler::keyword(const Keyword& k) {
  const bool known = general_keyword(k) || number_keyword(k) || string_keyword(k) ||
                     array_keyword(k) || object_keyword(k) || combining_keyword(k);
  if (!known) {
    other_keyword(k);
  }
}

bool Compiler::general_keyword(const Keyword& k) {
  if (k.name == "type") {
    type(k);
  } else if (k.name == "const") {
    node(k).const_value = k.value;
  } else if (k.name == "enum") {
    const json::Array* values = k.value.if_array();
    if (values == nullptr || values->empty()) {
      malformed(k, "a list of at least one value");
      return true;
    }
    node(k).enum_values = *values;
  } else if (k.name == "$ref") {
    reference(k);
  } else if (k.name == "$defs" || k.name == "definitions") {
    if (!k.value.is_object()) {
      malformed(k, "an object of schemas");
    } else if (policy_ == Policy::kStrict) {
      named_schemas(k);  // so that a mistake in an unused definition is found at load
    }
  } else {
    return false;
  }
  return true;
}

bool Compiler::number_keyword(const Keyword& k) {
  std::optional<Decimal> NumberTests::*member = nullptr;
  if (k.name == "minimum") {
    member = &NumberTests::minimum;
  } else if (k.name == "maximum") {
    member = &NumberTests::maximum;
  } else if (k.name == "exclusiveMinimum") {
    member = &NumberTests::exclusive_minimum;
  } else if (k.name == "exclusiveMaximum") {
    member = &NumberTests::exclusive_maximum;
  } else if (k.name == "multipleOf") {
    member = &NumberTests::multiple_of;
  } else {
    return false;
  }
  const std::optional<Decimal> bound = number(k);
  if (bound && k.name == "multipleOf" && compare(*bound, Decimal{}) <= 0) {
    malformed(k, "a number above 0");
    return true;
  }
  node(k).number.*member = bound;
  return true;
}

bool Compiler::string_keyword(const Keyword& k) {
  if (k.name == "minLength") {
    node(k).string.length.min = count(k);
  } else if (k.name == "maxLength") {
    node(k).string.length.max = count(k);
  } else if (k.name == "pattern") {
    if (k.value.is_string()) {
      node(k).string.pattern = pattern(k, view(k.value));
    } else {
      malformed(k, "a regular expression");
    }
  } else {
    return false;
  }
  return true;
}

// A child is compiled before node() is taken: compiling may move the nodes.
bool Compiler::array_keyword(const Keyword& k) {
  if (k.name == "items") {
    if (k.value.is_array()) {
      problem(k.node, Code::kUnsupported, k.pointer, "a list under items: write prefixItems");
      return true;
    }
    const NodeId items = child(k, k.value);
    node(k).array.items = items;
  } else if (k.name == "prefixItems") {
    std::vector<NodeId> items = schemas(k);
    node(k).array.prefix_items = std::move(items);
  } else if (k.name == "contains") {
    const NodeId contained = child(k, k.value);
    node(k).array.contains = contained;
  } else if (k.name == "minContains") {
    node(k).array.contained.min = count(k);
  } else if (k.name == "maxContains") {
    node(k).array.contained.max = count(k);
  } else if (k.name == "minItems") {
    node(k).array.size.min = count(k);
  } else if (k.name == "maxItems") {
    node(k).array.size.max = count(k);
  } else if (k.name == "uniqueItems") {
    if (!k.value.is_bool()) {
      malformed(k, "true or false");
      return true;
    }
    node(k).array.unique = k.value.get_bool();
  } else {
    return false;
  }
  return true;
}

bool Compiler::object_keyword(const Keyword& k) {
  if (k.name == "properties") {
    for (auto& [name, id] : named_schemas(k)) {
      node(k).object.properties.emplace(name, id);
    }
  } else if (k.name == "patternProperties") {
    for (const auto& [name, id] : named_schemas(k)) {
      if (std::unique_ptr<RE2> compiled = pattern(k, name)) {
        node(k).object.pattern_properties.emplace_back(std::move(compiled), id);
      } else {
        node(k).object.all_patterns_known = false;
      }
    }
  } else if (k.name == "additionalProperties") {
    const NodeId additional = child(k, k.value);
    node(k).object.additional = additional;
  } else if (k.name == "propertyNames") {
    const NodeId names_node = child(k, k.value);
    node(k).object.names = names_node;
  } else if (k.name == "required") {
    node(k).object.required = names(k, k.value);
  } else if (k.name == "minProperties") {
    node(k).object.size.min = count(k);
  } else if (k.name == "maxProperties") {
    node(k).object.size.max = count(k);
  } else if (k.name == "dependentRequired") {
    const json::Object* object = k.value.if_object();
    if (object == nullptr) {
      malformed(k, "an object of lists of names");
      return true;
    }
    for (const auto& member : *object) {
      node(k).object.dependent_required.emplace_back(
          std::string(member.key().data(), member.key().size()), names(k, member.value()));
    }
  } else if (k.name == "dependentSchemas") {
    auto dependent = named_schemas(k);
    node(k).object.dependent_schemas = std::move(dependent);
  } else {
    return false;
  }
  return true;
}

bool Compiler::combining_keyword(const Keyword& k) {
  if (k.name == "allOf" || k.name == "anyOf" || k.name == "oneOf") {
    std::vector<NodeId> list = schemas(k);
    Node& at = node(k);
    (k.name == "allOf" ? at.all_of : k.name == "anyOf" ? at.any_of : at.one_of) = std::move(list);
    return true;
  }
  NodeId Node::*member = nullptr;
  if (k.name == "not") {
    member = &Node::not_node;
  } else if (k.name == "if") {
    member = &Node::if_node;
  } else if (k.name == "then") {
    member = &Node::then_node;
  } else if (k.name == "else") {
    member = &Node::else_node;
  } else {
    return false;
  }
  const NodeId id = child(k, k.value);
  node(k).*member = id;
  return true;
}

void Compiler::other_keyword(const Keyword& k) {
  const std::string name(k.name);
  if (k.name == "$schema" && policy_ == Policy::kStrict && dialect_name(k.value) != kDialect) {
    problem(k.node, Code::kUnsupported, k.pointer, "expected " + std::string(kDialect));
  } else if (k.name == "$id" && k.node == 0) {
    return;  // names the whole; local references stay local
  } else if (contains(kUnsupported, k.name)) {
    problem(k.node, Code::kUnsupported, k.pointer, "keyword " + name + " is not supported");
  } else if (contains(kAnnotations, k.name) || policy_ == Policy::kForeign) {
    return;
  } else if (contains(kLooksLikeACheck, k.name)) {
    problem(k.node, Code::kUnsupported, k.pointer,
            "keyword " + name + " checks nothing in 2020-12: write a pattern");
  } else {
    problem(k.node, Code::kUnsupported, k.pointer, "keyword " + name + " is not known");
  }
}

// A server's schema of a dialect that is not known here decides nothing: its keywords may mean
// something else.
bool Compiler::knows_dialect(NodeId id, const json::Object& object, const std::string& pointer) {
  const json::Value* dialect = object.if_contains("$schema");
  if (policy_ != Policy::kForeign || dialect == nullptr) {
    return true;
  }
  constexpr std::array<std::string_view, 4> kUnderstood{
      kDialect, "https://json-schema.org/draft/2019-09/schema",
      "http://json-schema.org/draft-07/schema", "http://json-schema.org/draft-06/schema"};
  const std::string_view name = dialect_name(*dialect);
  if (!contains(kUnderstood, name)) {
    problem(id, Code::kUnsupported, pointer + "/$schema", "this dialect is not supported");
    return false;
  }
  ignores_beside_ref_ = name.starts_with("http:");
  return true;
}

// Drafts before 2019-09 ignore what stands beside $ref. Which draft a server means is its own
// claim, so such a subschema is decided only where both readings agree: not at all.
void Compiler::draft_checks(NodeId id, const json::Object& object, const std::string& pointer) {
  const auto is_annotation = [](const auto& member) {
    const std::string_view key(member.key().data(), member.key().size());
    return key == "$ref" || key == "definitions" || key == "$id" || contains(kAnnotations, key);
  };
  if (ignores_beside_ref_ && object.contains("$ref") &&
      !std::all_of(object.begin(), object.end(), is_annotation)) {
    problem(id, Code::kUnsupported, pointer, "keywords beside $ref before draft 2019-09");
  }
}

}  // namespace pawl::schema
