// The worked examples of docs/formats/{segment,receipt,snapshot,tiles}.md, byte for byte. A second
// reader, written from the pages alone, reads the same files: tests/e2e/verify/pages.test.mjs.
#include <gtest/gtest.h>

#include "foundation/ledger/reader.h"
#include "foundation/ledger/segment.h"
#include "tests/foundation/ledger/ledger_rig.h"
#include "tests/support/source_dir.h"

namespace pawl::ledger {
namespace {

// RFC 8410 form of the seed 00 01 02 ... 1f. For examples only.
constexpr std::string_view kExampleKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
    "-----END PRIVATE KEY-----\n";

std::string vector(const std::string& name) {
  const std::string path = source_dir() + "/tests/foundation/ledger/vectors/" + name;
  return *read_file(system_files(), path);
}

std::string hex_lines(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 16) {
    text += hex_encode(bytes.substr(at, 16)) + "\n";
  }
  return text;
}

TEST(LedgerVectors, TheWorkedExamplesOfThePages) {
  FaultFiles files;
  LedgerRig rig;
  rig.settings.origin = "example.org/pawl/n1";
  const SigningKey key = *SigningKey::from_pem(kExampleKey);
  const Uuid id = *Uuid::parse("01890a5d-ac96-774b-bcce-b302099a8057");
  const Uuid other = *Uuid::parse("01890a5d-ac97-774b-bcce-b302099a8058");
  {
    auto ledger = *rig.open(files, key);
    Waiter waiter;
    ledger->append_intent({id, R"({"v":1})"}, [&](Status) { waiter.arrive(); });
    waiter.wait(1);
    ledger->append_entry({"eyJhIjoxfQ.eyJiIjoyfQ.c2ln", id, true},
                         [&](Result<EntryRef>) { waiter.arrive(); });
    waiter.wait(2);
    ledger->append_intent({other, R"({"v":1})"}, [&](Status) { waiter.arrive(); });
    waiter.wait(3);
    ledger->append_entry({"eyJhIjoxfQ.eyJiIjozfQ.c2ln", test_id(2), false},
                         [&](Result<EntryRef>) { waiter.arrive(); });
    waiter.wait(4);
    EXPECT_EQ(*ledger->receipt(0), vector("receipt.txt"));
    EXPECT_EQ(ledger->latest().note, vector("checkpoint.txt"));
    EXPECT_EQ(hex_lines(*ledger->resource("tile/entries/000.p/2")), vector("bundle.hex"));
    EXPECT_EQ(hex_lines(*ledger->resource("tile/0/000.p/2")), vector("tile.hex"));
    ledger->save_snapshot(2, {1, R"({"stops":[]})"});
  }
  const std::string segment = *files.contents("ledger/segments/000000000001.seg");
  const std::size_t used = segment.find_last_not_of('\0') + 1;
  EXPECT_EQ(hex_lines(segment.substr(0, (used + 7) / 8 * 8)), vector("segment.hex"));
  EXPECT_EQ(*files.contents("ledger/snapshot"), vector("snapshot.txt"));
  EXPECT_EQ(*files.contents("ledger/log.vkey"), vector("log.vkey"));
}

}  // namespace
}  // namespace pawl::ledger
