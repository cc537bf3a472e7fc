// Signed notes and checkpoints. Input: a note's text (also a whole note, a head, a verifier key),
// then an edit of three bytes (support/keys.h).
#include "foundation/ledger/note.h"

#include "foundation/ledger/checkpoint.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"

namespace pawl::ledger {
namespace {

const NoteSigner& signer() {
  static const NoteSigner made = *NoteSigner::make("example.org/log", fuzz::log_key());
  return made;
}

const VerifierKey& trusted() {
  static const VerifierKey key = *VerifierKey::parse(signer().vkey());
  return key;
}

void check_signed(std::string_view text, std::string_view edit) {
  const Result<std::string> note = signer().sign(text);
  if (!note) {
    FUZZ_CHECK(note.error().code == Code::kMalformed, "only a text that is none is not signed");
    return;
  }
  const Result<Note> opened = open_note(*note, trusted());
  FUZZ_CHECK(opened && opened->text == text && opened->signatures.size() == 1,
             "a signed note opens as it was");
  const std::string other = fuzz::altered(*note, edit);
  FUZZ_CHECK(other == *note || !open_note(other, trusted()), "no altered note opens");
  const std::string twice = *note + note->substr(note->rfind("\xe2\x80\x94"));
  parse_note(twice);
  if (const Result<TreeHead> head = open_checkpoint(*note, trusted())) {
    FUZZ_CHECK(head->origin == "example.org/log", "a checkpoint is of the key's log");
  }
}

}  // namespace
}  // namespace pawl::ledger

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::ledger;
  const auto [text, edit] = fuzz::parts<2>(fuzz::view(data, size));
  check_signed(text, edit);
  if (const Result<Note> note = parse_note(text)) {
    FUZZ_CHECK(note->text.ends_with('\n') && text.starts_with(note->text), "a note begins with it");
    FUZZ_CHECK(note->signatures.size() <= kMaxNoteSignatures && !note->signatures.empty(),
               "a note has a bounded number of signatures");
    FUZZ_CHECK(!verify_note(*note, trusted()), "no bare text is signed by us");
  }
  if (const Result<TreeHead> head = parse_head(text)) {
    FUZZ_CHECK(print_head(*head) == text, "a head has one spelling");
  }
  read_checkpoint(text);
  if (const Result<VerifierKey> key = VerifierKey::parse(text)) {
    FUZZ_CHECK(!key->name.empty() && key->key.kind() == KeyKind::kEd25519, "a key has a name");
  }
  if (const auto number = parse_decimal(text)) {
    FUZZ_CHECK(std::to_string(*number) == text, "a number has one spelling");
  }
  return 0;
}
