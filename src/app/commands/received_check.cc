#include "app/commands/received_check.h"

#include "app/commands/shown_text.h"
#include "foundation/crypto/algorithm.h"
#include "foundation/ect/received_token.h"
#include "foundation/ect/wit_key.h"
#include "foundation/records/kinds.h"
#include "infrastructure/identity/spiffe_bundle.h"
#include "infrastructure/identity/wimse.h"
#include "infrastructure/identity/workload_id.h"

namespace pawl {
namespace {

using ledger::Verdict;

struct Finding {
  Verdict verdict = Verdict::kGood;
  std::string what{};
};

Finding check_signature(const ect::ReceivedToken& received, const jose::JwkSet& keys,
                        ReceivedReport& report) {
  ect::VerifyOptions options;
  options.algorithms = algorithm_names();
  options.accept_cbor = true;
  bool has_key = true;
  const ect::KeyResolver resolve = [&](std::string_view, std::string_view kid) {
    const PublicKey* key = keys.find(kid);
    has_key = key != nullptr;
    return has_key ? Result<PublicKey>(*key) : fail(Code::kNotFound, "no such key");
  };
  const Result<ect::Token> token = ect::verify_signed(received.text, resolve, options);
  if (token) {
    ++report.verified;
    return {};
  }
  if (!has_key) {
    return {Verdict::kUnknown, "the key that signed it is not in the key set of its issuer"};
  }
  return {token.error().code == Code::kUndecidable ? Verdict::kUnknown : Verdict::kBad,
          "it does not verify by the key of its issuer: " + token.error().message};
}

// The key set of one trust domain, as a source.
class DomainKeys : public identity::KeySource {
 public:
  explicit DomainKeys(const jose::JwkSet& keys)
      : keys_(std::make_shared<const jose::JwkSet>(keys)) {}
  std::shared_ptr<const jose::JwkSet> keys() override { return keys_; }
  void unknown_key() override {}

 private:
  std::shared_ptr<const jose::JwkSet> keys_;
};

// The token by the key in its WIT, and the WIT by the keys of its domain, if they are here: as it
// was when the record was made.
Finding check_by_wit(const ect::Claims& record, const ect::ReceivedToken& received,
                     const IssuerKeys& keys, ReceivedReport& report) {
  const Result<ect::WitKey> wit = ect::read_wit(received.wit);
  if (!wit) {
    return {Verdict::kBad, wit.error().message};
  }
  ect::VerifyOptions options;
  options.algorithms = algorithm_names();
  if (const auto token = ect::verify_by_wit(received.text, *wit, options); !token) {
    return {token.error().code == Code::kUndecidable ? Verdict::kUnknown : Verdict::kBad,
            "it does not verify by the key in its WIT: " + token.error().message};
  }
  const auto id = identity::parse_workload_id(wit->subject);
  const std::string domain = id ? std::string(id->domain) : "";
  const auto of_domain = keys.find(id ? std::string(id->scheme) + "://" + domain : "");
  if (of_domain == keys.end() || of_domain->second.keys.size() == 0) {
    ++report.without_keys;
    return {};
  }
  const auto checked =
      identity::check_wit(received.wit,
                          {{.name = domain,
                            .wit_keys = std::make_shared<DomainKeys>(of_domain->second.keys),
                            .algorithms = algorithm_names()}},
                          record.iat);
  if (checked) {
    ++report.verified;
    return {};
  }
  const bool no_key = checked.error().refusal == identity::Refusal::kJwtKey;
  return {no_key ? Verdict::kUnknown : Verdict::kBad,
          "its WIT does not verify by the keys of its trust domain: " + checked.error().detail};
}

// What the authorities of a domain say of a chain, as of the recording.
class BroughtAuthorities {
 public:
  explicit BroughtAuthorities(const IssuerKeys& keys) : keys_(keys) {}

