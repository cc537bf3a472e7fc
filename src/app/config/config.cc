#include "app/config/config.h"

#include <glob.h>

#include <algorithm>
#include <charconv>

#include "app/config/approval_config.h"
#include "app/config/config_values.h"
#include "app/config/identity_config.h"
#include "app/config/key_config.h"
#include "app/config/outside_config.h"
#include "app/config/policy_config.h"
#include "app/config/reader_config.h"
#include "app/config/sign_in_config.h"
#include "app/config/telemetry_config.h"
#include "app/config/token_config.h"
#include "app/config/witness_config.h"
#include "app/config/yaml_reader.h"
#include "infrastructure/http/url.h"
#include "path/caller.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxConfigBytes = 1 << 20;

mcp::Isolation isolation_of(const std::string& name) {
  return name == "shared"        ? mcp::Isolation::kShared
         : name == "per_session" ? mcp::Isolation::kPerSession
                                 : mcp::Isolation::kPerAgent;
}

mcp::ToolPolicy read_tool(YamlMap& tool) {
  mcp::ToolPolicy out;
  out.read_only = tool.one_of("effects", "changing", {"changing", "read_only"}) == "read_only";
  out.idempotent = tool.boolean("idempotent", false);
  out.reads = tool.list("reads");
  out.writes = tool.list("writes");
  tool.finish();
  return out;
}

// An npx without a version runs whatever the registry serves today.
bool unpinned_npx(const std::vector<std::string>& command) {
  if (command.empty() || !command.front().ends_with("npx")) {
    return false;
  }
  for (std::size_t i = 1; i < command.size(); ++i) {
    if (!command[i].starts_with("-")) {
      return command[i].find('@', 1) == std::string::npos;
    }
  }
  return false;
}

