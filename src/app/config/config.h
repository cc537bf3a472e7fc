// The configuration of one instance: pawl.yaml (design, section 11;
// docs/operations/configuration.md).
//
// Purpose:    read, check and default everything once; a mistake names file, line, column and what
//             was expected.
// Threading:  a plain value after load().
// Privacy:    secrets come from ${VARIABLE}, file:PATH or vault:NAME; they are resolved here, held
// in
//             memory and printed nowhere (config show prints "(secret)").
// Not errors: no rules (everything is denied), no servers, no agents: a daemon for `pawl wrap`.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/config/sign_in_config.h"
#include "base/files.h"
#include "base/result.h"
#include "foundation/ect/ect_level.h"
#include "governance/policy/signature_demand.h"
#include "infrastructure/notify/webhook.h"
#include "infrastructure/upstream/servers.h"

namespace pawl {

struct AgentConfig {
  std::string id;
  std::string key;  // resolved; empty: keystore or another credential
  std::vector<std::string> groups;
  std::vector<std::string> identities;  // workloads that are this agent
  std::string owner;                    // operator, who may not approve its calls
  bool observe = false;
};

struct JwtIssuerConfig {
  std::string issuer;
  std::vector<std::string> audiences;
  std::vector<std::string> algorithms;
  std::string jwks_file;  // one of both
  std::string jwks_url;
  std::string agent_claim;
  std::string groups_claim;
  std::string on_behalf_of_claim;  // the person the agent acts for; empty: not read
  bool must_be_bound = false;      // dpop: required
};

struct TrustDomainConfig {  // whose workloads may be agents (identity_config.h)
  std::string name;
  std::string jwks_file;  // one of both
  std::string jwks_url;
  std::vector<std::string> algorithms;  // empty: ES256
};

// What is asked of proofs of possession (identity_config.h; docs/operations/stolen-tokens.md).
struct ProofsConfig {
  std::vector<std::string> urls;       // of this gateway; empty: as the Host field says
  std::vector<std::string> audiences;  // further names of it
  std::int64_t max_age_s = 300;
  std::int64_t remembered = 1 << 20;
  bool dpop_nonce = false;
};

struct TrustedTokens {  // issuers whose ECTs may become parents
  std::string issuer;
  std::string jwks_file;  // one of both
  std::string jwks_url;
  std::string tokens_url;  // with {jti}: where its tokens are fetched; empty: they are not
};

// What is asked of the ECTs that come with a call (token_config.h; docs/formats/ect.md).
struct TokensConfig {
  ect::Level minimum_level = ect::Level::kL2;
  std::vector<std::string> algorithms = {"ES256"};
  bool refuse_unknown_parents = false;  // parents: refuse
  bool cross_workflow = false;
  bool refuse_unapproved = false;
  bool cbor = false;                 // tokens in CBOR form count, too (docs/formats/ect_cbor.md)
  std::int64_t fetch_timeout_s = 2;  // of all parents that are fetched for one call
  std::int64_t header_bytes = 8192;  // of all Execution-Context fields of one message
};

// Whose policy tokens count, and who may not act without one (policy_config.h).
struct PolicyTokensConfig {
  struct Signer {
    std::string name;       // `iss` of what it signs
    std::string jwks_file;  // one of both
    std::string jwks_url;
  };
  std::vector<Signer> issuers;        // who may begin a chain
  std::vector<Signer> holders;        // who may hand a token on
  std::vector<std::string> required;  // "agent:ID", "group:NAME", "all"

