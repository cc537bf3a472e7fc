#include "app/config/bundle_config.h"

#include <utility>

#include "app/config/config_values.h"

namespace pawl {
namespace {

constexpr std::int64_t kLeastAge = 60, kMostAge = 30 * 86'400;

}  // namespace

BundleConfig read_bundle_members(YamlMap& domain) {
  BundleConfig out;
  out.file = domain.text("bundle_file");
  out.url = domain.text("bundle_url");
  out.max_age_s = domain.integer("bundle_max_age_s", out.max_age_s, kLeastAge, kMostAge);
  out.audiences = domain.list("audience");
  if (!out.file.empty() && !out.url.empty()) {
    domain.bad("bundle_file", "expected one of bundle_file and bundle_url");
  }
  if (!out.audiences.empty() && !out.is_given()) {
    domain.bad("audience", "JWT-SVIDs are proven by a bundle: expected bundle_file or bundle_url");
  }
  return out;
}

Result<Bundles> load_bundles(Files& files, const Config& config) {
  constexpr std::size_t kMaxBytes = 1 << 20;
  Bundles out;
  if (config.file.empty() || config.trust_domains.empty()) {
    return out;
  }
  const Result<std::string> text = read_file(files, config.file, kMaxBytes);
  if (!text) {
    return fail(text.error());
  }
  const Environment no_environment = [](const std::string&) { return std::nullopt; };
  const Values values(config.directory, no_environment, files);
  YamlErrors errors{config.file, std::nullopt, {}};
  try {
    YamlMap root(load_yaml(*text, errors), "", errors);
    root.each("trust_domains", [&](const std::string& name, YamlMap domain) {
      BundleConfig bundle = read_bundle_members(domain);
      bundle.file = values.path(bundle.file);
      out.insert_or_assign(name, std::move(bundle));
    });
  } catch (const YAML::Exception& wrong) {
    return fail(Code::kMalformed, config.file + ": " + wrong.what());
  }
  if (errors.first) {
    return fail(*errors.first);
  }
  return out;
}

}  // namespace pawl
