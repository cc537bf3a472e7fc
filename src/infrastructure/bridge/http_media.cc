#include "infrastructure/bridge/http_media.h"

#include <algorithm>
#include <string>

namespace pawl::bridge {

bool accepts(const http::Headers& headers, std::string_view type) {
  const std::string range = std::string(type.substr(0, type.find('/'))) + "/*";
  for (std::string_view field : headers.get_all("Accept")) {
    while (!field.empty()) {
      const std::size_t comma = field.find(',');
      std::string_view item = field.substr(0, comma);
      field = comma == std::string_view::npos ? std::string_view() : field.substr(comma + 1);
      item = item.substr(0, item.find(';'));
      item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
      item = item.substr(0, item.find_last_not_of(" \t") + 1);
      if (http::equal_ignoring_case(item, type) || http::equal_ignoring_case(item, range) ||
          item == "*/*") {
        return true;
      }
    }
  }
  return false;
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
