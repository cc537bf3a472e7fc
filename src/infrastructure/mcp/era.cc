#include "infrastructure/mcp/era.h"

#include <algorithm>

namespace pawl::mcp {

std::string_view era_name(Era era) {
  return era == Era::kModern ? "modern" : "legacy";
}

std::optional<Era> era_of(std::string_view revision) {
  if (std::find(kRevisions.begin(), kRevisions.end(), revision) == kRevisions.end()) {
    return std::nullopt;
  }
  return revision == kRevision20260728 ? Era::kModern : Era::kLegacy;
}

std::vector<std::string> of_era(const std::vector<std::string>& revisions, Era era) {
  std::vector<std::string> out;
  for (std::string_view revision : kRevisions) {
    if (era_of(revision) == era &&
        std::find(revisions.begin(), revisions.end(), revision) != revisions.end()) {
      out.emplace_back(revision);
    }
  }
  return out;
}

std::string protocol_name(std::string_view revision) {
  return std::string("mcp/").append(revision);
}

}  // namespace pawl::mcp
