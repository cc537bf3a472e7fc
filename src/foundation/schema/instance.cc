#include "foundation/schema/instance.h"

#include <algorithm>

#include "base/json_changes.h"
#include "foundation/schema/node.h"

namespace pawl::schema {

std::string pointer_of(const Place* place) {
  if (place == nullptr || place->parent == nullptr) {
    return "";
  }
  return pointer_of(place->parent) +
         (place->is_index ? "/" + std::to_string(place->index) : json::pointer_step(place->key));
}

std::uint8_t types_of(const json::Value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return kNullType;
    case boost::json::kind::bool_:
      return kBooleanType;
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
      return kNumberType | kIntegerType;
    case boost::json::kind::double_:
      return Decimal::from_json(value).is_integer() ? kNumberType | kIntegerType : kNumberType;
    case boost::json::kind::string:
      return kStringType;
    case boost::json::kind::array:
      return kArrayType;
    case boost::json::kind::object:
      return kObjectType;
  }
  return 0;
}

std::uint64_t code_points(std::string_view text) {
  return static_cast<std::uint64_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace pawl::schema