  bool is_given() const { return !issuers.empty() || !holders.empty() || !required.empty(); }
  bool is_required_of(const std::string& agent, const std::vector<std::string>& groups) const;
};

struct TlsConfig {
  std::string certificate_file, key_file, client_ca_file;
  bool require_client_certificate = false;
};

struct LimitsConfig {
  std::int64_t max_body_bytes = 4 << 20;
  std::int64_t max_unfinished_mib = 64;  // of request bodies that are not complete
  std::int64_t max_connections = 1024;
  std::int64_t connections_per_agent = 512;  // with an answer under way
  std::int64_t max_queued_mib = 128;         // of all that waits for readers or is kept for them
  std::int64_t open_calls = 4096;
  std::int64_t open_calls_per_agent = 256;
  std::int64_t call_timeout_s = 300;
  std::int64_t drain_timeout_s = 10;
  std::int64_t reserve_mib = 64;       // low-space watermark
  std::int64_t kept_body_kib = 256;    // of one body that does not fit into its record
  std::int64_t kept_bodies_mib = 256;  // of all; 0: none is kept
  std::int64_t scrub_mib_per_s = 4;    // background scrub; 0: only when asked
  std::int64_t scrub_pause_s = 600;    // between two passes
  std::int64_t log_max_mib = 0;        // then a new log begins; 0: never
  std::int64_t log_max_days = 0;       // likewise
  std::int64_t segment_mib = 0;        // of a segment, which is pruned whole; 0: 16
};

// Started as root: become `user`, and start servers as `child_user` (names or numbers).
struct ServiceConfig {
  std::string user;
  std::string child_user;
};

// Traces to an OTLP/HTTP receiver; nothing is sent anywhere without it (telemetry_config.h).
struct TelemetryConfig {
  std::string traces;     // URL; empty: off
  http::Headers headers;  // credentials of the receiver, resolved
  double sample = 1.0;    // share of the traces that begin here
};

// Who may read the entries of our log (reader_config.h).
struct ReaderConfig {
  std::string id;
  std::string key;  // resolved
};

// Who must have seen our log (witness_config.h).
struct WitnessConfig {
  std::string policy_file;   // C2SP tlog-policy, with URLs
  bool is_required = false;  // receipts speak of checkpoints that meet it, and of no others
  std::int64_t every_s = 60;
  std::int64_t timeout_s = 10;  // of one request
};

// How calls wait for people (docs/operations/approve-a-call.md).
struct ApprovalConfig {
  std::int64_t patience_s = 45;           // a caller waits so long for its answer
  std::int64_t pending_per_agent = 16;    // approvals of one agent that nobody decided yet
  std::string address;                    // URL where people decide; empty: by command
  std::vector<notify::Webhook> webhooks;  // that are told what waits
};

struct Config {
  std::string file;       // as given; empty: defaults only
  std::string directory;  // relative paths start here
  std::string listen = "127.0.0.1:7700";
  std::string control = "127.0.0.1:7701";
  std::string override_listen;  // default: control, one port up
  std::string data = "./pawl-data";
  std::string head_file;  // outside `data`: keeps the newest checkpoint; empty: none
  std::string domain = "localhost";
  std::string node = "gw1";
  std::string preset = "standard";
  // As `preset` says where it is written; where it is not, the first signed set decides.
  SignatureDemand rule_signatures = SignatureDemand::kOnceSigned;
  bool pseudonyms = false;                  // for people in records; preset regulated: true
  bool salted_digests = false;              // of what calls say, in records; preset regulated: true
  std::int64_t retention_s = 400 * 86'400;  // of records, as `preset` says; 0: for ever
  bool observe = false;                     // mode: observe
  std::vector<mcp::ServerConfig> servers;
  std::map<std::string, bool> observed_servers;
  std::vector<AgentConfig> agents;
  std::vector<ReaderConfig> readers;
  std::string local_agent = "local";  // agent of this user's own wrap shims
  std::vector<std::string> rules;     // files, resolved in order
  std::vector<JwtIssuerConfig> issuers;
  std::vector<TrustDomainConfig> trust_domains;
  ProofsConfig proofs;
  std::vector<TrustedTokens> trusted_tokens;
  TokensConfig tokens;
  PolicyTokensConfig policy_tokens;
  std::optional<TlsConfig> tls;
  std::optional<ServiceConfig> service;
  std::vector<std::string> allowed_hosts, allowed_origins;
  bool allow_remote_without_tls = false;
  LimitsConfig limits;
  ApprovalConfig approval;
  TelemetryConfig telemetry;
  std::optional<WitnessConfig> witnesses;
  std::optional<SignInConfig> sign_in;
  std::string log_level = "info";
  std::vector<std::string> warnings;               // for example: an unpinned npx
  std::map<std::string, std::string> vault_names;  // secrets of the vault in use: name -> member
  // Where each member that was given stands: "agents.triage.key" -> "pawl.yaml:12:20".
  std::map<std::string, std::string> places;
};

// Stands for a secret where a command only looks (configuration_without_secrets).
inline constexpr const char* kUnsetSecret = "(not set)";

// "pawl.yaml:12:20" of a member, or of what its default is taken from; at least the file.
std::string place_in(const Config& config, const std::string& member);
// "pawl.yaml:12:20: MEMBER: what" for what is found after reading (app/daemon/start_check.h).
tl::unexpected<Error> wrong_in(const Config& config, const std::string& member, const Error& what);

// Reads and checks `path`. `environment` resolves ${NAME}.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
struct LoadOptions {
  std::string data;         // instead of the configuration's; empty: that
  bool opens_vault = true;  // false: vault:NAME stands for kUnsetSecret
};
Result<Config> load_config(Files& files, const std::string& path, const Environment& environment,
                           const LoadOptions& options = {});
// Only `data`, `domain` and `node`, for commands that stop and look: they must work while the rest
// of the file, or a file that it names, is broken. Errors: it cannot be read, or is no YAML map.
Result<Config> load_place(Files& files, const std::string& path);
// Only `witnesses`, likewise. nullopt: no such member.
Result<std::optional<WitnessConfig>> load_witnesses(Files& files, const std::string& path);
// Without a file: loopback, `data` as given.
Config default_config(const std::string& data);
// Values as they are in force, secrets left out; JSON text.
std::string show_config(const Config& config);

// A time that records are kept: "400d", "forever" (0); 1s to 100 years, in s, m, h or d.
std::optional<std::int64_t> parse_period(std::string_view text);
std::string print_period(std::int64_t seconds);

// "127.0.0.1:7701" -> "127.0.0.1:7702"; port 0 stays 0.
std::string one_port_up(const std::string& address);
bool is_loopback(const std::string& address);

}  // namespace pawl
