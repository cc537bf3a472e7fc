#include "foundation/ledger/verify.h"

#include <gtest/gtest.h>

#include "foundation/ledger/bytes.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/frame.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/scan.h"
#include "tests/foundation/ledger/ledger_rig.h"

namespace pawl::ledger {
namespace {

constexpr std::uint64_t kEntries = 20;
const std::string kSegment = "ledger/segments/000000000001.seg";

// A log of 20 records and two open intents, closed cleanly. Tampering works on copies of its files.
std::unique_ptr<FaultFiles> make_log(const SigningKey& log_key = LedgerRig::log_key(),
                                     std::uint64_t entries = kEntries) {
  auto files = std::make_unique<FaultFiles>();
  LedgerRig rig;
  auto ledger = *rig.open(*files, log_key);
  EXPECT_TRUE(append_intent_sync(*ledger, 900));
  for (std::uint64_t i = 0; i < entries; ++i) {
    EXPECT_TRUE(append_intent_sync(*ledger, i));
    const std::string outcome = i % 5 == 0   ? "unknown"
                                : i % 5 == 1 ? "from the future"
                                             : "confirmed";
    EXPECT_TRUE(append_entry_sync(*ledger, i, LedgerRig::token(i, outcome), true));
  }
  EXPECT_TRUE(append_intent_sync(*ledger, 901));
  return files;
}

struct Piece {
  FrameKind kind;
  bool closes;
  std::string body;
};

// The segment's batches as frames, to be changed and written again with right checks.
std::vector<std::vector<Piece>> take_apart(Files& files) {
  std::vector<std::vector<Piece>> batches;
  EXPECT_TRUE(scan_log(files, "ledger", std::nullopt, [&](const Batch& batch) -> Result<bool> {
    std::vector<Piece>& pieces = batches.emplace_back();
    for (const Frame& frame : batch.frames) {
      pieces.push_back({frame.kind, frame.closes_intent, std::string(frame.body)});
    }
    return true;
  }));
  return batches;
}

void put_together(FaultFiles& files, const std::vector<std::vector<Piece>>& batches) {
  std::string bytes = print_segment_header({});
  std::uint64_t number = 0;
  for (const std::vector<Piece>& batch : batches) {
    ++number;
    for (const Piece& piece : batch) {
      put_frame(bytes, piece.kind, piece.closes, number, {piece.body});
    }
  }
  bytes.resize(128 * 1024, '\0');
  files.put(kSegment, bytes);
}

// The batch that holds entry `index`: batch 0 is the first intent, then intent and entry in turn.
std::vector<Piece>& batch_of(std::vector<std::vector<Piece>>& batches, std::uint64_t index) {
  return batches.at(2 + 2 * index);
}

TEST(VerifyFolder, GoodLogIsGood) {
  std::unique_ptr<FaultFiles> files = make_log();
  for (const std::string path : {"ledger", "."}) {
    if (path == "." && !files->exists("./ledger/segments")) {
      continue;
    }
    const Report report = verify_folder(*files, path, LedgerRig::trust());
    EXPECT_EQ(report.verdict, Verdict::kGood) << report.reason;
    EXPECT_EQ(report.entries, kEntries);
    EXPECT_EQ(report.tokens_verified, kEntries);
    EXPECT_EQ(report.size, kEntries);
    EXPECT_EQ(report.open_intents, 2u);
    EXPECT_EQ(report.outcomes.at("confirmed"), 12u);
    EXPECT_EQ(report.outcomes.at("unknown"), 8u);
    EXPECT_TRUE(report.first_bad.empty());
  }
}

TEST(VerifyFolder, WithoutTrustItCannotDecide) {
  std::unique_ptr<FaultFiles> files = make_log();
  const Report report = verify_folder(*files, "ledger", std::nullopt);
  EXPECT_EQ(report.verdict, Verdict::kUnknown);
  EXPECT_NE(report.reason.find("pawl trust pin"), std::string::npos);
  EXPECT_EQ(report.entries, kEntries);
  EXPECT_EQ(report.tokens_verified, 0u);
  EXPECT_EQ(verify_folder(*files, "nowhere", LedgerRig::trust()).verdict, Verdict::kUnknown);
}

TEST(VerifyFolder, EveryTamperingIsCaughtAndNamed) {
  using Batches = std::vector<std::vector<Piece>>;
  struct Case {
    std::string name;
    std::function<void(FaultFiles&)> tamper;
    std::string first_bad;  // begins so
  };
  const auto reframed = [](std::function<void(Batches&)> change) {
    return [change](FaultFiles& files) {
      Batches batches = take_apart(files);
      change(batches);
      put_together(files, batches);
    };
  };
  const auto flip_at = [](std::string_view needle, std::uint64_t nth) {
    return [needle, nth](FaultFiles& files) {
      std::string bytes = *files.contents(kSegment);
      std::size_t at = 0;
      for (std::uint64_t i = 0; i <= nth; ++i) {
        at = bytes.find(needle, at + 1);
      }
      bytes[at + 10] ^= 1;
      files.put(kSegment, bytes);
    };
  };
  const std::vector<Case> cases = {
      {"byte flipped in entry 7", flip_at("eyJ", 7), "segment 000000000001.seg offset "},
      {"byte flipped in the last entry", flip_at("eyJ", 19), "segment 000000000001.seg offset "},
      {"entry 7 replaced, checks made right", reframed([](Batches& batches) {
         batch_of(batches, 7)[0].body.replace(16, std::string::npos, LedgerRig::token(7, "failed"));
       }),
       "checkpoint of size 8: root differs from the entries"},
      {"payload of entry 7 changed, checks made right", reframed([](Batches& batches) {
         std::string& body = batch_of(batches, 7)[0].body;
         body[body.size() - 10] = body[body.size() - 10] == 'A' ? 'B' : 'A';
       }),
       "entry 7 (id " + test_id(7).text() + "): token signature does not verify"},
      {"entry 7 dropped",
       reframed([](Batches& batches) { batches.erase(batches.begin() + 2 + 2 * 7); }),
       "checkpoint of size 8: 7 entries stand before it"},
      {"entries 7 and 8 swapped", reframed([](Batches& batches) {
         std::swap(batch_of(batches, 7)[0], batch_of(batches, 8)[0]);
       }),
       "entry 7 (id " + test_id(8).text() + "): it closes an intent that is not there"},
      {"the intent of entry 7 dropped",
       reframed([](Batches& batches) { batches.erase(batches.begin() + 1 + 2 * 7); }),
       "entry 7 (id " + test_id(7).text() + "): it closes an intent that is not there"},
      {"entry 7 no longer closes its intent",
       reframed([](Batches& batches) { batch_of(batches, 7)[0].closes = false; }),
       "entry 7 (id " + test_id(7).text() + "): it leaves the intent open whose outcome it is"},
      {"entry 7 under another id",
       reframed([](Batches& batches) { batch_of(batches, 7)[0].body[15] ^= 1; }),
       "entry 7 (id " + test_id(7).text() + "): it stands under the id "},
      {"checkpoint's signature changed", reframed([](Batches& batches) {
         std::string& note = batch_of(batches, 7)[1].body;
         note[note.size() - 10] = note[note.size() - 10] == 'A' ? 'B' : 'A';
       }),
       "checkpoint of size 8: the signature by example.org/pawl/test does not verify"},
      {"cut off after entry 9", reframed([](Batches& batches) { batches.resize(2 + 2 * 10); }),
       "the log ends at entry 10, but the published checkpoint covers 20"},
      {"published checkpoint of another key",
       [](FaultFiles& files) {
         auto other = make_log(*SigningKey::generate(KeyKind::kEd25519));
         files.put("ledger/checkpoint", *other->contents("ledger/checkpoint"));
       },
       "file checkpoint: no signature by the trusted key"},
      {"whole log of another key",
       [](FaultFiles& files) {
         auto other = make_log(*SigningKey::generate(KeyKind::kEd25519));
         files.put(kSegment, *other->contents(kSegment));
         EXPECT_TRUE(files.remove("ledger/checkpoint"));
       },
       "checkpoint of size 0: no signature by the trusted key"},
      {"segment header",
       [](FaultFiles& files) {
         std::string bytes = *files.contents(kSegment);
         bytes[20] ^= 1;
         files.put(kSegment, bytes);
       },
       "segment 000000000001.seg offset 0: the segment header's check does not fit"},
  };
  const std::optional<Trust> trust = LedgerRig::trust();
  for (const Case& c : cases) {
    std::unique_ptr<FaultFiles> files = make_log();
    c.tamper(*files);
    const Report report = verify_folder(*files, "ledger", trust);
    EXPECT_EQ(report.verdict, Verdict::kBad) << c.name << ": " << report.reason;
    EXPECT_TRUE(report.first_bad.starts_with(c.first_bad)) << c.name << ": " << report.first_bad;
    EXPECT_NE(verify_folder(*files, "ledger", std::nullopt).verdict, Verdict::kGood) << c.name;
  }
}

TEST(VerifyFolder, PinnedHeadCatchesWhatTheLogItselfHides) {
  std::unique_ptr<FaultFiles> files = make_log();
  Trust trust = LedgerRig::trust();
  Visitor visitor;
  Digest last;
  visitor.checkpoint = [&](const Checkpoint& head) {
    last = head.root;
    if (head.size == 15) {
      trust.pinned_size = 15;
      trust.pinned_root = base64_encode(view(head.root));
    }
  };
  ASSERT_TRUE(walk(*files, "ledger", visitor));
  ASSERT_EQ(trust.pinned_size, 15u);
  EXPECT_EQ(verify_folder(*files, "ledger", trust).verdict, Verdict::kGood);

  // What the next log says of this one's end holds beside the pin.
  for (const bool right : {true, false}) {
    trust.later_head = PinnedHead{kEntries, base64_encode(view(last))};
    trust.later_head->root[0] = right ? trust.later_head->root[0] : '!';
    const Report linked = verify_folder(*files, "ledger", trust);
    EXPECT_EQ(linked.verdict, right ? Verdict::kGood : Verdict::kBad) << linked.reason;
    EXPECT_EQ(linked.first_bad.starts_with("the log does not extend the pinned head of size 20"),
              !right);
  }
  trust.later_head.reset();

  // The same keys, another history: only the pinned head tells.
  std::unique_ptr<FaultFiles> rewritten = make_log();
  Report report = verify_folder(*rewritten, "ledger", trust);
  EXPECT_EQ(report.verdict, Verdict::kBad);
  EXPECT_TRUE(report.first_bad.starts_with("the log does not extend the pinned head of size 15"))
      << report.first_bad;

  std::unique_ptr<FaultFiles> older = make_log(LedgerRig::log_key(), 10);
  report = verify_folder(*older, "ledger", trust);
  EXPECT_EQ(report.verdict, Verdict::kBad);
  EXPECT_TRUE(report.first_bad.starts_with("the log ends at entry 10, but the pinned head"))
      << report.first_bad;
}

TEST(VerifyFolder, SameIdTwiceIsCaught) {
  FaultFiles files;
  LedgerRig rig;
  {
    auto ledger = *rig.open(files);
    EXPECT_TRUE(append_entry_sync(*ledger, 1, LedgerRig::token(1)));
    EXPECT_TRUE(append_entry_sync(*ledger, 2, LedgerRig::token(2)));
    EXPECT_TRUE(append_entry_sync(*ledger, 1, LedgerRig::token(1, "failed")));
  }
  const Report report = verify_folder(files, "ledger", LedgerRig::trust());
  EXPECT_EQ(report.verdict, Verdict::kBad);
  EXPECT_EQ(report.first_bad, "entry 2 (id " + test_id(1).text() + "): entry 0 has the same id");
}

TEST(VerifyFolder, UnknownTokenKeyAndUnsupportedFormatCannotBeDecided) {
  std::unique_ptr<FaultFiles> files = make_log();
  Trust trust = LedgerRig::trust();
  const SigningKey other = *SigningKey::generate(KeyKind::kP256);
  std::string jwk = other.public_key().to_jwk();
  jwk.insert(1, R"("kid":"other",)");
  trust.token_keys = *jose::JwkSet::parse(R"({"keys":[)" + jwk + "]}");
  Report report = verify_folder(*files, "ledger", trust);
  EXPECT_EQ(report.verdict, Verdict::kUnknown) << report.first_bad;
  EXPECT_NE(report.reason.find("the trust file has no token key"), std::string::npos);

  std::string bytes = *files->contents(kSegment);
  bytes[7] = '2';
  files->put(kSegment, bytes);
  report = verify_folder(*files, "ledger", LedgerRig::trust());
  EXPECT_EQ(report.verdict, Verdict::kUnknown) << report.first_bad;
}

TEST(VerifyFolder, WhileADaemonWrites) {
  FaultFiles files;
  LedgerRig rig;
  auto ledger = *rig.open(files);
  std::uint64_t appended = 0;
  Waiter waiter;
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 30; ++i, ++appended) {
      ledger->append_entry({LedgerRig::token(appended), test_id(appended), false},
                           [&](Result<EntryRef>) { waiter.arrive(); });
    }
    const Report report = verify_folder(files, "ledger", LedgerRig::trust());
    EXPECT_TRUE(report.verdict == Verdict::kGood || report.size == 0) << report.reason;
    EXPECT_TRUE(report.first_bad.empty()) << report.first_bad;
  }
  waiter.wait(appended);
  EXPECT_EQ(verify_folder(files, "ledger", LedgerRig::trust()).entries, appended);
}

