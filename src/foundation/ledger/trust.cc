#include <algorithm>
#include <boost/json/array.hpp>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/verify.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kFormat = "pawl.trust/1";
constexpr std::string_view kFamily = "pawl.trust/";

json::Object print_keys(const jose::JwkSet& set) {
  json::Array keys;
  for (const auto& [kid, key] : set.keys()) {
    // What the library printed itself parses.
    json::Object jwk = json::parse(key.to_jwk())->value.get_object();
    jwk["kid"] = kid;
    keys.push_back(std::move(jwk));
  }
  return {{"keys", std::move(keys)}};
}

Result<jose::JwkSet> parse_keys(const json::Value& trust, std::string_view name) {
  const json::Value* keys = json::find(trust, {name});
  if (keys == nullptr) {
    return fail(Code::kMalformed, "trust: member " + std::string(name) + " is missing");
  }
  Result<jose::JwkSet> set = jose::JwkSet::parse(json::print(*keys));
  return set ? std::move(set)
             : Result<jose::JwkSet>(fail_at("trust: " + std::string(name), set.error()));
}

Status parse_parties(const json::Value& value, Trust& trust) {
  const json::Value* parties = json::find(value, {"relying_parties"});
  if (parties == nullptr) {
    return {};
  }
  constexpr const char* kExpected =
      "trust: relying_parties has {id, origin}, origin with that host";
  if (!parties->is_array()) {
    return fail(Code::kMalformed, kExpected);
  }
  for (const json::Value& one : parties->get_array()) {
    const Result<RelyingParty> party =
        relying_party_at(json::find_string(one, {"origin"}).value_or(""));
    if (!party || json::find_string(one, {"id"}) != party->id) {
      return fail(Code::kMalformed, kExpected);
    }
    trust.relying_parties.push_back(*party);
  }
  return {};
}

Status parse_pin(const json::Value& value, Trust& trust) {
  const json::Value* pinned = json::find(value, {"pinned"});
  if (pinned == nullptr) {
    return {};
  }
  const json::Value* size = json::find(*pinned, {"size"});
  const auto root = json::find_string(*pinned, {"root"});
  if (size == nullptr || !size->is_int64() || size->get_int64() < 0 || !root ||
      !parse_digest(*root)) {
    return fail(Code::kMalformed, "trust: pinned has a size and a root (base64 of 32 bytes)");
  }
  trust.pinned_size = static_cast<std::uint64_t>(size->get_int64());
  trust.pinned_root = *root;
  if (const json::Value* at = json::find(*pinned, {"at"}); at != nullptr) {
    if (!at->is_int64() || at->get_int64() < 0) {
      return fail(Code::kMalformed, "trust: pinned.at is a time in seconds");
    }
    trust.pinned_at_s = at->get_int64();
  }
  if (const json::Value* note = json::find(*pinned, {"note"}); note != nullptr) {
    trust.pinned_note = json::find_string(*pinned, {"note"}).value_or("");
    const Result<TreeHead> head = read_checkpoint(trust.pinned_note);
    if (!head || head->size != trust.pinned_size || head->root != *parse_digest(*root)) {
      return fail(Code::kMalformed, "trust: pinned.note is the checkpoint of that size and root");
    }
  }
  return {};
}

}  // namespace

Result<RelyingParty> relying_party_at(std::string_view origin) {
  constexpr std::string_view kSchemes[] = {"https://", "http://"};
  for (const std::string_view scheme : kSchemes) {
    const std::string_view host = origin.substr(std::min(scheme.size(), origin.size()));
    const std::string_view name = host.substr(0, host.find(':'));
    const bool is_bare = host.find_first_of("/?#@ ") == host.npos;
    if (origin.starts_with(scheme) && is_bare && !name.empty()) {
      return RelyingParty{std::string(name), std::string(origin)};
    }
  }
  return fail(Code::kInvalidParams,
              "\"" + std::string(origin) + "\": expected an origin, as https://pawl.example.org");
}

Result<Trust> parse_trust(std::string_view text) {
  Result<json::Parsed> parsed = json::parse(text);
  if (!parsed) {
    return fail_at("trust", parsed.error());
  }
  const json::Value& value = parsed->value;
  const auto format = json::find_string(value, {"format"});
  if (format != kFormat) {
    const bool newer = format && format->starts_with(kFamily);
    return fail(newer ? Code::kUnsupported : Code::kMalformed,
                "trust: member format is not pawl.trust/1");
  }
  Trust trust;
  trust.log_vkey = json::find_string(value, {"log"}).value_or("");
  if (Result<VerifierKey> key = VerifierKey::parse(trust.log_vkey); !key) {
    return fail_at("trust: member log", key.error());
  }
  Result<jose::JwkSet> tokens = parse_keys(value, "token_keys");
  if (!tokens) {
    return fail(tokens.error());
  }
  trust.token_keys = std::move(*tokens);
  if (json::find(value, {"operator_keys"}) != nullptr) {
    Result<jose::JwkSet> operators = parse_keys(value, "operator_keys");
    if (!operators) {
      return fail(operators.error());
    }
    trust.operator_keys = std::move(*operators);
  }
  if (Status parties = parse_parties(value, trust); !parties) {
    return fail(parties.error());
  }
  if (Status pinned = parse_pin(value, trust); !pinned) {
    return fail(pinned.error());
  }
  return trust;
}

std::string print_trust(const Trust& trust) {
  json::Object value{
      {"format", kFormat}, {"log", trust.log_vkey}, {"token_keys", print_keys(trust.token_keys)}};
  if (trust.operator_keys.size() > 0) {
    value["operator_keys"] = print_keys(trust.operator_keys);
  }
  if (!trust.relying_parties.empty()) {
    json::Array parties;
    for (const RelyingParty& one : trust.relying_parties) {
      parties.push_back(json::Object{{"id", one.id}, {"origin", one.origin}});
    }
    value["relying_parties"] = std::move(parties);
  }
  if (!trust.pinned_root.empty()) {
    json::Object pinned{{"size", trust.pinned_size}, {"root", trust.pinned_root}};
    if (trust.pinned_at_s) {
      pinned["at"] = *trust.pinned_at_s;
    }
    if (!trust.pinned_note.empty()) {
      pinned["note"] = trust.pinned_note;
    }
    value["pinned"] = std::move(pinned);
  }
  return json::print(value) + "\n";
}

}  // namespace pawl::ledger
