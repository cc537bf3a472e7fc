// Evidence files: their form, the vector with its table of changes, and every flipped bit of one.
#include "foundation/ledger/evidence.h"

#include <gtest/gtest.h>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/evidence_check.h"
#include "tests/foundation/ledger/ledger_rig.h"
#include "tests/support/source_dir.h"

namespace pawl::ledger {
namespace {

std::string vector(const std::string& name) {
  const Result<std::string> text =
      read_file(system_files(), source_dir() + "/tests/vectors/evidence/" + name);
  EXPECT_TRUE(text) << name;
  return text.value_or("");
}

// As `pawl verify` takes it.
Verdict verdict_of(std::string_view text, const std::optional<Trust>& trust,
                   std::string* reason = nullptr) {
  if (!looks_like_evidence(text)) {
    return Verdict::kUnknown;
  }
  const Result<Evidence> evidence = parse_evidence(text);
  if (!evidence) {
    if (reason != nullptr) {
      *reason = evidence.error().message;
    }
    return evidence.error().code == Code::kMalformed ? Verdict::kBad : Verdict::kUnknown;
  }
  const EvidenceReport found = check_evidence(*evidence, trust);
  if (reason != nullptr) {
    *reason = found.report.reason;
  }
  return found.report.verdict;
}

const char* name_of(Verdict verdict) {
  return verdict == Verdict::kGood ? "good" : verdict == Verdict::kBad ? "bad" : "undecided";
}

std::string text_at(const json::Value& value, std::string_view name) {
  return std::string(*json::find_string(value, {name}));
}

TEST(Evidence, TheVectorIsGoodAndSaysWhatItShows) {
  const Result<Evidence> evidence = parse_evidence(vector("workflow.evidence"));
  ASSERT_TRUE(evidence) << evidence.error().message;
  const EvidenceReport found = check_evidence(*evidence, *parse_trust(vector("log.trust")));
  EXPECT_EQ(found.report.verdict, Verdict::kGood) << found.report.reason;
  EXPECT_EQ(found.report.entries, 6u);
  EXPECT_EQ(found.report.tokens_verified, 6u);
  EXPECT_EQ(found.report.size, 7u);
  EXPECT_EQ(found.key_records, 3u);
  EXPECT_EQ(found.graph.of_workflow, 3u);
  EXPECT_EQ(found.graph.level, ect::Level::kL2);
  ASSERT_EQ(found.graph.missing.size(), 1u);
  EXPECT_TRUE(found.graph.missing[0].is_accounted);
  EXPECT_EQ(found.graph.missing[0].child, 5u);
  EXPECT_EQ(found.report.outcomes.at("unknown"), 1u);
  EXPECT_EQ(found.report.keys.all().size(), 2u);
}

TEST(Evidence, IsPrintedAsItWasRead) {
  const std::string text = vector("workflow.evidence");
  const Result<Evidence> evidence = parse_evidence(text);
  ASSERT_TRUE(evidence);
  const std::string printed = print_evidence(*evidence);
  EXPECT_EQ(json::canonical(json::parse(printed)->value),
            json::canonical(json::parse(text)->value));
  EXPECT_EQ(print_evidence(*parse_evidence(printed)), printed);
}

TEST(Evidence, EveryChangeOfTheTableHasItsVerdict) {
  const std::string text = vector("workflow.evidence");
  const Trust trust = *parse_trust(vector("log.trust"));
  const Result<json::Parsed> table = json::parse(vector("cases.json"));
  ASSERT_TRUE(table);
  const json::Array& cases = table->value.at("cases").get_array();
  EXPECT_GT(cases.size(), 40u);
  for (const json::Value& one : cases) {
    const std::string replace = text_at(one, "replace"), by = text_at(one, "by");
    std::string changed = text;
    const std::size_t at = changed.find(replace);
    ASSERT_NE(at, changed.npos) << text_at(one, "name");
    changed.replace(at, replace.size(), by);
    std::string reason;
    EXPECT_EQ(name_of(verdict_of(changed, trust, &reason)), text_at(one, "verdict"))
        << text_at(one, "name") << ": " << reason;
  }
}

TEST(Evidence, AnErrorSaysWhereAndWhatWasExpected) {
  const std::string text = vector("workflow.evidence");
  struct {
    const char* replace;
    const char* by;
    const char* message;
  } const cases[] = {
      {"\"format\":", "\"format\":1,\"x\":", "format: expected \"pawl.evidence/1\""},
      {"\"missing\":", "\"Missing\":", "the file: expected a member missing"},
      {"{\"format\"", "{\"a\":1,\"format\"", "the file: expected no member \"a\""},
      {"\"index\":0", "\"index\":-1", "key_records[0].index: expected a whole number from 0"},
      {"\"entries\":[{", "\"entries\":[1,{", "entries[0]: expected an object"},
      {"\"kid\":\"", "\"kid\":\"x", "keys: expected each kid to be"},
      {"\"workflow\":\"", "\"workflow\":\"x", "workflow: expected a UUID in lower case"},
      {"\"proof\":[\"", "\"proof\":[\"=", "key_records[0].proof[0]: expected base64 of 32 bytes"},
  };
  for (const auto& one : cases) {
    std::string changed = text;
    const std::size_t at = changed.find(one.replace);
    ASSERT_NE(at, changed.npos) << one.replace;
    changed.replace(at, std::string_view(one.replace).size(), one.by);
    const Result<Evidence> evidence = parse_evidence(changed);
    ASSERT_FALSE(evidence) << one.message;
    EXPECT_EQ(evidence.error().code, Code::kMalformed);
    EXPECT_NE(evidence.error().message.find(one.message), std::string::npos)
        << evidence.error().message;
  }
}

TEST(Evidence, LimitsAreNoProofOfAnything) {
  Evidence evidence = *parse_evidence(vector("workflow.evidence"));
  struct {
    const char* name;
    std::function<void(Evidence&)> grow;
  } const cases[] = {
      {"entries",
       [](Evidence& e) {
         EvidenceEntry one = e.entries[0];
         one.token = "x";
         one.path.clear();
         e.entries.clear();
         for (std::size_t i = 0; i <= kMostEvidenceEntries; ++i) {
           one.index = i;
           e.entries.push_back(one);
         }
       }},
      {"key_records",
       [](Evidence& e) {
         EvidenceEntry one = e.entries[0];
         one.token = "x";
         one.path.clear();
         e.key_records.clear();
         for (std::size_t i = 0; i <= kMostEvidenceKeyRecords; ++i) {
           one.index = i;
           e.key_records.push_back(one);
         }
       }},
      {"missing",
       [](Evidence& e) {
         for (std::uint64_t i = 0; i <= kMostMissingParents; ++i) {
           e.missing.push_back(test_id(i));
         }
       }},
      {"proof", [](Evidence& e) { e.entries[0].path.resize(64); }},
      {"token", [](Evidence& e) { e.entries[0].token.resize(65'536, 'x'); }},
      {"checkpoint", [](Evidence& e) { e.checkpoint.resize((1u << 20) + 1, 'x'); }},
  };
  for (const auto& one : cases) {
    Evidence grown = evidence;
    one.grow(grown);
    const Result<Evidence> read = parse_evidence(print_evidence(grown));
    ASSERT_FALSE(read) << one.name;
    EXPECT_EQ(read.error().code, Code::kTooLarge) << one.name << ": " << read.error().message;
    EXPECT_NE(read.error().message.find(one.name), std::string::npos) << read.error().message;
  }
  const std::string large = "{\"format\":\"pawl.evidence/1\"" + std::string(kMaxEvidenceBytes, ' ');
  EXPECT_EQ(parse_evidence(large).error().code, Code::kTooLarge);
}

std::string record(std::uint64_t number, const std::string& wid) {
  const std::string payload = R"({"iss":"i","aud":["a"],"iat":1,"exp":2,"jti":")" +
                              test_id(number).text() + "\"" + wid + R"(,"exec_act":"x","pred":[]})";
  const SigningKey& key = LedgerRig::token_key();
  return *jose::sign(key, "exec+jwt", key.public_key().thumbprint(), payload);
}

// The least that a file can hold: two entries of a log of two, and a line of a witness.
Evidence small_evidence() {
  Evidence out;
  out.workflow = test_id(99);
  out.keys = LedgerRig::trust();
  const std::string tokens[] = {record(0, ""),
                                record(1, ",\"wid\":\"" + out.workflow.text() + "\"")};
  const Digest leaves[] = {hash_leaf(tokens[0]), hash_leaf(tokens[1])};
  const Result<NoteSigner> signer = NoteSigner::make("example.org/pawl/test", LedgerRig::log_key());
  out.checkpoint = *signer->sign(
      print_head({"example.org/pawl/test", 2, hash_children(leaves[0], leaves[1]), {}}));
  out.key_records = {{0, tokens[0], {leaves[1]}}};
  out.entries = {{1, tokens[1], {leaves[0]}}};
  return out;
}

TEST(Evidence, EveryFlippedBitIsNoticed) {
  const Evidence evidence = small_evidence();
  const std::string text = print_evidence(evidence);
  const Trust trust = LedgerRig::trust();
  ASSERT_EQ(verdict_of(text, trust), Verdict::kGood);
  std::size_t good = 0;
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    if (verdict_of(flipped, trust) == Verdict::kGood) {
      ++good;
      ADD_FAILURE() << "bit " << bit << ": " << flipped.substr(bit / 8 - 20, 40);
    }
  }
  EXPECT_EQ(good, 0u);
}

// The page names the one place that nobody reads: lines of strangers below the checkpoint.
TEST(Evidence, ABitOfAStrangersLineChangesNothing) {
  Evidence evidence = small_evidence();
  const std::string line = print_signature({"w/stranger", 7, std::string(72, 'x')});
  evidence.checkpoint += line;
  const std::string text = print_evidence(evidence);
  const Trust trust = LedgerRig::trust();
  const std::size_t begin = text.find("w/stranger"), end = text.find("\\n\"", begin);
  ASSERT_EQ(verdict_of(text, trust), Verdict::kGood);
  std::size_t harmless = 0;
  for (std::size_t at = begin; at < end; ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string flipped = text;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      const Result<Evidence> read = parse_evidence(flipped);
      if (verdict_of(flipped, trust) != Verdict::kGood) {
        continue;
      }
      ++harmless;
      ASSERT_TRUE(read);
      const std::size_t own = evidence.checkpoint.size() - line.size();
      EXPECT_EQ(read->checkpoint.substr(0, own), evidence.checkpoint.substr(0, own));
      EXPECT_EQ(read->entries[0].token, evidence.entries[0].token);
    }
  }
  EXPECT_GT(harmless, 100u);
}

TEST(Evidence, NoTrustRootAndOtherKeysDecideNothing) {
  const std::string text = print_evidence(small_evidence());
  EXPECT_EQ(verdict_of(text, std::nullopt), Verdict::kUnknown);
  Trust other = LedgerRig::trust();
  const SigningKey stranger = *SigningKey::generate(KeyKind::kP256);
  other.token_keys = *jose::JwkSet::parse(R"({"keys":[)" + stranger.public_key().to_jwk() + "]}");
  EXPECT_EQ(verdict_of(text, other), Verdict::kUnknown);
  other = LedgerRig::trust();
  const SigningKey log_key = *SigningKey::generate(KeyKind::kEd25519);
  other.log_vkey = NoteSigner::make("example.org/pawl/test", log_key)->vkey();
  EXPECT_EQ(verdict_of(text, other), Verdict::kBad);
}

TEST(Evidence, APinnedHeadCountsAtItsOwnSizeOnly) {
  const std::string text = print_evidence(small_evidence());
  struct {
    std::uint64_t size;
    Verdict expected;
  } const cases[] = {{2, Verdict::kBad}, {1, Verdict::kGood}, {3, Verdict::kGood}};
  for (const auto& one : cases) {
    Trust trust = LedgerRig::trust();
    trust.pinned_size = one.size;
    trust.pinned_root = base64_encode(view(hash_leaf("another")));
    EXPECT_EQ(verdict_of(text, trust), one.expected) << one.size;
  }
}

}  // namespace
}  // namespace pawl::ledger