TEST(VerifyReceipt, GoodAndEveryWayToBreakIt) {
  FaultFiles files;
  LedgerRig rig;
  auto ledger = *rig.open(files);
  for (std::uint64_t i = 0; i < 5; ++i) {
    EXPECT_TRUE(append_entry_sync(*ledger, i, LedgerRig::token(i)));
  }
  const std::string token = *ledger->entry(3);
  const std::string proof = *ledger->receipt(3);
  const std::string other_token = *ledger->entry(2);
  const Trust trust = LedgerRig::trust();
  Trust other_log = trust;
  other_log.log_vkey =
      NoteSigner::make("example.org/pawl/test", *SigningKey::generate(KeyKind::kEd25519))->vkey();
  Trust pinned = trust;
  pinned.pinned_size = 5;
  pinned.pinned_root = base64_encode(std::string(32, 'x'));
  std::string other_index = proof;
  other_index.replace(other_index.find("index 3"), 7, "index 2");
  struct Case {
    std::string name, token, proof;
    std::optional<Trust> trust;
    Verdict verdict;
  };
  const std::vector<Case> cases = {
      {"good", token, proof, trust, Verdict::kGood},
      {"no trust", token, proof, std::nullopt, Verdict::kUnknown},
      {"another token", other_token, proof, trust, Verdict::kBad},
      {"another index", token, other_index, trust, Verdict::kBad},
      {"another log key", token, proof, other_log, Verdict::kBad},
      {"another head pinned", token, proof, pinned, Verdict::kBad},
      {"not a proof", token, "hello", trust, Verdict::kBad},
      {"changed token without trust", token + "A", proof, std::nullopt, Verdict::kBad},
  };
  for (const Case& c : cases) {
    const Report report = verify_receipt(c.token, c.proof, c.trust);
    EXPECT_EQ(report.verdict, c.verdict) << c.name << ": " << report.reason;
    EXPECT_EQ(report.first_bad.empty(), c.verdict != Verdict::kBad) << c.name;
  }
}