  tl::expected<Validity, ect::ChainRefusal> vouch(const ect::ChainKey& key, std::int64_t at_s) {
    const auto id = identity::parse_workload_id(key.subject);
    if (!id || id->scheme != "spiffe") {
      return tl::unexpected(ect::ChainRefusal{ect::kReasonLeaf, "its name is no SPIFFE ID"});
    }
    const auto brought = keys_.find("spiffe://" + std::string(id->domain));
    has_some = brought != keys_.end() && brought->second.bundle != nullptr;
    if (!has_some) {
      return Validity{at_s, at_s};
    }
    const auto good = brought->second.bundle->authorities.verify(key.chain, at_s);
    has_issuer = good || good.error().is_time;
    if (good) {
      return *good;
    }
    return tl::unexpected(ect::ChainRefusal{has_issuer ? ect::kReasonChainTime : ect::kReasonChain,
                                            good.error().text});
  }

  bool has_some = false;   // of the domain
  bool has_issuer = true;  // one of them is at the end of the path

 private:
  const IssuerKeys& keys_;
};

// The token by the key of the certificate in its header; the certificate by the authorities of its
// domain, if they are here. A record is made up to a moment later than its token was taken.
Finding check_by_chain(const ect::Claims& record, const ect::ReceivedToken& received,
                       const IssuerKeys& keys, ReceivedReport& report) {
  BroughtAuthorities authorities(keys);
  ect::VerifyOptions options;
  options.now = WallTime{record.iat * 1'000'000};
  options.algorithms = algorithm_names();
  options.vouch = [&](const ect::ChainKey& key, std::int64_t at_s) {
    return authorities.vouch(key, at_s);
  };
  const ect::KeyResolver nobody = [](std::string_view, std::string_view) {
    return Result<PublicKey>(fail(Code::kNotFound, "no such key"));
  };
  const Result<ect::Token> token = ect::verify_signed(received.text, nobody, options);
  if (!token) {
    const bool is_known = authorities.has_issuer && token.error().code != Code::kUndecidable;
    return {is_known ? Verdict::kBad : Verdict::kUnknown,
            "it does not verify by the certificate in its header: " + token.error().message};
  }
  const Validity& holds = token->chain->validity;
  const bool was_good =
      holds.from_s <= record.iat && record.iat - ect::kClockSkewSeconds <= holds.until_s;
  if (authorities.has_some && !was_good) {
    return {Verdict::kBad, "its certificate did not hold when it was recorded"};
  }
  ++(authorities.has_some ? report.verified : report.without_keys);
  return {};
}

Finding check(const ect::Claims& record, const ect::ReceivedToken& received, const IssuerKeys& keys,
              ReceivedReport& report) {
  if (const Status same = ect::check_received(received, record); !same) {
    return {Verdict::kBad, same.error().message};
  }
  if (received.text.empty()) {
    ++report.digest_only;
    return {};
  }
  if (ect::looks_unsigned(received.text)) {
    ++report.is_unsigned;
    return {};
  }
  if (ect::brings_chain(received.text)) {
    return check_by_chain(record, received, keys, report);
  }
  if (!received.wit.empty()) {
    return check_by_wit(record, received, keys, report);
  }
  if (!received.wit_digest.empty()) {
    ++report.without_keys;
    return {};
  }
  const auto of_issuer = keys.find(received.issuer);
  if (of_issuer == keys.end()) {
    ++report.without_keys;
    return {};
  }
  return check_signature(received, of_issuer->second.keys, report);
}

void check_entry(std::uint64_t index, std::string_view token, const IssuerKeys& keys,
                 ReceivedReport& report) {
  const Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
  const Result<ect::Token> record = jws ? ect::read(*jws) : fail(jws.error());
  if (!record || record->claims.exec_act != kinds::kTokenReceived) {
    return;  // the ledger's own check names it; or another look picked it
  }
  ++report.received;
  const auto received = ect::read_received_token(record->claims);
  const Finding found = received ? check(record->claims, *received, keys, report)
                                 : Finding{Verdict::kBad, "it does not say which token it is of"};
  const bool worse = found.verdict == Verdict::kBad ? report.verdict != Verdict::kBad
                                                    : report.verdict == Verdict::kGood;
  if (found.verdict != Verdict::kGood && worse) {
    report.verdict = found.verdict;
    report.reason = "entry " + std::to_string(index) + " (id " + record->claims.jti.text() +
                    ", token.received): " + found.what;
  }
}

// A JWK set; or of a SPIFFE bundle those that sign WITs, and its authorities.
Result<BroughtKeys> keys_in(const std::string& text) {
  Result<identity::SpiffeBundle> bundle = identity::read_bundle(text);
  Result<jose::JwkSet> keys = bundle && bundle->wit_keys.size() > 0
                                  ? Result<jose::JwkSet>(bundle->wit_keys)
                                  : jose::JwkSet::parse(text);
  const bool has_authorities = bundle && bundle->authorities.size() > 0;
  if (!keys && !has_authorities) {
    return fail(keys.error());
  }
  BroughtKeys out{.keys = keys ? *std::move(keys) : jose::JwkSet()};
  if (has_authorities) {
    out.bundle = std::make_shared<const identity::SpiffeBundle>(*std::move(bundle));
  }
  return out;
}

std::string part(std::uint64_t count, const char* what) {
  return count == 0 ? "" : ", " + std::to_string(count) + what;
}

}  // namespace

Result<IssuerKeys> read_issuer_keys(Files& files, const std::vector<std::string>& asked) {
  constexpr std::size_t kMaxKeySet = 1u << 20;
  IssuerKeys out;
  for (const std::string& one : asked) {
    const std::size_t equals = one.rfind('=');
    if (equals == one.npos || equals == 0) {
      return fail(Code::kInvalidParams,
                  "--issuer-keys \"" + one + "\": expected ISSUER=FILE, the file a JWK set");
    }
    const std::string file = one.substr(equals + 1);
    const Result<std::string> text = read_file(files, file, kMaxKeySet);
    Result<BroughtKeys> keys = text ? keys_in(*text) : fail(text.error());
    if (!keys) {
      return fail_at(file, keys.error());
    }
    out.insert_or_assign(one.substr(0, equals), *std::move(keys));
  }
  return out;
}

ledger::EntryLook look_for_received(const IssuerKeys& keys, ReceivedReport& report) {
  return {[](std::string_view act) { return act == kinds::kTokenReceived; },
          [&keys, &report](std::uint64_t index, std::string_view token) {
            check_entry(index, token, keys, report);
          }};
}

ledger::EntryLook both(ledger::EntryLook first, ledger::EntryLook second) {
  const auto sees = [first, second](std::uint64_t index, std::string_view token) {
    first.sees(index, token);
    second.sees(index, token);
  };
  const auto contents = [first = first.picks_content,
                         second = second.picks_content](const jose::Jws& token) {
    return (first && first(token)) || (second && second(token));
  };
  return {[first = std::move(first.picks), second = std::move(second.picks)](std::string_view act) {
            return first(act) || second(act);
          },
          sees, contents};
}

void combine(ledger::Report& report, const ReceivedReport& received) {
  if (received.verdict == Verdict::kGood || report.verdict == Verdict::kBad) {
    return;
  }
  if (received.verdict == Verdict::kBad) {
    report.verdict = Verdict::kBad;
    report.first_bad = received.reason;
    report.reason = "not the token that was received: " + received.reason;
  } else if (report.verdict == Verdict::kGood) {
    report.verdict = Verdict::kUnknown;
    report.reason = "cannot decide: " + received.reason;
  }
}

std::string received_text(const ReceivedReport& received) {
  return counted(received.received, "token") + " of others: " + std::to_string(received.verified) +
         " verified" + part(received.is_unsigned, " unsigned") +
         part(received.digest_only, " by digest only") +
         part(received.without_keys, " not checked (--issuer-keys ISSUER=FILE)");
}

json::Object received_json(const ReceivedReport& received) {
  return {{"received", received.received},
          {"verified", received.verified},
          {"unsigned", received.is_unsigned},
          {"digest_only", received.digest_only},
          {"not_checked", received.without_keys}};
}

}  // namespace pawl
