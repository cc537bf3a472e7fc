// Signed snapshots. Input: a snapshot's text, then an edit of three bytes (support/keys.h).
#include "foundation/ledger/snapshot.h"

#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::ledger;
  static const NoteSigner signer = *NoteSigner::make("example.org/log", fuzz::log_key());
  static const VerifierKey trusted = *VerifierKey::parse(signer.vkey());
  const auto [text, edit] = fuzz::parts<2>(fuzz::view(data, size));
  FUZZ_CHECK(!open_snapshot(text, trusted), "a text that nobody signed is no snapshot");
  const Result<std::string> note = signer.sign(text);
  if (!note) {
    return 0;
  }
  const std::string other = fuzz::altered(*note, edit);
  FUZZ_CHECK(other == *note || !open_snapshot(other, trusted), "no altered snapshot opens");
  const Result<SnapshotFile> opened = open_snapshot(*note, trusted);
  if (!opened) {
    return 0;
  }
  FUZZ_CHECK(opened->at.size >= opened->size, "it goes on from where it has been");
  const Result<std::string> printed = print_snapshot(*opened, signer);
  FUZZ_CHECK(printed, "an opened snapshot prints");
  const Result<SnapshotFile> again = open_snapshot(*printed, trusted);
  FUZZ_CHECK(again && again->state == opened->state && again->at == opened->at &&
                 again->upper == opened->upper && again->root == opened->root &&
                 again->open_intents.size() == opened->open_intents.size(),
             "and reads back");
  return 0;
}
