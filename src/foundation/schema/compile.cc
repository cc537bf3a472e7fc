#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/json_changes.h"
#include "foundation/schema/compiler.h"
#include "foundation/schema/ecma_pattern.h"

namespace pawl::schema {
namespace {

constexpr std::size_t kMaxNodes = 20'000;
constexpr int kMaxDepth = 100;
constexpr std::size_t kMaxProblems = 16;

std::string_view view(const json::Value& text) {
  return {text.get_string().data(), text.get_string().size()};
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr ==
            text.data() + i + 3) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::uint8_t type_bit(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::uint8_t>, 7> kTypes{{
      {"null", kNullType},
      {"boolean", kBooleanType},
      {"integer", kIntegerType},
      {"number", kNumberType},
      {"string", kStringType},
      {"array", kArrayType},
      {"object", kObjectType},
  }};
  for (const auto& [known, bit] : kTypes) {
    if (known == name) {
      return bit;
    }
  }
  return 0;
}

}  // namespace

Compiler::Compiler(const json::Value& root, Policy policy)
    : root_(root), policy_(policy), schema_(new Schema()) {}

Result<std::shared_ptr<const Schema>> Compiler::run() {
  subschema(root_, "#", 0);
  while (!pending_refs_.empty() && !failed_) {
    const auto [at, pointer, from] = std::move(pending_refs_.back());
    pending_refs_.pop_back();
    const NodeId target = resolve(pointer, from);
    schema_->nodes_[at].ref = target;
  }
  if (failed_) {
    return fail(*failed_);
  }
  return std::shared_ptr<const Schema>(std::move(schema_));
}

void Compiler::problem(NodeId at, Code code, const std::string& pointer, const std::string& what) {
  if (at < schema_->nodes_.size()) {
    schema_->nodes_[at].unknown = true;
  }
  if (schema_->problems_.size() < kMaxProblems) {
    schema_->problems_.push_back(pointer + ": " + what);
  }
  if (policy_ == Policy::kStrict && !failed_) {
    failed_ = Error{code, "schema " + pointer + ": " + what};
  }
}

NodeId Compiler::new_node() {
  schema_->nodes_.emplace_back();
  return static_cast<NodeId>(schema_->nodes_.size() - 1);
}

// The same place of the schema is compiled once, so that recursive references end.
NodeId Compiler::subschema(const json::Value& value, const std::string& pointer, int depth) {
  if (const auto known = compiled_.find(&value); known != compiled_.end()) {
    return known->second;
  }
  const NodeId id = new_node();
  compiled_.emplace(&value, id);
  if (depth > kMaxDepth || schema_->nodes_.size() > kMaxNodes) {
    problem(id, Code::kTooLarge, pointer, "too deep or too large (100 levels, 20000 subschemas)");
    return id;
  }
  if (value.is_bool()) {
    schema_->nodes_[id].constant = value.get_bool();
    return id;
  }
  if (!value.is_object()) {
    problem(id, Code::kMalformed, pointer, "expected a schema: an object, true or false");
    return id;
  }
  if (id == 0 && !knows_dialect(id, value.get_object(), pointer)) {
    return id;
  }
  for (const auto& member : value.get_object()) {
    if (failed_) {
      break;
    }
    const std::string_view key(member.key().data(), member.key().size());
    keyword({id, key, member.value(), pointer + json::pointer_step(key), depth});
  }
  draft_checks(id, value.get_object(), pointer);
  return id;
}

NodeId Compiler::child(const Keyword& k, const json::Value& value, const std::string& below) {
  return subschema(value, k.pointer + below, k.depth + 1);
}

void Compiler::malformed(const Keyword& k, const std::string& expected) {
  problem(k.node, Code::kMalformed, k.pointer, "expected " + expected);
}

std::optional<std::uint64_t> Compiler::count(const Keyword& k) {
  if (k.value.is_number()) {
    const Decimal number = Decimal::from_json(k.value);
    if (number.is_integer() && !number.negative) {
      std::uint64_t result = number.coefficient;
      for (int i = 0; i < number.exponent && result < (1ULL << 60); ++i) {
        result *= 10;
      }
      return result;
    }
  }
  malformed(k, "a whole number of at least 0");
  return std::nullopt;
}

std::optional<Decimal> Compiler::number(const Keyword& k) {
  if (!k.value.is_number()) {
    malformed(k, "a number");
    return std::nullopt;
  }
  return Decimal::from_json(k.value);
}

std::vector<std::string> Compiler::names(const Keyword& k, const json::Value& value) {
  std::vector<std::string> out;
  const json::Array* array = value.if_array();
  if (array == nullptr) {
    malformed(k, "a list of names");
    return out;
  }
  for (const json::Value& name : *array) {
    if (!name.is_string()) {
      malformed(k, "a list of names");
      return out;
    }
    out.emplace_back(view(name));
  }
  return out;
}

std::vector<NodeId> Compiler::schemas(const Keyword& k) {
  std::vector<NodeId> out;
  const json::Array* array = k.value.if_array();
  if (array == nullptr || array->empty()) {
    malformed(k, "a list of at least one schema");
    return out;
  }
  for (std::size_t i = 0; i < array->size(); ++i) {
    out.push_back(child(k, (*array)[i], "/" + std::to_string(i)));
  }
  return out;
}

std::vector<std::pair<std::string, NodeId>> Compiler::named_schemas(const Keyword& k) {
  std::vector<std::pair<std::string, NodeId>> out;
  const json::Object* object = k.value.if_object();
  if (object == nullptr) {
    malformed(k, "an object of schemas");
    return out;
  }
  for (const auto& member : *object) {
    const std::string name(member.key().data(), member.key().size());
    out.emplace_back(name, child(k, member.value(), json::pointer_step(name)));
  }
  return out;
}

std::unique_ptr<RE2> Compiler::pattern(const Keyword& k, std::string_view text) {
  Result<std::unique_ptr<RE2>> compiled = compile_ecma(text);
  if (!compiled) {
    problem(k.node, compiled.error().code, k.pointer, compiled.error().message);
    return nullptr;
  }
  return std::move(*compiled);
}

void Compiler::type(const Keyword& k) {
  std::vector<std::string> list;
  if (k.value.is_string()) {
    list.emplace_back(view(k.value));
  } else {
    list = names(k, k.value);
  }
  if (list.empty()) {
    return malformed(k, "a type or a list of types");
  }
  for (const std::string& name : list) {
    const std::uint8_t bit = type_bit(name);
    if (bit == 0) {
      return malformed(k, "null, boolean, integer, number, string, array or object");
    }
    node(k).types |= bit;
  }
}

void Compiler::reference(const Keyword& k) {
  if (!k.value.is_string()) {
    return malformed(k, "a reference");
  }
  const std::string_view target = view(k.value);
  if (target != "#" && !target.starts_with("#/")) {
    return problem(k.node, Code::kUnsupported, k.pointer,
                   "only references within the schema (#/...) are supported");
  }
  pending_refs_.push_back({k.node, percent_decode(target.substr(1)), k.pointer});
}

NodeId Compiler::resolve(const std::string& pointer, const std::string& from) {
  const json::Value* at = &root_;
  std::size_t begin = 1;
  while (at != nullptr && begin <= pointer.size() && !pointer.empty()) {
    const std::size_t end = std::min(pointer.find('/', begin), pointer.size());
    const std::string token = pointer.substr(begin, end - begin);
    std::string key;
    for (std::size_t i = 0; i < token.size(); ++i) {
      const bool escaped = token[i] == '~' && i + 1 < token.size();
      key += escaped ? (token[++i] == '1' ? '/' : '~') : token[i];
    }
    if (const json::Object* object = at->if_object()) {
      at = object->if_contains(key);
    } else if (const json::Array* array = at->if_array()) {
      std::size_t index = 0;
      const auto read = std::from_chars(key.data(), key.data() + key.size(), index);
      const bool whole = read.ec == std::errc() && read.ptr == key.data() + key.size();
      at = whole && index < array->size() ? &(*array)[index] : nullptr;
    } else {
      at = nullptr;
    }
    begin = end + 1;
  }
  if (at != nullptr) {
    return subschema(*at, "#" + pointer, 0);
  }
  const NodeId dangling = new_node();
  problem(dangling, Code::kMalformed, from, "nothing stands at #" + pointer);
  return dangling;
}

Result<std::shared_ptr<const Schema>> Schema::compile(const json::Value& schema) {
  return Compiler(schema, Compiler::Policy::kStrict).run();
}

std::shared_ptr<const Schema> Schema::compile_foreign(const json::Value& schema) {
  return *Compiler(schema, Compiler::Policy::kForeign).run();
}

Schema::Schema() = default;
Schema::~Schema() = default;

}  // namespace pawl::schema
