#include "foundation/schema/equality.h"

#include <functional>
#include <string_view>

#include "foundation/schema/decimal.h"

namespace pawl::schema {
namespace {

constexpr int kMaxDepth = 128;

std::size_t mix(std::size_t seed, std::size_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15ULL + (seed << 6) + (seed >> 2));
}

std::string_view text_of(const json::Value& value) {
  return {value.get_string().data(), value.get_string().size()};
}

bool equal_at(const json::Value& a, const json::Value& b, int depth);

bool equal_arrays(const json::Array& a, const json::Array& b, int depth) {
  if (a.size() != b.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!equal_at(a[i], b[i], depth)) {
      return false;
    }
  }
  return true;
}

bool equal_objects(const json::Object& a, const json::Object& b, int depth) {
  if (a.size() != b.size()) {
    return false;
  }
  for (const auto& member : a) {
    const json::Value* other = b.if_contains(member.key());
    if (other == nullptr || !equal_at(member.value(), *other, depth)) {
      return false;
    }
  }
  return true;
}

bool equal_at(const json::Value& a, const json::Value& b, int depth) {
  if (depth > kMaxDepth) {
    return false;
  }
  if (a.is_number() && b.is_number()) {
    return Decimal::from_json(a) == Decimal::from_json(b);
  }
  if (a.kind() != b.kind()) {
    return false;
  }
  switch (a.kind()) {
    case boost::json::kind::null:
      return true;
    case boost::json::kind::bool_:
      return a.get_bool() == b.get_bool();
    case boost::json::kind::string:
      return text_of(a) == text_of(b);
    case boost::json::kind::array:
      return equal_arrays(a.get_array(), b.get_array(), depth + 1);
    case boost::json::kind::object:
      return equal_objects(a.get_object(), b.get_object(), depth + 1);
    default:
      return false;
  }
}

std::size_t hash_at(const json::Value& value, int depth) {
  std::size_t seed =
      static_cast<std::size_t>(value.is_number() ? 99 : static_cast<int>(value.kind()));
  if (depth > kMaxDepth) {
    return seed;
  }
  if (value.is_number()) {
    const Decimal number = Decimal::from_json(value);
    seed = mix(seed, number.coefficient);
    seed = mix(seed, static_cast<std::size_t>(number.exponent));
    return mix(seed, number.negative ? 1 : 0);
  }
  if (value.is_bool()) {
    return mix(seed, value.get_bool() ? 1 : 0);
  }
  if (value.is_string()) {
    return mix(seed, std::hash<std::string_view>{}(text_of(value)));
  }
  if (const json::Array* array = value.if_array()) {
    for (const json::Value& element : *array) {
      seed = mix(seed, hash_at(element, depth + 1));
    }
  }
  if (const json::Object* object = value.if_object()) {
    std::size_t members = 0;
    for (const auto& member : *object) {
      const std::string_view key(member.key().data(), member.key().size());
      members += mix(std::hash<std::string_view>{}(key), hash_at(member.value(), depth + 1));
    }
    seed = mix(seed, members);
  }
  return seed;
}

}  // namespace

bool equal(const json::Value& a, const json::Value& b) {
  return equal_at(a, b, 0);
}
std::size_t hash(const json::Value& value) {
  return hash_at(value, 0);
}

}  // namespace pawl::schema
