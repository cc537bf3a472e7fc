// Offline verification: of a data folder, an exported bundle, or one token with its proof.
//
// Purpose:    what `pawl verify` runs; reads only, needs no daemon and no network.
// Threading:  pure over Files.
// Verdicts:   kGood   everything checked, against a trust root that the verifier brought;
//             kBad    proven altered: `first_bad` names the first bad thing (entry, id, file);
//             kUnknown  cannot decide: no trust root, unreadable, unsupported, a gap.
//             The command exits 0, 1, 2 in this order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "foundation/crypto/signing_key.h"
#include "foundation/jose/jwk_set.h"
#include "foundation/jose/jws.h"
#include "foundation/keys/key_validity.h"

namespace pawl::ledger {

struct PinnedHead {
  std::uint64_t size = 0;
  std::string root;  // base64
};

// Under which name and on which page people use their passkeys, as the verifier knows.
struct RelyingParty {
  std::string id;      // host name
  std::string origin;  // exact: "https://pawl.example.org"

  friend bool operator==(const RelyingParty&, const RelyingParty&) = default;
};
// Of a page's origin without path; its host is the id. kInvalidParams: another text.
Result<RelyingParty> relying_party_at(std::string_view origin);

// docs/formats/trust.md: the log's verifier key (C2SP note form), the instance's token keys, the
// operators' keys, and the newest checkpoint seen when it was pinned.
struct Trust {
  std::string log_vkey;                       // "origin+hash+base64"
  jose::JwkSet token_keys;                    // by kid: the instance
  jose::JwkSet operator_keys;                 // by kid: people; may be empty
  std::vector<RelyingParty> relying_parties;  // may be empty: then passkeys decide nothing
  std::uint64_t pinned_size = 0;              // a later log must extend this head
  std::string pinned_root;                    // base64, empty when none
  std::string pinned_note;  // the checkpoint that was pinned; empty: only its head is known
  // When it was pinned, in seconds by the clock of who pinned; nullopt: not known.
  std::optional<std::int64_t> pinned_at_s;
  // Not of the file, but of later logs of the instance: what they say of these keys, and the last
  // head of this log.
  std::vector<KeyValidity::Key> later_keys;
  std::optional<PinnedHead> later_head;
};
Result<Trust> parse_trust(std::string_view text);
std::string print_trust(const Trust& trust);

enum class Verdict { kGood, kBad, kUnknown };

// Entries that a compromised key signed since the time of its compromise, or that rest on one.
struct SuspectEntries {
  std::uint64_t entries = 0;
  std::uint64_t first = 0, last = 0;
  std::int64_t since_s = 0;  // of the earliest compromise
};

// What was pruned of a log, as a record in it says (minimum.h). minimum 0: nothing.
struct PrunedRange {
  std::uint64_t minimum = 0;  // entries below it are gone
  std::uint64_t gone = 0;     // how many; the others below it are kept
  std::string record;         // id of the record that says so
  std::uint64_t record_index = 0;
  std::int64_t at_s = 0;  // when it was recorded
};

struct Report {
  Verdict verdict = Verdict::kUnknown;
  std::string first_bad;              // empty unless kBad
  std::string reason;                 // one sentence for people
  std::uint64_t entries = 0;          // entries checked
  std::uint64_t tokens_verified = 0;  // signatures checked
  std::uint64_t open_intents = 0;
  bool is_empty = false;   // nothing wrong, and no entry: the log has only begun
  std::uint64_t size = 0;  // of the last checkpoint
  std::string checkpoint;  // the note that others see: the published one, or the proof's; or none
  KeyValidity keys;        // who may sign what, as the log's key records say
  SuspectEntries suspect;
  PrunedRange pruned;
  std::map<std::string, std::uint64_t> outcomes;  // confirmed, failed, unknown, denied...
};

// What a caller wants to see of the entries while they are read for their signatures.
struct EntryLook {
  std::function<bool(std::string_view exec_act)> picks;  // any thread, many at a time
  std::function<void(std::uint64_t index, std::string_view token)> sees;  // in the log's order
  // Asked of those that picks() does not take, likewise; null: no more are seen.
  std::function<bool(const jose::Jws& token)> picks_content{};
};

// A data folder (DATA or DATA/ledger) or an exported bundle folder.
Report verify_folder(Files& files, const std::string& path, const std::optional<Trust>& trust,
                     const EntryLook& look = {});
// One token (JWS) with its tlog-proof text.
Report verify_receipt(std::string_view token, std::string_view proof,
                      const std::optional<Trust>& trust);

}  // namespace pawl::ledger
