#include "app/config/config.h"
#include "app/config/policy_config.h"
#include "base/json_texts.h"

namespace pawl {
namespace {

// Only the names of headers and variables: their values may be credentials.
json::Object show_server(const mcp::ServerConfig& server) {
  json::Object out;
  if (server.url.empty()) {
    out["command"] = server.command.empty() ? "" : server.command.front();
    out["arguments"] = server.command.empty() ? 0 : server.command.size() - 1;
  } else {
    out["url"] = server.url.substr(0, server.url.find('?'));
  }
  json::Array variables;
  for (const auto& [name, value] : server.env) {
    variables.emplace_back(name + "=(secret)");
  }
  out["env"] = std::move(variables);
  out["isolation"] = server.isolation == mcp::Isolation::kShared       ? "shared"
                     : server.isolation == mcp::Isolation::kPerSession ? "per_session"
                                                                       : "per_agent";
  out["max_upstreams"] = server.max_upstreams;
  return out;
}

// A receiver's secret may be in its path.
json::Array shown_webhooks(const ApprovalConfig& approval) {
  json::Array out;
  for (const notify::Webhook& webhook : approval.webhooks) {
    out.push_back(json::Object{{"webhook", webhook.shown()}, {"secret", "(secret)"}});
  }
  return out;
}

}  // namespace

std::string show_config(const Config& config) {
  json::Object servers;
  for (const mcp::ServerConfig& server : config.servers) {
    servers[server.name] = show_server(server);
  }
  json::Object agents;
  for (const AgentConfig& agent : config.agents) {
    agents[agent.id] = json::Object{{"key", agent.key.empty() ? "(none)" : "(secret)"},
                                    {"groups", json::texts(agent.groups)},
                                    {"identities", json::texts(agent.identities)},
                                    {"owner", agent.owner},
                                    {"mode", agent.observe ? "observe" : "enforce"}};
  }
  json::Object out{{"file", config.file},
                   {"listen", config.listen},
                   {"control", config.control},
                   {"override", config.override_listen},
                   {"data", config.data},
                   {"head_file", config.head_file},
                   {"domain", config.domain},
                   {"node", config.node},
                   {"preset", config.preset},
                   {"rule_signatures", demand_name(config.rule_signatures)},
                   {"pseudonyms", config.pseudonyms},
                   {"salted_digests", config.salted_digests},
                   {"log_level", config.log_level},
                   {"mode", config.observe ? "observe" : "enforce"}};
  out["servers"] = std::move(servers);
  out["agents"] = std::move(agents);
  json::Object readers;
  for (const ReaderConfig& reader : config.readers) {
    readers[reader.id] = json::Object{{"key", "(secret)"}};
  }
  out["readers"] = std::move(readers);
  json::Array domains;
  for (const TrustDomainConfig& domain : config.trust_domains) {
    domains.emplace_back(domain.name);
  }
  out["trust_domains"] = std::move(domains);
  out["proofs"] = json::Object{{"urls", json::texts(config.proofs.urls)},
                               {"audiences", json::texts(config.proofs.audiences)},
                               {"max_age_s", config.proofs.max_age_s},
                               {"remembered_proofs", config.proofs.remembered},
                               {"dpop_nonce", config.proofs.dpop_nonce}};
  out["rules"] = json::texts(config.rules);
  out["limits"] = json::Object{{"max_body_bytes", config.limits.max_body_bytes},
                               {"max_unfinished_mib", config.limits.max_unfinished_mib},
                               {"max_connections", config.limits.max_connections},
                               {"connections_per_agent", config.limits.connections_per_agent},
                               {"max_queued_mib", config.limits.max_queued_mib},
                               {"open_calls", config.limits.open_calls},
                               {"open_calls_per_agent", config.limits.open_calls_per_agent},
                               {"call_timeout_s", config.limits.call_timeout_s},
                               {"drain_timeout_s", config.limits.drain_timeout_s},
                               {"reserve_mib", config.limits.reserve_mib},
                               {"kept_body_kib", config.limits.kept_body_kib},
                               {"kept_bodies_mib", config.limits.kept_bodies_mib},
                               {"scrub_mib_per_s", config.limits.scrub_mib_per_s},
                               {"scrub_pause_s", config.limits.scrub_pause_s},
                               {"log_max_mib", config.limits.log_max_mib},
                               {"log_max_days", config.limits.log_max_days},
                               {"segment_mib", config.limits.segment_mib}};
  out["approval"] = json::Object{{"patience_s", config.approval.patience_s},
                                 {"pending_per_agent", config.approval.pending_per_agent},
                                 {"address", config.approval.address}};
  if (!config.approval.webhooks.empty()) {
    out["approval"].as_object()["notify"] = shown_webhooks(config.approval);
  }
  out["retention"] = json::Object{{"records", print_period(config.retention_s)}};
  out["tokens"] =
      json::Object{{"minimum_level", ect::level_name(config.tokens.minimum_level)},
                   {"algorithms", json::texts(config.tokens.algorithms)},
                   {"parents", config.tokens.refuse_unknown_parents ? "refuse" : "partial"},
                   {"cross_workflow", config.tokens.cross_workflow},
                   {"refuse_unapproved", config.tokens.refuse_unapproved},
                   {"cbor", config.tokens.cbor},
                   {"fetch_timeout_s", config.tokens.fetch_timeout_s},
                   {"header_bytes", config.tokens.header_bytes}};
  if (config.policy_tokens.is_given()) {
    out["policy_tokens"] = shown_policy_tokens(config.policy_tokens);
  }
  const std::string& traces = config.telemetry.traces;
  out["telemetry"] = json::Object{{"traces", traces.substr(0, traces.find('?'))},
                                  {"sample", config.telemetry.sample}};
  if (config.witnesses) {
    out["witnesses"] = json::Object{{"policy", config.witnesses->policy_file},
                                    {"required", config.witnesses->is_required},
                                    {"every_s", config.witnesses->every_s},
                                    {"timeout_s", config.witnesses->timeout_s}};
  }
  out["warnings"] = json::texts(config.warnings);
  return json::print(out);
}

}  // namespace pawl
