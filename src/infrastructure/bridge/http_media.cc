#include "infrastructure/bridge/http_media.h"

#include <algorithm>

namespace pawl::bridge {

namespace {

// One item of an Accept field, as `type` or the range that holds it.
bool names_type(std::string_view item, std::string_view type) {
  item = item.substr(0, item.find(';'));
  item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
  item = item.substr(0, item.find_last_not_of(" \t") + 1);
  const std::size_t slash = type.find('/');
  return http::equal_ignoring_case(item, type) || item == "*/*" ||
         (item.ends_with("/*") &&
          http::equal_ignoring_case(item.substr(0, item.size() - 2), type.substr(0, slash)));
}

bool lists_type(std::string_view items, std::string_view type) {
  while (!items.empty()) {
    const std::size_t comma = std::min(items.find(','), items.size());
    if (names_type(items.substr(0, comma), type)) {
      return true;
    }
    items.remove_prefix(std::min(comma + 1, items.size()));
  }
  return false;
}

}  // namespace

bool accepts(const http::Headers& headers, std::string_view type) {
  return std::any_of(headers.begin(), headers.end(), [&](const http::Field& field) {
    return http::equal_ignoring_case(field.name, "Accept") && lists_type(field.value, type);
  });
}

bool prefers_stream(const http::Headers& headers) {
  const std::string_view accept = headers.get("Accept").value_or("");
  return headers.count("Accept") == 1 &&
         accept.find("text/event-stream") < accept.find("application/json");
}

bool is_json(const http::Headers& headers) {
  std::string_view type = headers.get("Content-Type").value_or("");
  type = type.substr(0, type.find(';'));
  type = type.substr(0, type.find_last_not_of(" \t") + 1);
  return headers.count("Content-Type") == 1 && http::equal_ignoring_case(type, "application/json");
}

}  // namespace pawl::bridge
