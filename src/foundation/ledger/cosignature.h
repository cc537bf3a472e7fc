// Cosignatures (C2SP tlog-cosignature, Ed25519, cosignature/v1): a witness's line on a checkpoint.
//
// Purpose:    say, and check, that a witness saw a log at this head, consistent with all heads that
//             it saw before, and when. docs/formats/cosignature.md.
// Threading:  plain values and functions; a Cosigner is immutable.
// Ownership:  a Cosigner shares its key.
// Errors:     kBadSignature: a line of this witness is false, also beside a true one.
//             kNotFound: the witness has no line. kUndecidable: the library failed.
// Not errors: lines of other keys and types, post-quantum ones (0x06) among them: they are ignored.
//             A time in the future: there is no clock here; compare it where there is one.
//
// Example:
//   Result<Cosigner> witness = Cosigner::make("example.org/witness", key);
//   checkpoint += *witness->cosign(print_head(head), 1'772'000'000);
//   Result<std::int64_t> seen_s = check_cosignature(*parse_note(checkpoint),
//       *VerifierKey::parse(witness->vkey(), NoteKeyType::kCosignature));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "foundation/ledger/note.h"

namespace pawl::ledger {

class Cosigner {
 public:
  // A key of its own for each witness: what is signed does not hold the witness's name.
  // kInvalidParams: the name; kUnsupported: not an Ed25519 key.
  static Result<Cosigner> make(std::string name, const SigningKey& key);

  // The signature line, its newline included, for the head (a checkpoint's text) as of `time_s`,
  // seconds since 1970, not negative (kInvalidParams). kMalformed: the text is no checkpoint's.
  Result<std::string> cosign(std::string_view head_text, std::int64_t time_s) const;
  const std::string& vkey() const { return vkey_; }

 private:
  Cosigner(std::string name, SigningKey key) : name_(std::move(name)), key_(std::move(key)) {}
  std::string name_;
  SigningKey key_;
  std::uint32_t key_id_ = 0;
  std::string vkey_;
};

// When `witness` (of type kCosignature) cosigned the note's text, in seconds since 1970: the newest
// time of its lines. The caller has read the text as a checkpoint.
Result<std::int64_t> check_cosignature(const Note& note, const VerifierKey& witness);

}  // namespace pawl::ledger
