// Signed notes (C2SP signed-note): a text and signature lines, each by a named key.
//
// Purpose:    sign and open with Ed25519 (type 0x01); signature lines of other types and keys are
//             kept, so that witnesses (cosignature.h) and post-quantum signatures stand beside
//             ours.
// Threading:  plain values and functions.
// Errors:     kMalformed (not a note, what is wrong), kBadSignature (no trusted signature, or one
//             of a trusted key that does not verify), kUndecidable (the library failed).
// Not errors: signatures by unknown keys: they are ignored.
//
// Example:
//   Result<NoteSigner> signer = NoteSigner::make("example.org/log", key);
//   Result<std::string> note = signer->sign("some text\n");
//   Result<Note> opened = open_note(*note, *VerifierKey::parse(signer->vkey()));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "foundation/crypto/signing_key.h"

namespace pawl::ledger {

inline constexpr std::size_t kMaxNoteSignatures = 64;

struct NoteSignature {
  std::string name;
  std::uint32_t key_id = 0;
  std::string bytes;
};

struct Note {
  std::string text;  // ends in a newline
  std::vector<NoteSignature> signatures;
};

// What a key signs, and so what its lines mean: the byte before the key in a verifier key.
enum class NoteKeyType : std::uint8_t {
  kEd25519 = 1,      // the note's text
  kCosignature = 4,  // a time and the text (cosignature.h)
};

// "NAME+8 hex digits+base64(type || 32 bytes)".
struct VerifierKey {
  std::string name;
  std::uint32_t key_id = 0;
  PublicKey key;
  NoteKeyType type = NoteKeyType::kEd25519;

  // A key of one type never stands in for another: say which one is meant.
  // Errors: kMalformed (also when the id does not belong to the key), kUnsupported (another type).
  static Result<VerifierKey> parse(std::string_view vkey, NoteKeyType type = NoteKeyType::kEd25519);
};

// Errors: kInvalidParams (the name), kUnsupported (not an Ed25519 key).
Result<std::string> vkey_of(std::string_view name, const PublicKey& key,
                            NoteKeyType type = NoteKeyType::kEd25519);

// One line, its newline included.
std::string print_signature(const NoteSignature& signature);

class NoteSigner {
 public:
  // name: not empty, without spaces and '+'. kUnsupported: not an Ed25519 key.
  static Result<NoteSigner> make(std::string name, const SigningKey& key);
  Result<std::string> sign(std::string_view text) const;  // kMalformed: not a valid note text
  const std::string& vkey() const { return vkey_; }

 private:
  NoteSigner(std::string name, SigningKey key) : name_(std::move(name)), key_(std::move(key)) {}
  std::string name_;
  SigningKey key_;
  std::uint32_t key_id_ = 0;
  std::string vkey_;
};

// Splits without verifying.
Result<Note> parse_note(std::string_view bytes);
// Verifies the signature of `trusted`, a key of type kEd25519 (kUndecidable: another type).
Status verify_note(const Note& note, const VerifierKey& trusted);
Result<Note> open_note(std::string_view bytes, const VerifierKey& trusted);

}  // namespace pawl::ledger