mcp::ServerConfig read_server(const std::string& name, YamlMap& server, const Values& values,
                              Config& config) {
  mcp::ServerConfig out;
  out.name = name;
  if (!is_server_name(name)) {
    server.bad("command", "a server's name is 1 to 63 of a-z, 0-9 and -");
  }
  out.url = values.secret(server, "url");
  out.command = server.list("command");
  if (out.url.empty() == out.command.empty()) {
    server.bad("url", "expected either url or command");
  }
  const bool known_url = !out.url.empty() && out.url.find(kUnsetSecret) == std::string::npos;
  if (const auto url = known_url ? http::parse_url(out.url) : Result<http::Url>(); !url) {
    server.bad("url", "expected http://... or https://... without user, fragment or blanks");
  }
  for (std::string& word : out.command) {
    word = values.argument(server, "command", word);
  }
  for (const auto& [header, value] : server.texts("headers")) {
    out.headers.add(header, values.resolved(server, "headers", value));
  }
  for (const auto& [variable, value] : server.texts("env")) {
    out.env[variable] = values.resolved(server, "env", value);
  }
  out.ca_file = values.path(server.text("ca_file"));
  out.cwd = values.path(server.text("cwd", "."));
  out.isolation =
      isolation_of(server.one_of("isolation", "per_agent", {"per_agent", "per_session", "shared"}));
  out.max_upstreams = static_cast<std::size_t>(server.integer("max_upstreams", 64, 1, 10'000));
  out.idle_timeout = std::chrono::seconds(server.integer("idle_timeout_s", 600, 1, 86'400));
  out.start_timeout = std::chrono::seconds(server.integer("start_timeout_s", 30, 1, 600));
  out.call_timeout = std::chrono::seconds(
      server.integer("call_timeout_s", config.limits.call_timeout_s, 1, 86'400));
  server.each("tools",
              [&](const std::string& tool, YamlMap value) { out.tools[tool] = read_tool(value); });
  if (server.one_of("mode", "enforce", {"enforce", "observe"}) == "observe") {
    config.observed_servers[name] = true;
  }
  if (unpinned_npx(out.command)) {
    config.warnings.push_back("server \"" + name +
                              "\": npx without a version runs whatever is newest; pin it");
  }
  server.finish();
  return out;
}

void read_listener(YamlMap& root, const Values& values, Config& config) {
  config.listen = root.text("listen", config.listen);
  config.control = root.text("control", config.control);
  config.override_listen = root.text("override", one_port_up(config.control));
  for (const auto& [name, value] : {std::pair{"listen", config.listen},
                                    {"control", config.control},
                                    {"override", config.override_listen}}) {
    if (!is_address(value)) {
      root.bad(name, "expected HOST:PORT, for example 127.0.0.1:7700");
    }
  }
  if (std::optional<YamlMap> tls = root.map("tls")) {
    TlsConfig out;
    out.certificate_file = values.path(tls->text("certificate"));
    out.key_file = values.path(tls->text("key"));
    out.client_ca_file = values.path(tls->text("client_ca"));
    out.require_client_certificate = tls->boolean("require_client_certificate", false);
    if (out.certificate_file.empty() || out.key_file.empty()) {
      tls->bad("certificate", "expected certificate and key");
    }
    tls->finish();
    config.tls = std::move(out);
  }
  config.allowed_hosts = root.list("allowed_hosts");
  config.allowed_origins = root.list("allowed_origins");
  config.allow_remote_without_tls = root.boolean("allow_remote_without_tls", false);
}

void read_service(YamlMap& root, Config& config) {
  std::optional<YamlMap> service = root.map("service");
  if (!service) {
    return;
  }
  ServiceConfig out{service->text("user"), service->text("child_user")};
  if (out.user.empty() || out.child_user.empty() || out.user == out.child_user) {
    service->bad("user", "expected user and child_user, two different users");
  }
  service->finish();
  config.service = std::move(out);
}

void read_limits(YamlMap& root, Config& config) {
  std::optional<YamlMap> limits = root.map("limits");
  if (!limits) {
    return;
  }
  LimitsConfig& out = config.limits;
  out.max_body_bytes = limits->integer("max_body_bytes", out.max_body_bytes, 1024, 256 << 20);
  out.max_unfinished_mib =
      limits->integer("max_unfinished_mib", out.max_unfinished_mib, 1, 1 << 20);
  out.max_connections = limits->integer("max_connections", out.max_connections, 1, 1'000'000);
  out.connections_per_agent = limits->integer(
      "connections_per_agent", std::max<std::int64_t>(1, out.max_connections / 2), 1, 1'000'000);
  out.max_queued_mib = limits->integer("max_queued_mib", out.max_queued_mib, 1, 1 << 20);
  out.open_calls = limits->integer("open_calls", out.open_calls, 1, 1'000'000);
  out.open_calls_per_agent =
      limits->integer("open_calls_per_agent", out.open_calls_per_agent, 1, 1'000'000);
  out.call_timeout_s = limits->integer("call_timeout_s", out.call_timeout_s, 1, 86'400);
  out.drain_timeout_s = limits->integer("drain_timeout_s", out.drain_timeout_s, 0, 3'600);
  out.reserve_mib = limits->integer("reserve_mib", out.reserve_mib, 0, 1 << 20);
  out.kept_body_kib = limits->integer("kept_body_kib", out.kept_body_kib, 4, 16'000);
  out.kept_bodies_mib = limits->integer("kept_bodies_mib", out.kept_bodies_mib, 0, 1 << 20);
  out.scrub_mib_per_s = limits->integer("scrub_mib_per_s", out.scrub_mib_per_s, 0, 10'000);
  out.scrub_pause_s = limits->integer("scrub_pause_s", out.scrub_pause_s, 1, 86'400);
  out.log_max_mib = limits->integer("log_max_mib", out.log_max_mib, 0, 1 << 30);
  out.log_max_days = limits->integer("log_max_days", out.log_max_days, 0, 36'500);
  out.segment_mib = limits->integer("segment_mib", out.segment_mib, 0, 1024);
  limits->finish();
}

// The written retention of records: `pawl ledger prune` deletes none that is younger.
void read_retention(YamlMap& root, Config& config) {
  const std::string by_preset = config.preset == "relaxed"     ? "90d"
                                : config.preset == "regulated" ? "3653d"
                                                               : "400d";
  std::string period = by_preset;
  std::optional<YamlMap> retention = root.map("retention");
  if (retention) {
    period = retention->text("records", by_preset);
  }
  const std::optional<std::int64_t> seconds = parse_period(period);
  if (!seconds) {
    retention->bad("records", "expected a time like 400d, 12h, 30m or 10s, or forever");
  }
  config.retention_s = seconds.value_or(0);
  if (retention) {
    retention->finish();
  }
}

// Patterns give their matches in name order; a plain name must exist.
void read_rules(YamlMap& root, const Values& values, Config& config) {
  for (const std::string& pattern : root.list("rules")) {
    const std::string full = values.path(pattern);
    glob_t found{};
    const int status = glob(full.c_str(), GLOB_NOSORT, nullptr, &found);
    std::vector<std::string> names(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    globfree(&found);
    std::sort(names.begin(), names.end());
    if (status != 0 && full.find_first_of("*?[") == std::string::npos) {
      root.bad("rules", "no file \"" + pattern + "\"");
    }
    config.rules.insert(config.rules.end(), names.begin(), names.end());
  }
}

// From `standard` on sets are signed; a file that names no preset was written before that was so.
void read_signatures(YamlMap& root, Config& config, bool names_preset) {
  const SignatureDemand by_preset = config.preset == "relaxed" ? SignatureDemand::kOptional
                                    : names_preset             ? SignatureDemand::kRequired
                                                               : SignatureDemand::kOnceSigned;
  const std::string word = root.one_of("rule_signatures", std::string(demand_name(by_preset)),
                                       {kSignatureDemands.begin(), kSignatureDemands.end()});
  const auto at = std::find(kSignatureDemands.begin(), kSignatureDemands.end(), word);
  config.rule_signatures = at == kSignatureDemands.end()
                               ? by_preset
                               : static_cast<SignatureDemand>(at - kSignatureDemands.begin());
}

void read_root(YamlMap& root, Values& values, Config& config, const LoadOptions& options,
               Files& files, const Environment& environment) {
  read_listener(root, values, config);
  config.data = values.path(root.text("data", config.data));
  config.data = options.data.empty() ? config.data : options.data;
  VaultSecrets vault(files, config.data);
  values.use_vault(options.opens_vault ? &vault : nullptr);
  config.head_file = values.path(root.text("head_file"));
  if (config.head_file.starts_with(config.data + "/")) {
    root.bad("head_file", "expected a file outside of data, so that a restored backup is noticed");
  }
  config.domain = root.text("domain", config.domain);
  config.node = root.text("node", config.node);
  config.preset = root.one_of("preset", config.preset, {"relaxed", "standard", "regulated"});
  read_signatures(root, config, root.has("preset"));
  const bool is_regulated = config.preset == "regulated";
  config.pseudonyms = root.boolean("pseudonyms", is_regulated);
  config.salted_digests = root.boolean("salted_digests", is_regulated);
  read_retention(root, config);
  config.observe = root.one_of("mode", "enforce", {"enforce", "observe"}) == "observe";
  config.log_level = root.one_of("log_level", config.log_level, {"debug", "info", "warn", "error"});
  config.local_agent = root.text("local_agent", config.local_agent);
  if (!is_domain(config.domain)) {
    root.bad("domain", "expected a trust domain: lower-case letters, digits, dots, - and _");
  }
  if (!is_agent_id(config.node)) {
    root.bad("node", "expected 1 to 128 of A-Z a-z 0-9 . _ -");
  }
  read_limits(root, config);
  read_approval(root, values, config);
  root.each("servers", [&](const std::string& name, YamlMap server) {
    config.servers.push_back(read_server(name, server, values, config));
  });
  read_identities(root, values, config);
  read_readers(root, values, config);
  read_tokens(root, values, config);
  read_policy_tokens(root, values, config);
  static_cast<void>(read_outside(root, values));
  read_rules(root, values, config);
  read_service(root, config);
  read_telemetry(root, values, config);
  read_witnesses(root, values, config);
  read_sign_in(root, values, config);
  static_cast<void>(read_keys(root, values, environment));
  values.use_vault(nullptr);
  config.vault_names = vault.used();
  root.finish();
}

tl::unexpected<Error> malformed(const std::string& path, const YAML::Exception& wrong) {
  return fail(Code::kMalformed, path + ":" + std::to_string(wrong.mark.line + 1) + ":" +
                                    std::to_string(wrong.mark.column + 1) + ": " + wrong.msg);
}

}  // namespace

Result<Config> load_config(Files& files, const std::string& path, const Environment& environment,
                           const LoadOptions& options) {
  const Result<std::string> text = read_file(files, path, kMaxConfigBytes);
  if (!text) {
    return fail(text.error());
  }
  Config config;
  config.file = path;
  config.directory = directory_of(path);
  YamlErrors errors{path, std::nullopt, {}};
  try {
    Values values(config.directory, environment, files);
    YamlMap root(load_yaml(*text, errors), "", errors);
    read_root(root, values, config, options, files, environment);
  } catch (const YAML::Exception& wrong) {
    return malformed(path, wrong);
  }
  if (errors.first) {
    return fail(*errors.first);
  }
  config.places = std::move(errors.places);
  return config;
}

namespace {

// One member of the file, whatever stands beside it.
Result<Config> load_part(Files& files, const std::string& path,
                         const std::function<void(YamlMap& root, Config& config)>& read) {
  const Result<std::string> text = read_file(files, path, kMaxConfigBytes);
  if (!text) {
    return fail(text.error());
  }
  Config config;
  YamlErrors errors{path, std::nullopt, {}};
  try {
    YamlMap root(load_yaml(*text, errors), "", errors);
    read(root, config);
  } catch (const YAML::Exception& wrong) {
    return malformed(path, wrong);
  }
  if (errors.first) {
    return fail(*errors.first);
  }
  return config;
}

}  // namespace

Result<Config> load_place(Files& files, const std::string& path) {
  return load_part(files, path, [&](YamlMap& root, Config& config) {
    const Environment nothing;  // a path takes no variables
    const Values values(directory_of(path), nothing, files);
    config.data = values.path(root.text("data", config.data));
    config.domain = root.text("domain", config.domain);
    config.node = root.text("node", config.node);
  });
}

Result<std::optional<WitnessConfig>> load_witnesses(Files& files, const std::string& path) {
  Result<Config> config = load_part(files, path, [&](YamlMap& root, Config& out) {
    const Environment nothing;
    read_witnesses(root, Values(directory_of(path), nothing, files), out);
  });
  return config ? Result<std::optional<WitnessConfig>>(config->witnesses) : fail(config.error());
}

Result<KeySources> load_keys(Files& files, const std::string& path,
                             const Environment& environment) {
  KeySources out;
  const Result<Config> read = load_part(files, path, [&](YamlMap& root, Config&) {
    out = read_keys(root, Values(directory_of(path), environment, files), environment);
  });
  return read ? Result<KeySources>(std::move(out)) : fail(read.error());
}

std::string place_in(const Config& config, const std::string& member) {
  const auto found = config.places.find(member);
  if (found != config.places.end()) {
    return found->second;
  }
  const std::size_t dot = member.rfind('.');
  if (dot != std::string::npos) {
    return place_in(config, member.substr(0, dot));
  }
  if (member == "override") {
    return place_in(config, "control");  // one port above it
  }
  return config.file.empty() ? "(defaults)" : config.file;
}

tl::unexpected<Error> wrong_in(const Config& config, const std::string& member, const Error& what) {
  return fail_at(place_in(config, member) + ": " + member, what);
}

Config default_config(const std::string& data) {
  Config config;
  config.data = data;
  config.override_listen = one_port_up(config.control);
  return config;
}

}  // namespace pawl