TEST(Bundle, ExportVerifiesAndTamperingIsCaught) {
  FaultFiles files;
  LedgerRig rig;
  {
    auto ledger = *rig.open(files);
    Waiter waiter;
    for (std::uint64_t i = 0; i < 300; ++i) {
      ledger->append_entry({LedgerRig::token(i), test_id(i), false},
                           [&](Result<EntryRef>) { waiter.arrive(); });
    }
    waiter.wait(300);
  }
  ASSERT_TRUE(export_bundle(files, "ledger", "bundle"));
  EXPECT_EQ(export_bundle(files, "ledger", "bundle").error().code, Code::kConflict);
  EXPECT_FALSE(files.exists("bundle/segments"));
  Report report = verify_folder(files, "bundle", LedgerRig::trust());
  EXPECT_EQ(report.verdict, Verdict::kGood) << report.reason;
  EXPECT_EQ(report.tokens_verified, 300u);
  std::uint64_t seen = 290;
  Visitor visitor;
  visitor.entry = [&](std::uint64_t index, std::string_view) { return index == seen++; };
  EXPECT_TRUE(walk(files, "bundle", visitor, 290));
  EXPECT_EQ(seen, 300u);

  struct Case {
    std::string path;
    bool removed;
    Verdict verdict;
    std::string first_bad;
  };
  const std::vector<Case> cases = {
      {"bundle/tile/entries/000", false, Verdict::kBad, "entry 0"},
      {"bundle/tile/entries/001.p/44", false, Verdict::kBad, "entry 256"},
      {"bundle/tile/0/000", false, Verdict::kBad, "tile/0/000: differs"},
      {"bundle/tile/0/001.p/44", false, Verdict::kBad, "tile/0/001.p/44: differs"},
      {"bundle/tile/1/000.p/1", false, Verdict::kBad, "tile/1/000.p/1: differs"},
      {"bundle/checkpoint", false, Verdict::kBad, "file checkpoint: "},
      {"bundle/tile/entries/000", true, Verdict::kUnknown, ""},
      {"bundle/tile/0/000", true, Verdict::kUnknown, ""},
  };
  for (const Case& c : cases) {
    const std::string kept = *files.contents(c.path);
    if (c.removed) {
      ASSERT_TRUE(files.remove(c.path));
    } else {
      std::string changed = kept;
      changed[std::min<std::size_t>(100, changed.size() - 1)] ^= 1;
      files.put(c.path, changed);
    }
    report = verify_folder(files, "bundle", LedgerRig::trust());
    EXPECT_EQ(report.verdict, c.verdict) << c.path << ": " << report.reason;
    EXPECT_TRUE(report.first_bad.starts_with(c.first_bad)) << c.path << ": " << report.first_bad;
    files.put(c.path, kept);
  }
}

