// Identifiers of workloads: spiffe://DOMAIN/PATH and wimse://DOMAIN/PATH.
//
// Purpose:    the trust domain says whose keys may vouch for the name.
// Threading:  pure. Errors: nullopt: not such an identifier.
// Source:     SPIFFE-ID, section 2; draft-ietf-wimse-identifier. OURS: the character rules of
//             SPIFFE hold for both schemes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pawl::identity {

struct WorkloadId {
  std::string_view scheme;  // "spiffe" or "wimse"
  std::string_view domain;
  std::string_view path;  // begins with '/'
};

// Views into `uri`.
std::optional<WorkloadId> parse_workload_id(std::string_view uri);
bool is_trust_domain(std::string_view name);

}  // namespace pawl::identity
