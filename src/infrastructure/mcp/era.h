// Protocol revisions and the two eras of MCP.
//
// Purpose:    name the revisions spoken here and tell which era one belongs to.
// Threading:  constant data.
// Terms:      legacy: an initialize handshake and sessions (2025-11-25 and before); modern: version
//             and capabilities in every request's _meta (2026-07-28).
// Not errors: an unknown revision is nullopt; the caller refuses it by name.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::mcp {

enum class Era { kLegacy, kModern };
std::string_view era_name(Era era);  // "legacy", "modern"

inline constexpr std::string_view kRevision20250326 = "2025-03-26";
inline constexpr std::string_view kRevision20250618 = "2025-06-18";
inline constexpr std::string_view kRevision20251125 = "2025-11-25";
inline constexpr std::string_view kRevision20260728 = "2026-07-28";

// Spoken here, newest first. 2025-03-26 without its batches.
inline constexpr std::array kRevisions = {kRevision20260728, kRevision20251125, kRevision20250618,
                                          kRevision20250326};
inline constexpr std::string_view kNewestLegacy = kRevision20251125;
// What an HTTP request of the legacy era without a version header and session means.
inline constexpr std::string_view kAssumedRevision = kRevision20250326;

constexpr Era other(Era era) {
  return era == Era::kModern ? Era::kLegacy : Era::kModern;
}
// nullopt: a revision that is not spoken here.
std::optional<Era> era_of(std::string_view revision);
// Those of `revisions` that belong to `era`, newest first, unknown ones left out.
std::vector<std::string> of_era(const std::vector<std::string>& revisions, Era era);
// "mcp/2025-11-25": Action::protocol.
std::string protocol_name(std::string_view revision);

}  // namespace pawl::mcp
