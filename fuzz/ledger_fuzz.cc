// A whole log: after one changed byte, or bytes put in place of a file, `verify` never says good.
// Input: which file and an edit of three bytes (support/keys.h), then bytes for derived files.
#include "foundation/ledger/verify.h"

#include "foundation/ledger/reader.h"
#include "fuzz/support/fuzz.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl::ledger {
namespace {

const std::string kSegment = "ledger/segments/000000000001.seg";
const std::string kHead = "ledger/checkpoint";

struct Log {
  std::string segment;  // without the zeros behind the last batch
  std::string head;     // the published checkpoint
};

const Log& log() {
  static const Log made = [] {
    FaultFiles files;
    LedgerRig rig;
    auto ledger = *rig.open(files);
    for (std::uint64_t i = 0; i < 3; ++i) {
      append_intent_sync(*ledger, i);
      append_entry_sync(*ledger, i, LedgerRig::token(i), true);
    }
    ledger.reset();
    Log out{*files.contents(kSegment), *files.contents(kHead)};
    out.segment.resize((out.segment.find_last_not_of('\0') / 8 + 1) * 8);
    return out;
  }();
  return made;
}

Report verify(const std::string& segment, const std::string& head, std::string_view bundle) {
  FaultFiles files;
  files.put(kSegment, segment);
  files.put(kHead, head);
  files.put("ledger/log.vkey", LedgerRig::vkey() + "\n");
  if (!bundle.empty()) {
    files.put("ledger/tile/entries/000", std::string(bundle));
  }
  return verify_folder(files, "ledger", LedgerRig::trust());
}

std::string altered(std::string text, std::string_view edit) {
  const std::size_t place =
      static_cast<unsigned char>(edit[1]) * 256u + static_cast<unsigned char>(edit[2]);
  text[place % text.size()] = static_cast<char>(text[place % text.size()] ^ edit[3]);
  return text;
}

}  // namespace
}  // namespace pawl::ledger

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::ledger;
  const auto [edit, bytes] = fuzz::parts<2>(fuzz::view(data, size));
  const Log& good = log();
  FUZZ_CHECK(verify(good.segment, good.head, bytes).verdict == Verdict::kGood,
             "a log is good, whatever its derived files say");
  if (edit.size() < 4 || edit[3] == 0) {
    return 0;
  }
  const bool head = edit[0] % 4 == 0;
  const Report report = head ? verify(good.segment, altered(good.head, edit), bytes)
                             : verify(altered(good.segment, edit), good.head, bytes);
  FUZZ_CHECK(report.verdict != Verdict::kGood, "no altered log is good");
  FUZZ_CHECK(report.verdict != Verdict::kBad || !report.first_bad.empty(), "what is bad is named");
  FUZZ_CHECK(!report.reason.empty(), "and why");
  return 0;
}
