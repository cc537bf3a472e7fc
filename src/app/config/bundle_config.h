// The trust bundle of a domain: `bundle_file`, `bundle_url`, `bundle_max_age_s` and `audience` of
// `trust_domains` (docs/operations/trust-domains.md).
//
// Threading:  one thread.
// Errors:     as YamlMap keeps them; load_bundles: it cannot be read, or has a mistake there.
// Not errors: no such members: the domain has no bundle.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/config/yaml_reader.h"
#include "base/files.h"

namespace pawl {

struct BundleConfig {
  std::string file;  // one of both; neither: there is none
  std::string url;
  std::int64_t max_age_s = 86'400;
  std::vector<std::string> audiences;  // of JWT-SVIDs; empty: none counts

  bool is_given() const { return !file.empty() || !url.empty(); }
};

// The members within one domain; paths as they stand there.
BundleConfig read_bundle_members(YamlMap& domain);

using Bundles = std::map<std::string, BundleConfig, std::less<>>;  // by domain

// Those of a file that load_config() took, paths made absolute.
Result<Bundles> load_bundles(Files& files, const Config& config);

}  // namespace pawl
