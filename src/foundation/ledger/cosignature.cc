#include "foundation/ledger/cosignature.h"

#include <algorithm>
#include <optional>

#include "foundation/ledger/bytes.h"
#include "foundation/ledger/checkpoint.h"

namespace pawl::ledger {
namespace {

constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kSignatureBytes = 64;

std::string signed_message(std::uint64_t time_s, std::string_view text) {
  return "cosignature/v1\ntime " + std::to_string(time_s) + "\n" + std::string(text);
}

// kBadSignature, kUndecidable.
Result<std::int64_t> check_line(const Note& note, const NoteSignature& line,
                                const VerifierKey& witness) {
  const std::string whose = "the cosignature by " + witness.name;
  if (line.bytes.size() != kTimeBytes + kSignatureBytes) {
    return fail(Code::kBadSignature, whose + " is not 8 bytes of time and 64 of signature");
  }
  const std::uint64_t time_s = get_u64(line.bytes);
  if (time_s >> 63 != 0) {
    return fail(Code::kBadSignature, whose + " has a time beyond 2^63 - 1");
  }
  const std::string_view signature = std::string_view(line.bytes).substr(kTimeBytes);
  switch (witness.key.verify("EdDSA", signed_message(time_s, note.text), signature)) {
    case Verdict3::kValid:
      return static_cast<std::int64_t>(time_s);
    case Verdict3::kInvalid:
      return fail(Code::kBadSignature, whose + " does not verify");
    case Verdict3::kCannotDecide:
      break;
  }
  return fail(Code::kUndecidable, whose + " could not be checked");
}

}  // namespace

Result<Cosigner> Cosigner::make(std::string name, const SigningKey& key) {
  Result<std::string> vkey = vkey_of(name, key.public_key(), NoteKeyType::kCosignature);
  if (!vkey) {
    return fail(vkey.error());
  }
  Cosigner made(std::move(name), key);
  made.key_id_ = VerifierKey::parse(*vkey, NoteKeyType::kCosignature)->key_id;
  made.vkey_ = *std::move(vkey);
  return made;
}

Result<std::string> Cosigner::cosign(std::string_view head_text, std::int64_t time_s) const {
  if (time_s < 0) {
    return fail(Code::kInvalidParams, "a cosignature's time is not before 1970");
  }
  const auto seconds = static_cast<std::uint64_t>(time_s);
  Result<std::string> signature = key_.sign(signed_message(seconds, head_text));
  if (!signature) {
    return signature;
  }
  NoteSignature line{name_, key_id_, {}};
  put_u64(line.bytes, seconds);
  line.bytes += *signature;
  std::string printed = print_signature(line);
  // What no reader takes for a checkpoint's text is not cosigned.
  const Result<Note> note = parse_note(std::string(head_text) + "\n" + printed);
  const Result<TreeHead> head = note ? parse_head(note->text) : fail(note.error());
  if (!head || note->text != head_text) {
    return fail(Code::kMalformed, head
                                      ? "a checkpoint's text ends in a newline and has no signature"
                                      : head.error().message);
  }
  return printed;
}

Result<std::int64_t> check_cosignature(const Note& note, const VerifierKey& witness) {
  if (witness.type != NoteKeyType::kCosignature) {
    return fail(Code::kUndecidable, "the key of " + witness.name + " is not a witness's");
  }
  std::optional<std::int64_t> newest;
  for (const NoteSignature& line : note.signatures) {
    if (line.name != witness.name || line.key_id != witness.key_id) {
      continue;
    }
    Result<std::int64_t> time_s = check_line(note, line, witness);
    if (!time_s) {
      return time_s;
    }
    newest = std::max(newest.value_or(0), *time_s);
  }
  if (!newest) {
    return fail(Code::kNotFound, "no cosignature by " + witness.name);
  }
  return *newest;
}

}  // namespace pawl::ledger