// An export is honest when the log went on after it; a data folder that is shorter was cut off.
TEST(Bundle, OlderThanThePinCannotBeDecided) {
  std::unique_ptr<FaultFiles> files = make_log();
  ASSERT_TRUE(export_bundle(*files, "ledger", "bundle"));
  Trust later = LedgerRig::trust();
  later.pinned_size = kEntries + 1;
  later.pinned_root = base64_encode(std::string(32, 'r'));
  const Report bundle = verify_folder(*files, "bundle", later);
  EXPECT_EQ(bundle.verdict, Verdict::kUnknown) << bundle.reason;
  EXPECT_NE(bundle.reason.find("it ends before your pinned head (20 of 21)"), std::string::npos)
      << bundle.reason;
  EXPECT_EQ(verify_folder(*files, "ledger", later).verdict, Verdict::kBad);

  later.pinned_size = kEntries;
  EXPECT_EQ(verify_folder(*files, "bundle", later).verdict, Verdict::kBad) << "another root";
  std::string tile = *files->contents("bundle/tile/entries/000.p/20");
  tile[100] ^= 1;
  files->put("bundle/tile/entries/000.p/20", tile);
  later.pinned_size = kEntries + 1;
  EXPECT_EQ(verify_folder(*files, "bundle", later).verdict, Verdict::kBad) << "altered";
}

