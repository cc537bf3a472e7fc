#include "infrastructure/mcp/request_state.h"

#include <boost/json/object.hpp>

#include "base/encoding.h"
#include "base/limit_stat.h"
#include "foundation/crypto/aead.h"
#include "foundation/crypto/sha256.h"
#include "infrastructure/mcp/meta.h"
#include "path/plugged.h"

namespace pawl::mcp {
namespace {

constexpr std::string_view kBound = "pawl requestState v1";
constexpr std::string_view kState = "requestState";
constexpr std::string_view kResponses = "inputResponses";
// Base64url of the largest upstream state, its escapes and our own members.
constexpr std::size_t kMaxSealedBytes = 10 * RequestStates::kMaxUpstreamBytes;

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(Code::kInvalidParams, std::string("requestState ").append(why));
}

std::string member_text(const json::Value& value, std::string_view key) {
  return std::string(json::find_string(value, {key}).value_or(""));
}

// In the order in which a reader wants to know: who, where, what.
Status check_binding(const json::Value& state, const StateBinding& binding) {
  const struct {
    std::string_view key;
    const std::string& expected;
    std::string_view why;
  } bound[] = {
      {"agent", binding.agent, "was given to another caller"},
      {"server", binding.server, "belongs to another server"},
      {"method", binding.method, "belongs to another method"},
      {"name", binding.name, "belongs to another tool, prompt or resource"},
      {"params", binding.params_digest, "belongs to a call with other parameters"},
  };
  for (const auto& b : bound) {
    if (member_text(state, b.key) != b.expected) {
      return refuse(b.why);
    }
  }
  return {};
}

LimitStat input_rounds("input_rounds");

}  // namespace

std::string params_digest(const jsonrpc::Message& message) {
  json::Object rest;
  const json::Value* params = message.params_value();
  if (params != nullptr && params->is_object()) {
    rest = params->get_object();
  }
  for (std::string_view key : {kMeta, kState, kResponses}) {
    rest.erase(key);
  }
  return digest_text(sha256(json::canonical(json::Value(std::move(rest)))));
}

RequestStates::RequestStates(std::string key, Uuid epoch, Random& random, std::int64_t life_us)
    : key_(std::move(key)), epoch_(epoch), random_(random), life_us_(life_us) {}

Result<std::string> RequestStates::seal(const StateBinding& binding,
                                        std::optional<std::string_view> upstream,
                                        const Uuid& record, WallTime now) const {
  if (upstream && upstream->size() > kMaxUpstreamBytes) {
    return fail(Code::kTooLarge, "the server's requestState is over " +
                                     std::to_string(kMaxUpstreamBytes) + " bytes");
  }
  json::Object state;
  state["epoch"] = epoch_.text();
  state["nonce"] = Uuid::v7(now, random_).text();
  state["record"] = record.text();
  state["expires"] = now.us + life_us_;
  state["agent"] = binding.agent;
  state["server"] = binding.server;
  state["method"] = binding.method;
  state["name"] = binding.name;
  state["params"] = binding.params_digest;
  if (upstream) {
    state["upstream"] = *upstream;
  }
  const std::string plain = json::print(json::Value(std::move(state)));
  return base64url_encode(plugged(ControlId::kStateSeal) ? aead_seal(key_, kBound, plain, random_)
                                                         : plain);
}

Result<OpenedState> RequestStates::open(const StateBinding& binding, std::string_view text,
                                        WallTime now) const {
  constexpr std::string_view kForeign =
      "was not issued by this gateway, was changed, or is from before its last start";
  if (text.size() > kMaxSealedBytes) {
    return refuse(kForeign);
  }
  const Result<std::string> sealed = base64url_decode(text);
  const Result<std::string> plain =
      sealed && plugged(ControlId::kStateSeal) ? aead_open(key_, kBound, *sealed) : sealed;
  const Result<json::Parsed> state =
      plain ? json::parse(*plain) : Result<json::Parsed>(fail(plain.error()));
  if (!state || member_text(state->value, "epoch") != epoch_.text()) {
    return refuse(kForeign);
  }
  if (Status bound = check_binding(state->value, binding);
      !bound && plugged(ControlId::kStateBinding)) {
    return fail(bound.error());
  }
  const json::Value* expires = json::find(state->value, {"expires"});
  const Result<Uuid> nonce = Uuid::parse(member_text(state->value, "nonce"));
  const Result<Uuid> record = Uuid::parse(member_text(state->value, "record"));
  if (expires == nullptr || !expires->is_int64() || !nonce || !record) {
    return refuse(kForeign);
  }
  OpenedState out;
  out.expires = WallTime{expires->get_int64()};
  out.nonce = *nonce;
  out.record = *record;
  if (now >= out.expires && plugged(ControlId::kStateExpiry)) {
    return refuse("has expired");
  }
  if (const auto upstream = json::find_string(state->value, {"upstream"})) {
    out.upstream = std::string(*upstream);
  }
  return out;
}

Status RequestStateLedger::unused(const Uuid& nonce) const {
  const MutexLock lock(mutex_);
  return used_.contains(nonce) && plugged(ControlId::kStateOnce) ? Status(refuse("was used before"))
                                                                 : Status();
}

Status RequestStateLedger::redeem(const Uuid& nonce, WallTime expires, WallTime now) {
  const MutexLock lock(mutex_);
  while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) {
    used_.erase(by_expiry_.begin()->second);
    by_expiry_.erase(by_expiry_.begin());
  }
  if (expires <= now && plugged(ControlId::kStateExpiry)) {
    return refuse("has expired");
  }
  if (used_.contains(nonce) && plugged(ControlId::kStateOnce)) {
    return refuse("was used before");
  }
  if (used_.size() >= max_used_) {
    input_rounds.reached();
    return fail(Code::kOverloaded, "too many open input rounds; repeat the call later");
  }
  used_.insert(nonce);
  by_expiry_.emplace(expires, nonce);
  return {};
}

std::size_t RequestStateLedger::used() const {
  const MutexLock lock(mutex_);
  return used_.size();
}

Result<std::optional<std::string>> request_state_of(const jsonrpc::Message& message) {
  const json::Value* params = message.params_value();
  const json::Value* state = params ? json::find(*params, {kState}) : nullptr;
  if (state == nullptr) {
    return std::nullopt;
  }
  if (!state->is_string()) {
    return refuse("must be a string");
  }
  return std::string(state->get_string());
}

Result<jsonrpc::Message> with_upstream_state(const jsonrpc::Message& message,
                                             const std::optional<std::string>& upstream) {
  if (!message.params) {
    return message;
  }
  if (upstream) {
    return jsonrpc::decode(
        json::with_member(message.text, *message.params, kState, json::quote(*upstream)));
  }
  return jsonrpc::decode(
      jsonrpc::with_params(message, json::without_member(message.text, *message.params, kState)));
}

}  // namespace pawl::mcp
