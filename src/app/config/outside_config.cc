#include "app/config/outside_config.h"

#include "infrastructure/http/url.h"
#include "infrastructure/identity/safe_url.h"

namespace pawl {
namespace {

constexpr std::size_t kMostPoints = 4, kMaxBytes = 1 << 20;

OutsideConfig read_point(YamlMap& point, const Values& values) {
  OutsideConfig out;
  out.kind = point.one_of("kind", "", {"authzen", "opa"}) == "opa" ? decision::Kind::kOpa
                                                                   : decision::Kind::kAuthzen;
  out.url = values.secret(point, "url");
  out.timeout_ms = point.integer("timeout_ms", out.timeout_ms, 10, 10'000);
  out.arguments = point.boolean("arguments", false);
  for (const auto& [header, value] : point.texts("headers")) {
    out.headers.add(header, values.resolved(point, "headers", value));
  }
  const bool is_unset = out.url.find(kUnsetSecret) != std::string::npos;
  if (!is_unset && !identity::check_safe_url("", out.url)) {
    point.bad("url", "expected a URL of https, or of http on a loopback address");
  }
  return out;
}

Result<OutsidePointsConfig> load(Files& files, const Config& config, const Environment& environment,
                                 bool opens_vault) {
  OutsidePointsConfig out;
  if (config.file.empty()) {
    return out;
  }
  const Result<std::string> text = read_file(files, config.file, kMaxBytes);
  if (!text) {
    return fail(text.error());
  }
  YamlErrors errors{config.file, std::nullopt, {}};
  try {
    Values values(config.directory, environment, files);
    VaultSecrets vault(files, config.data);
    values.use_vault(opens_vault ? &vault : nullptr);
    YamlMap root(load_yaml(*text, errors), "", errors);
    out = read_outside(root, values);
  } catch (const YAML::Exception& wrong) {
    return fail(Code::kMalformed, config.file + ": " + wrong.what());
  }
  return errors.first ? Result<OutsidePointsConfig>(fail(*errors.first)) : std::move(out);
}

}  // namespace

std::string OutsideConfig::name() const {
  const Result<http::Url> parsed = http::parse_url(url);
  return std::string(decision::kind_name(kind)) + ":" +
         (parsed ? (parsed->tls ? "https://" : "http://") + parsed->authority : "(no URL)");
}

OutsidePointsConfig read_outside(YamlMap& root, const Values& values) {
  OutsidePointsConfig out;
  std::optional<YamlMap> policy = root.map("policy");
  if (!policy) {
    return out;
  }
  policy->each_item("outside", [&](YamlMap point) {
    out.push_back(read_point(point, values));
    point.finish();
  });
  if (out.size() > kMostPoints) {
    policy->bad("outside", "expected at most 4");
  }
  policy->finish();
  return out;
}

Result<OutsidePointsConfig> load_outside(Files& files, const Config& config,
                                         const Environment& environment) {
  return load(files, config, environment, true);
}

Result<OutsidePointsConfig> load_outside_without_secrets(Files& files, const Config& config) {
  const Environment nothing = [](const std::string&) {
    return std::optional<std::string>(kUnsetSecret);
  };
  return load(files, config, nothing, false);
}

json::Array shown_outside(const OutsidePointsConfig& points) {
  json::Array out;
  for (const OutsideConfig& point : points) {
    json::Array headers;
    for (const http::Field field : point.headers) {
      headers.emplace_back(std::string(field.name) + "=(secret)");
    }
    json::Object one{{"kind", decision::kind_name(point.kind)},
                     {"url", point.url.substr(0, point.url.find('?'))},
                     {"timeout_ms", point.timeout_ms},
                     {"arguments", point.arguments}};
    one["headers"] = std::move(headers);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace pawl
