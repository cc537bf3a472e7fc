// The worked examples of docs/formats/{segment,receipt,snapshot,tiles,minimum}.md, byte for byte. A
// second reader, written from the pages alone, reads the same files:
// tests/e2e/verify/pages.test.mjs.
#include <gtest/gtest.h>

#include "base/json.h"
#include "foundation/ledger/minimum.h"
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

TEST(LedgerVectors, TheWorkedExampleOfAMinimumIndex) {
  const json::Parsed vectors = *json::parse(vector("minimum.json"));
  const std::string text(*json::find_string(vectors.value, {"minimum"}));
  const Minimum minimum{512,
                        {2, kSegmentHeader, 30, 298},
                        *Uuid::parse("0195a000-0000-7000-8000-000000001400"),
                        1400};
  EXPECT_EQ(print_minimum(minimum), text);
  const Result<Minimum> read = parse_minimum(text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(print_minimum(*read), text);
  const std::string kept = print_kept({{0, "a.b.c"}, {300, "d.e.f"}});
  EXPECT_EQ(hex_encode(kept), json::find_string(vectors.value, {"kept_hex"}));
  EXPECT_EQ(hash_of_kept(kept), json::find_string(vectors.value, {"kept_hash"}));
  EXPECT_EQ(parse_kept(kept)->at(300), "d.e.f");
}

TEST(Minimum, RefusesWhatContradictsItself) {
  const std::string good(
      *json::find_string(json::parse(vector("minimum.json"))->value, {"minimum"}));
  const std::pair<std::string, std::string> changes[] = {
      {"\"minimum\":512", "\"minimum\":511"},
      {"\"minimum\":512", "\"minimum\":0"},
      {"\"minimum\":512", "\"minimum\":256"},
      {"\"minimum\":512", "\"minimum\":1536"},
      {"\"segment\":2", "\"segment\":0"},
      {"\"batch\":30", "\"batch\":-1"},
      {"\"size\":298", "\"size\":513"},
      {"\"record_index\":1400", "\"record_index\":512"},
      {"0195a000-", "0195a000"},
      {"pawl.minimum/1", "pawl.maximum/1"},
      {"{", ""}};
  for (const auto& [from, to] : changes) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    const Result<Minimum> read = parse_minimum(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, Code::kBadSignature) << text;
  }
  std::string newer = good;
  newer.replace(newer.find("minimum/1"), 9, "minimum/2");
  EXPECT_EQ(parse_minimum(newer).error().code, Code::kUnsupported);
  const std::string kept = print_kept({{0, "a.b.c"}, {300, "d.e.f"}});
  for (const std::string& bytes :
       {kept.substr(0, kept.size() - 1), kept.substr(0, 16), kept + kept, kept + "x"}) {
    EXPECT_FALSE(parse_kept(bytes));
  }
}

}  // namespace
}  // namespace pawl::ledger
