#include "infrastructure/identity/workload_id.h"

#include <algorithm>

namespace pawl::identity {
namespace {

constexpr std::size_t kMaxIdBytes = 2048;
constexpr std::size_t kMaxDomainBytes = 255;

bool is_domain_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool is_path_character(char c) {
  return is_domain_character(c) || (c >= 'A' && c <= 'Z');
}

// Segments that are not empty and neither "." nor ".."; no '/' at the end.
bool is_path(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment.empty() || segment == "." || segment == ".." ||
        !std::all_of(segment.begin(), segment.end(), is_path_character)) {
      return false;
    }
    path.remove_prefix(segment.size());
  }
  return true;
}

}  // namespace

bool is_trust_domain(std::string_view name) {
  return !name.empty() && name.size() <= kMaxDomainBytes &&
         std::all_of(name.begin(), name.end(), is_domain_character);
}

std::optional<WorkloadId> parse_workload_id(std::string_view uri) {
  constexpr std::string_view kMark = "://";
  const std::size_t mark = uri.find(kMark);
  if (uri.size() > kMaxIdBytes || mark == std::string_view::npos) {
    return std::nullopt;
  }
  WorkloadId id{.scheme = uri.substr(0, mark), .domain = {}, .path = {}};
  const std::string_view rest = uri.substr(mark + kMark.size());
  id.domain = rest.substr(0, rest.find('/'));
  id.path = rest.substr(id.domain.size());
  if ((id.scheme != "spiffe" && id.scheme != "wimse") || !is_trust_domain(id.domain) ||
      id.path.empty() || !is_path(id.path)) {
    return std::nullopt;
  }
  return id;
}

}  // namespace pawl::identity
