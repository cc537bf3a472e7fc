#include "foundation/ledger/note.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/utf8.h"
#include "foundation/crypto/sha256.h"
#include "foundation/ledger/bytes.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // em dash, space

bool is_clean_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_sequence_size(text.substr(i));
    if (length == 0 || (static_cast<unsigned char>(text[i]) < 0x20 && text[i] != '\n')) {
      return false;
    }
    i += length;
  }
  return true;
}

bool is_key_name(std::string_view name) {
  static constexpr std::array<std::string_view, 19> kSpaces = {
      "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
      "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
      "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
      "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};
  const bool has_space = name.find(' ') != name.npos || name.find('\n') != name.npos ||
                         std::any_of(kSpaces.begin(), kSpaces.end(), [&](std::string_view space) {
                           return name.find(space) != name.npos;
                         });
  return !name.empty() && !has_space && name.find('+') == name.npos && is_clean_text(name);
}

std::uint32_t key_id_of(std::string_view name, std::string_view typed_key) {
  return get_u32(view(sha256({name, "\n", typed_key})));
}

Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kDash)) {
    return fail(Code::kMalformed, "note: a signature line starts with an em dash and a space");
  }
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == line.npos || !is_key_name(line.substr(0, space))) {
    return fail(Code::kMalformed, "note: a signature line has the form: dash, key name, base64");
  }
  Result<std::string> bytes = base64_decode(line.substr(space + 1));
  if (!bytes || bytes->size() < 5) {
    return fail(Code::kMalformed, "note: a signature is base64 of a key id and at least one byte");
  }
  return NoteSignature{std::string(line.substr(0, space)), get_u32(*bytes), bytes->substr(4)};
}

}  // namespace

Result<VerifierKey> VerifierKey::parse(std::string_view vkey, NoteKeyType type) {
  const std::size_t first = vkey.find('+');
  const std::size_t second = first == vkey.npos ? vkey.npos : vkey.find('+', first + 1);
  if (second == vkey.npos || !is_key_name(vkey.substr(0, first))) {
    return fail(Code::kMalformed, "verifier key: expected NAME+ID+KEY");
  }
  const std::string_view name = vkey.substr(0, first);
  const std::string_view id_text = vkey.substr(first + 1, second - first - 1);
  Result<std::string> id = hex_decode(id_text);
  if (!id || id->size() != 4 || hex_encode(*id) != id_text) {
    return fail(Code::kMalformed, "verifier key: the id is 8 lowercase hex digits");
  }
  Result<std::string> typed = base64_decode(vkey.substr(second + 1));
  if (!typed || typed->empty()) {
    return fail(Code::kMalformed, "verifier key: the key is base64 of a type byte and a key");
  }
  if ((*typed)[0] != static_cast<char>(type)) {
    const bool is_witness = type == NoteKeyType::kCosignature;
    return fail(Code::kUnsupported,
                std::string("verifier key: expected ") +
                    (is_witness ? "a witness's key, Ed25519 cosignatures (type 4)"
                                : "a log's key, Ed25519 (type 1)"));
  }
  if (key_id_of(name, *typed) != get_u32(*id)) {
    return fail(Code::kMalformed, "verifier key: the id does not belong to the name and key");
  }
  Result<PublicKey> key = PublicKey::from_ed25519(std::string_view(*typed).substr(1));
  if (!key) {
    return fail_at("verifier key", key.error());
  }
  return VerifierKey{std::string(name), get_u32(*id), *key, type};
}

Result<std::string> vkey_of(std::string_view name, const PublicKey& key, NoteKeyType type) {
  if (!is_key_name(name)) {
    return fail(Code::kInvalidParams, "a note's key name is not empty and has no space and no '+'");
  }
  const Result<std::string> raw = key.ed25519_raw();
  if (!raw) {
    return fail(raw.error());
  }
  const std::string typed = std::string(1, static_cast<char>(type)) + *raw;
  std::string id;
  put_u32(id, key_id_of(name, typed));
  return std::string(name) + "+" + hex_encode(id) + "+" + base64_encode(typed);
}

std::string print_signature(const NoteSignature& signature) {
  std::string bytes;
  put_u32(bytes, signature.key_id);
  bytes += signature.bytes;
  return std::string(kDash) + signature.name + " " + base64_encode(bytes) + "\n";
}

Result<NoteSigner> NoteSigner::make(std::string name, const SigningKey& key) {
  Result<std::string> vkey = vkey_of(name, key.public_key());
  if (!vkey) {
    return fail(vkey.error());
  }
  NoteSigner signer(std::move(name), key);
  signer.key_id_ = VerifierKey::parse(*vkey)->key_id;
  signer.vkey_ = *std::move(vkey);
  return signer;
}

Result<std::string> NoteSigner::sign(std::string_view text) const {
  // A single empty line is no text to readers: the empty line ends what comes before it.
  if (text.empty() || text == "\n" || text.back() != '\n' || !is_clean_text(text)) {
    return fail(Code::kMalformed, "note: a text is UTF-8 lines and ends in a newline");
  }
  Result<std::string> signature = key_.sign(text);
  if (!signature) {
    return signature;
  }
  return std::string(text) + "\n" + print_signature({name_, key_id_, *std::move(signature)});
}

Result<Note> parse_note(std::string_view bytes) {
  if (!is_clean_text(bytes)) {
    return fail(Code::kMalformed,
                "note: not UTF-8 text, or a control character other than newline");
  }
  const std::size_t blank = bytes.rfind("\n\n");
  if (blank == bytes.npos || blank == 0 || bytes.back() != '\n' || blank + 2 == bytes.size()) {
    return fail(Code::kMalformed, "note: expected text, an empty line and signature lines");
  }
  Note note;
  note.text = bytes.substr(0, blank + 1);
  for (std::string_view rest = bytes.substr(blank + 2); !rest.empty();) {
    const std::size_t end = rest.find('\n');
    Result<NoteSignature> signature = parse_signature(rest.substr(0, end));
    if (!signature) {
      return fail(signature.error());
    }
    if (note.signatures.size() == kMaxNoteSignatures) {
      return fail(Code::kTooLarge, "note: more than 64 signatures");
    }
    note.signatures.push_back(std::move(*signature));
    rest.remove_prefix(end + 1);
  }
  return note;
}

Status verify_note(const Note& note, const VerifierKey& trusted) {
  if (trusted.type != NoteKeyType::kEd25519) {
    return fail(Code::kUndecidable, "the key of " + trusted.name + " does not sign notes");
  }
  bool verified = false;
  for (const NoteSignature& signature : note.signatures) {
    if (signature.name != trusted.name || signature.key_id != trusted.key_id) {
      continue;
    }
    switch (trusted.key.verify("EdDSA", note.text, signature.bytes)) {
      case Verdict3::kValid:
        verified = true;
        break;
      case Verdict3::kInvalid:
        return fail(Code::kBadSignature, "the signature by " + trusted.name + " does not verify");
      case Verdict3::kCannotDecide:
        return fail(Code::kUndecidable,
                    "the signature by " + trusted.name + " could not be checked");
    }
  }
  if (!verified) {
    return fail(Code::kBadSignature, "no signature by the trusted key " + trusted.name);
  }
  return {};
}

Result<Note> open_note(std::string_view bytes, const VerifierKey& trusted) {
  Result<Note> note = parse_note(bytes);
  if (!note) {
    return note;
  }
  if (Status verified = verify_note(*note, trusted); !verified) {
    return fail(verified.error());
  }
  return note;
}

}  // namespace pawl::ledger
