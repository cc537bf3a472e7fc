// One compiled subschema; internal to foundation/schema.
//
// Purpose:    the form between compile.cc, which fills it, and validate.cc, which reads it.
// Threading:  immutable once compiled.
#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "foundation/schema/decimal.h"

namespace pawl::schema {

using NodeId = std::uint32_t;
inline constexpr NodeId kNone = 0xffffffff;

enum TypeBit : std::uint8_t {
  kNullType = 1,
  kBooleanType = 2,
  kIntegerType = 4,
  kNumberType = 8,
  kStringType = 16,
  kArrayType = 32,
  kObjectType = 64,
};

struct SizeBounds {
  std::optional<std::uint64_t> min;
  std::optional<std::uint64_t> max;
};

struct NumberTests {
  std::optional<Decimal> minimum;
  std::optional<Decimal> maximum;
  std::optional<Decimal> exclusive_minimum;
  std::optional<Decimal> exclusive_maximum;
  std::optional<Decimal> multiple_of;
};

struct StringTests {
  SizeBounds length;
  std::unique_ptr<RE2> pattern;
};

struct ArrayTests {
  std::vector<NodeId> prefix_items;
  NodeId items = kNone;
  NodeId contains = kNone;
  SizeBounds contained;
  SizeBounds size;
  bool unique = false;
};

struct ObjectTests {
  std::map<std::string, NodeId, std::less<>> properties;
  std::vector<std::pair<std::unique_ptr<RE2>, NodeId>> pattern_properties;
  bool all_patterns_known = true;  // else what is additional cannot be told
  NodeId additional = kNone;
  NodeId names = kNone;
  std::vector<std::string> required;
  std::vector<std::pair<std::string, std::vector<std::string>>> dependent_required;
  std::vector<std::pair<std::string, NodeId>> dependent_schemas;
  SizeBounds size;
};

struct Node {
  std::optional<bool> constant;  // a boolean schema
  bool unknown = false;          // a part of it is outside the subset: never valid
  std::uint8_t types = 0;        // TypeBit set; 0: any
  std::optional<json::Value> const_value;
  std::optional<json::Array> enum_values;
  NumberTests number;
  StringTests string;
  ArrayTests array;
  ObjectTests object;
  NodeId ref = kNone;
  std::vector<NodeId> all_of;
  std::vector<NodeId> any_of;
  std::vector<NodeId> one_of;
  NodeId not_node = kNone;
  NodeId if_node = kNone;
  NodeId then_node = kNone;
  NodeId else_node = kNone;
};

}  // namespace pawl::schema