TEST(TrustFile, PrintsWhatItParses) {
  Trust trust = LedgerRig::trust();
  trust.operator_keys = trust.token_keys;
  trust.pinned_size = 7;
  trust.pinned_root = base64_encode(std::string(32, 'r'));
  const std::string text = print_trust(trust);
  Result<Trust> parsed = parse_trust(text);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(print_trust(*parsed), text);
  EXPECT_EQ(parsed->pinned_size, 7u);
  EXPECT_EQ(parsed->operator_keys.size(), 1u);

  const auto without = [&](std::string_view from, std::string_view to) {
    std::string changed = text;
    return changed.replace(changed.find(from), from.size(), to);
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"not JSON", "{"},
      {"no format", without("\"format\":\"pawl.trust/1\",", "")},
      {"newer", without("pawl.trust/1", "pawl.trust/2")},
      {"bad vkey", without("example.org/pawl/test+", "example.org/pawl/test-")},
      {"no token keys", without("token_keys", "other_keys")},
      {"bad pin", without("\"size\":7", "\"size\":-7")},
  };
  for (const auto& [name, changed] : cases) {
    EXPECT_FALSE(parse_trust(changed)) << name;
  }
}

TEST(TrustFile, APinnedNoteIsTheCheckpointOfThePin) {
  Trust trust = LedgerRig::trust();
  const NoteSigner signer = *NoteSigner::make("example.org/pawl/test", LedgerRig::log_key());
  const auto note_of = [&](std::uint64_t size) {
    return *signer.sign(print_head({"example.org/pawl/test", size, sha256("a tree"), {}}));
  };
  trust.pinned_size = 7;
  trust.pinned_root = base64_encode(view(sha256("a tree")));
  trust.pinned_note = note_of(7);
  const Result<Trust> parsed = parse_trust(print_trust(trust));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->pinned_note, trust.pinned_note);
  trust.pinned_note = note_of(8);
  EXPECT_FALSE(parse_trust(print_trust(trust))) << "another size";
  trust.pinned_note = note_of(7);
  trust.pinned_root = base64_encode(view(sha256("another tree")));
  EXPECT_FALSE(parse_trust(print_trust(trust))) << "another root";
  trust.pinned_note = "no checkpoint";
  EXPECT_FALSE(parse_trust(print_trust(trust))) << "no checkpoint";
}

}  // namespace
}  // namespace pawl::ledger
