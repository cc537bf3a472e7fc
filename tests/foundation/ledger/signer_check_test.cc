// Whole logs with key records, verified: who signed what, and what a verifier makes of it.
#include "foundation/ledger/signer_check.h"

#include <gtest/gtest.h>

#include "foundation/keys/compromise.h"
#include "foundation/ledger/merkle.h"
#include "tests/foundation/ledger/ledger_rig.h"
#include "tests/support/counted_verifications.h"

namespace pawl::ledger {
namespace {

constexpr std::int64_t kBegin = 1'772'064'000;
const std::string kIss = "spiffe://example.org/pawl/test";

struct Person {
  SigningKey key = *SigningKey::generate(KeyKind::kP256);
  std::string kid() const { return key.public_key().thumbprint(); }
  json::Object jwk() const { return json::parse(key.public_key().to_jwk())->value.get_object(); }
};

const Person& named(char name) {
  static const std::map<char, Person> people = {
      {'A', {}}, {'B', {}}, {'C', {}}, {'O', {}}, {'P', {}}};
  return people.at(name);
}

jose::JwkSet set_of(std::string_view names) {
  json::Array keys;
  for (const char name : names) {
    json::Object jwk = named(name).jwk();
    jwk["kid"] = named(name).kid();
    keys.push_back(std::move(jwk));
  }
  return *jose::JwkSet::parse(json::print(json::Object{{"keys", std::move(keys)}}));
}

// An entry of one of our logs: `at` seconds after its begin.
struct Line {
  char by = 'A';
  std::int64_t at = 0;
  std::string_view kind = "tool.call";
  KeyRecord record{};
  char claims_to_be = 0;  // names another key in its header
};

std::string token_of(std::uint64_t number, const Line& line) {
  json::Object ext{{"pawl.profile", "urn:pawl:profile:1"}};
  if (line.kind == "tool.call") {
    ext["pawl.tool"] = json::Object{{"outcome", "confirmed"}};
  } else if (line.kind == "ledger.opened") {
    ext["pawl.ledger"] = json::Object{{"token_key", line.record.kid}};
  } else {
    ext["pawl.key"] = print_key_record(line.record);
  }
  json::Object payload{{"iss", kIss}, {"iat", kBegin + line.at}, {"exp", kBegin + line.at + 600}};
  payload["aud"] = json::Array{"spiffe://example.org/pawl/test/ledger"};
  payload["jti"] = test_id(number).text();
  payload["exec_act"] = line.kind;
  payload["pred"] = json::Array{};
  payload["ect_ext"] = std::move(ext);
  const char name = line.claims_to_be != 0 ? line.claims_to_be : line.by;
  return *jose::sign(named(line.by).key, "exec+jwt", named(name).kid(), json::print(payload));
}

Line opened(char by, char key) {
  return {by, 0, "ledger.opened", {KeyRecord::What::kOpened, named(key).kid()}};
}

Line activated(char by, std::int64_t at, char key) {
  KeyRecord record;
  record.kid = named(key).kid();
  record.jwk = named(key).jwk();
  return {by, at, "key.activated", record};
}

Line retired(char by, std::int64_t at, char key) {
  return {by, at, "key.retired", {KeyRecord::What::kRetired, named(key).kid()}};
}

// What the operator `person` signs, before `change`.
Line compromised(char by, std::int64_t at, char key, std::int64_t since, char next,
                 char person = 'O', const std::function<void(Compromise&)>& change = {}) {
  KeyRecord record;
  record.what = KeyRecord::What::kCompromised;
  record.kid = named(key).kid();
  record.since_s = kBegin + since;
  if (next != 0) {
    record.next = named(next).kid();
    record.jwk = named(next).jwk();
  }
  record.reason = "stolen";
  record.operator_name = "ann";
  record.operator_kid = named(person).kid();
  Compromise said{record.kid, record.since_s,  record.next, record.reason,
                  kIss,       test_id(777777), kBegin + at, kBegin + at + 120};
  if (change) {
    change(said);
  }
  record.statement = *sign_compromise(said, named(person).key);
  return {by, at, "key.compromised", record};
}

Line without_statement(Line line) {
  line.record.statement.clear();
  return line;
}

std::unique_ptr<FaultFiles> make_log(const std::vector<Line>& lines) {
  auto files = std::make_unique<FaultFiles>();
  LedgerRig rig;
  auto ledger = *rig.open(*files);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_TRUE(append_entry_sync(*ledger, i, token_of(i, lines[i])));
  }
  return files;
}

Trust trust_of(std::string_view token_keys, std::string_view operators = "O") {
  Trust trust = LedgerRig::trust();
  trust.token_keys = set_of(token_keys);
  if (!operators.empty()) {
    trust.operator_keys = set_of(operators);
  }
  return trust;
}

const Line kCallA{'A', 1};

struct Case {
  std::string name;
  std::vector<Line> lines;
  Verdict verdict = Verdict::kGood;
  std::string reason{};  // somewhere in it
  std::string keys = "A";
};

std::vector<Case> good_cases() {
  return {
      {"no key records", {opened('A', 'A'), kCallA, {'A', 2}}},
      {"a log of old, without a first record", {kCallA, {'A', 2}}},
      {"a rotation: the first key is enough",
       {opened('A', 'A'),
        kCallA,
        activated('A', 2, 'B'),
        {'B', 3},
        retired('B', 4, 'A'),
        {'B', 5}}},
      {"both until the retirement",
       {opened('A', 'A'),
        activated('A', 2, 'B'),
        {'A', 3},
        {'B', 4},
        {'A', 4},
        retired('B', 5, 'A')}},
      {"two rotations in one chunk",
       {opened('A', 'A'),
        activated('A', 2, 'B'),
        retired('B', 3, 'A'),
        activated('B', 4, 'C'),
        retired('C', 5, 'B'),
        {'C', 6}}},
      {"compromised before anything was signed since",
       {opened('A', 'A'),
        activated('A', 2, 'B'),
        retired('B', 3, 'A'),
        compromised('B', 9, 'A', 5, 'B'),
        {'B', 10}}},
  };
}

std::vector<Case> bad_cases() {
  const auto rotated = [](Line last) {
    return std::vector<Line>{
        opened('A', 'A'), activated('A', 2, 'B'), retired('B', 3, 'A'), {'B', 4}, std::move(last)};
  };
  const auto reported = [](Line last) {
    return std::vector<Line>{opened('A', 'A'), kCallA, std::move(last)};
  };
  const auto said = [&](const std::function<void(Compromise&)>& change) {
    return reported(compromised('A', 5, 'A', 3, 'B', 'O', change));
  };
  const Verdict bad = Verdict::kBad;
  return {
      {"the retired key signs again", rotated({'A', 5}), bad, "entry 4 "},
      {"the retired key signs under an older time", rotated({'A', 1}), bad, "which was retired"},
      {"a key that nobody activated, though the verifier trusts it",
       {opened('A', 'A'), {'B', 2}},
       bad,
       "no record before it activated",
       "AB"},
      {"the new key signs its own activation",
       {opened('A', 'A'), activated('B', 2, 'B')},
       bad,
       "no record before it activated",
       "AB"},
      {"a stranger under the new key's name",
       {opened('A', 'A'), activated('A', 2, 'B'), {'C', 3, "tool.call", {}, 'B'}},
       bad,
       "token signature does not verify"},
      {"the first record names another key", {opened('A', 'B')}, bad, "another one signed", "AB"},
      {"a retired key comes back", rotated(activated('B', 5, 'A')), bad, "second time"},
      {"a compromise that nobody signed",
       reported(without_statement(compromised('A', 5, 'A', 3, 'B'))), bad, "no operator signed it"},
      {"signed about another key", said([](Compromise& c) { c.kid = named('C').kid(); }), bad,
       "another key"},
      {"signed about another time", said([](Compromise& c) { ++c.since_s; }), bad, "another key"},
      {"signed for another next key", said([](Compromise& c) { c.next = named('C').kid(); }), bad,
       "another key"},
      {"signed with another reason", said([](Compromise& c) { c.reason = "lost"; }), bad,
       "another key"},
      {"signed for another instance", said([](Compromise& c) { c.audience += "2"; }), bad,
       "another instance"},
      {"signed on a later day", said([](Compromise& c) { c.iat += 86400, c.exp += 86400; }), bad,
       "before the operator signed"},
      {"a statement that lives long", said([](Compromise& c) { c.exp = c.iat + 301; }), bad,
       "longer than 300 s"},
  };
}

std::vector<Case> undecided_cases() {
  const Verdict unknown = Verdict::kUnknown;
  const std::vector<Line> stolen = {
      opened('A', 'A'),     kCallA,  {'A', 5}, {'A', 6}, compromised('A', 7, 'A', 5, 'B'),
      retired('B', 8, 'A'), {'B', 9}};
  return {
      {"signed since the compromise", stolen, unknown, "3 of the entries 2 to 4 are suspect"},
      {"though the verifier has the new key", stolen, unknown, "3 of the entries 2 to 4", "AB"},
      {"a chain that the stolen key went on with",
       {opened('A', 'A'),
        activated('A', 5, 'B'),
        retired('B', 6, 'A'),
        {'B', 7},
        compromised('B', 8, 'A', 4, 0)},
       unknown,
       "4 of the entries 1 to 4 are suspect"},
      {"the first key is not trusted",
       {opened('A', 'A'), activated('A', 2, 'B'), {'B', 3}},
       unknown,
       "no token key with kid",
       "C"},
      {"an operator whom the verifier does not know",
       {opened('A', 'A'), compromised('A', 7, 'A', 5, 'B', 'P'), {'B', 9}},
       unknown,
       "no operator key with kid"},
  };
}

TEST(SignerCheck, WholeLogs) {
  for (const auto& cases : {good_cases(), bad_cases(), undecided_cases()}) {
    for (const Case& one : cases) {
      const std::unique_ptr<FaultFiles> files = make_log(one.lines);
      const Report report = verify_folder(*files, "ledger", trust_of(one.keys));
      EXPECT_EQ(report.verdict, one.verdict) << one.name << ": " << report.reason;
      EXPECT_NE(report.reason.find(one.reason), std::string::npos)
          << one.name << ": " << report.reason;
      if (one.verdict == Verdict::kGood) {
        EXPECT_EQ(report.tokens_verified, one.lines.size()) << one.name;
        EXPECT_EQ(report.suspect.entries, 0u) << one.name;
      }
      if (one.verdict == Verdict::kBad && one.reason != "token signature does not verify") {
        EXPECT_EQ(verify_folder(*files, "ledger", std::nullopt).verdict, Verdict::kBad)
            << one.name << ": it contradicts itself, whoever looks";
      }
    }
  }
}

TEST(SignerCheck, WithoutOperatorKeysACompromiseCannotBeDecided) {
  const auto files = make_log(
      {opened('A', 'A'), compromised('A', 7, 'A', 5, 'B'), retired('B', 8, 'A'), {'B', 9}});
  const Report report = verify_folder(*files, "ledger", trust_of("AB", ""));
  EXPECT_EQ(report.verdict, Verdict::kUnknown) << report.reason;
  EXPECT_EQ(report.suspect.entries, 1u);
}

// As long as several chunks of the checker: entries of a key that began a moment before are checked
// ahead of the entry that let it begin.
std::vector<Line> long_log(std::size_t size) {
  std::vector<Line> lines = {opened('A', 'A')};
  while (lines.size() < size) {
    const auto at = static_cast<std::int64_t>(lines.size());
    if (lines.size() == size / 3) {
      lines.push_back(activated('A', at, 'B'));
      lines.push_back(retired('B', at, 'A'));
    } else if (lines.size() == size / 2) {
      lines.push_back(activated('B', at, 'C'));
    } else {
      const bool third = lines.size() > size / 2 && lines.size() % 2 == 0;
      lines.push_back({third ? 'C' : lines.size() < size / 3 ? 'A' : 'B', at});
    }
  }
  return lines;
}

TEST(SignerCheck, EachSignatureOfALongLogIsVerifiedOnce) {
  const std::vector<Line> lines = long_log(3'000);
  const std::unique_ptr<FaultFiles> files = make_log(lines);
  for (const char* keys : {"A", "ABC"}) {
    Verifications::counted().forget();
    const Report report = verify_folder(*files, "ledger", trust_of(keys));
    EXPECT_EQ(report.verdict, Verdict::kGood) << report.reason;
    EXPECT_EQ(report.tokens_verified, lines.size());
    EXPECT_EQ(report.keys.all().size(), 3U);
    EXPECT_EQ(Verifications::counted().texts("ES256"), lines.size()) << keys;
    EXPECT_EQ(Verifications::counted().most_often("ES256"), 1U) << keys;
  }
}

// Many check at a time; what is told is the first by the log's order, every time.
TEST(SignerCheck, TheFirstBadEntryOfALongLogIsTold) {
  std::vector<Line> lines = long_log(1'500);
  for (const std::size_t wrong : {std::size_t{1'499}, std::size_t{1'100}, std::size_t{700}}) {
    lines[wrong].by = 'P';
    lines[wrong].claims_to_be = 'B';
    const std::unique_ptr<FaultFiles> files = make_log(lines);
    for (int again = 0; again < 3; ++again) {
      const Report report = verify_folder(*files, "ledger", trust_of("A"));
      EXPECT_EQ(report.verdict, Verdict::kBad);
      EXPECT_TRUE(report.first_bad.starts_with("entry " + std::to_string(wrong) + " "))
          << report.first_bad;
    }
  }
}

TEST(SignerCheck, PickedEntriesAreSeenOnceInOrder) {
  const std::vector<Line> lines = long_log(1'200);
  const std::unique_ptr<FaultFiles> files = make_log(lines);
  std::vector<std::uint64_t> seen;
  const EntryLook look = {[](std::string_view act) { return act != "tool.call"; },
                          [&](std::uint64_t index, std::string_view) { seen.push_back(index); }};
  EXPECT_EQ(verify_folder(*files, "ledger", trust_of("A"), look).verdict, Verdict::kGood);
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{0, 400, 401, 600}));
}

// What was pinned before the compromise was there before it, whatever its own time says.
TEST(SignerCheck, APinFromBeforeTheCompromiseCoversWhatItCovers) {
  const auto files = make_log({opened('A', 'A'),
                               {'A', 5},
                               {'A', 6},
                               activated('A', 7, 'B'),
                               retired('B', 8, 'A'),
                               compromised('B', 9, 'A', 5, 'B'),
                               {'B', 10}});
  Trust trust = trust_of("A");
  const auto pin = [&](std::uint64_t size, std::int64_t at) {
    Frontier tree;
    LedgerRig rig;
    const auto ledger = *rig.open(*files);
    for (std::uint64_t i = 0; i < size; ++i) {
      tree.append(hash_leaf(*ledger->entry(i)));
    }
    trust.pinned_size = size;
    trust.pinned_root = base64_encode(view(tree.root()));
    trust.pinned_at_s = kBegin + at;
    return verify_folder(*files, "ledger", trust);
  };
  EXPECT_EQ(pin(4, 4).verdict, Verdict::kGood);
  const Report most = pin(3, 4);
  EXPECT_EQ(most.verdict, Verdict::kUnknown);
  EXPECT_EQ(most.suspect.entries, 1u);
  EXPECT_EQ(most.suspect.first, 3u);
  const Report later = pin(4, 5);
  EXPECT_EQ(later.verdict, Verdict::kUnknown) << "pinned in the second of the compromise";
  EXPECT_EQ(later.suspect.entries, 3u);
  trust.pinned_at_s.reset();
  EXPECT_EQ(verify_folder(*files, "ledger", trust).verdict, Verdict::kUnknown) << "no time";
}

TEST(SignerCheck, WhatALaterLogSaysCountsHere) {
  const auto files = make_log({opened('A', 'A'), kCallA, {'A', 5}});
  Trust trust = trust_of("A");
  EXPECT_EQ(verify_folder(*files, "ledger", trust).verdict, Verdict::kGood);
  KeyValidity::Key later;
  later.kid = named('A').kid();
  later.compromised_since_s = kBegin + 5;
  trust.later_keys = {later};
  const Report report = verify_folder(*files, "ledger", trust);
  EXPECT_EQ(report.verdict, Verdict::kUnknown);
  EXPECT_EQ(report.suspect.first, 2u);
}

}  // namespace
}  // namespace pawl::ledger
