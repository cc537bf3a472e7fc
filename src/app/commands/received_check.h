// The tokens of others that a ledger keeps, checked against what their records say, and against the
// keys of their issuers where the verifier brought them.
//
// Purpose:    what an agent presented is proven from the ledger alone: the bytes stand in it, and
//             the issuer's key says whose they are (`pawl verify --issuer-keys ISSUER=FILE`); of a
//             token that came with a WIT, or that brings a certificate chain, the trust domain of
//             these ("spiffe://DOMAIN") is the issuer.
// Threading:  pure.
// Verdicts:   kBad: a record says something else than the token in it, or the token's signature
// does
//             not verify. kUnknown: the key set of the issuer does not have the key, or no
//             authority of the domain's bundle vouches for the chain.
// Not errors: an issuer without keys here, a token that its record has the digest of only, an
//             unsigned one: they are counted.
// Source:     docs/formats/records.md, `token.received`.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/commands/command.h"
#include "foundation/jose/jwk_set.h"
#include "foundation/ledger/verify.h"
#include "infrastructure/identity/spiffe_bundle.h"

namespace pawl {

// What a verifier brought of one issuer, or of one trust domain.
struct BroughtKeys {
  jose::JwkSet keys{};
  std::shared_ptr<const identity::SpiffeBundle> bundle{};  // with authorities; null: none
};
using IssuerKeys = std::map<std::string, BroughtKeys, std::less<>>;

// "ISSUER=FILE" each; the file holds a JWK set or a SPIFFE bundle. kInvalidParams, and what reading
// says.
Result<IssuerKeys> read_issuer_keys(Files& files, const std::vector<std::string>& asked);

struct ReceivedReport {
  ledger::Verdict verdict = ledger::Verdict::kGood;
  std::string reason;          // names the first bad, else the first undecided record
  std::uint64_t received = 0;  // records of such tokens
  std::uint64_t verified = 0;  // signatures by the issuer's key
  std::uint64_t is_unsigned = 0;
  std::uint64_t digest_only = 0;
  std::uint64_t without_keys = 0;
};

// For verify_folder(); both outlive the look.
ledger::EntryLook look_for_received(const IssuerKeys& keys, ReceivedReport& report);
// Both looks at once: each sees what either picks.
ledger::EntryLook both(ledger::EntryLook first, ledger::EntryLook second);

// One verdict of the ledger's and this one.
void combine(ledger::Report& report, const ReceivedReport& received);
std::string received_text(const ReceivedReport& received);
json::Object received_json(const ReceivedReport& received);

}  // namespace pawl
