#include "foundation/ledger/cosignature.h"

#include <gtest/gtest.h>

#include "foundation/ledger/bytes.h"
#include "foundation/ledger/checkpoint.h"
#include "tests/foundation/ledger/cosigned_vectors.h"

namespace pawl::ledger {
namespace {

VerifierKey witness_key(const std::string& vkey) {
  return *VerifierKey::parse(vkey, NoteKeyType::kCosignature);
}

// The note with the bytes of the witness's line changed.
template <class Change>
std::string with_line(std::string note, const std::string& name, Change change) {
  const Note parsed = *parse_note(note);
  for (const NoteSignature& signature : parsed.signatures) {
    if (signature.name == name) {
      NoteSignature changed = signature;
      change(changed);
      const std::string line = print_signature(signature);
      note.replace(note.find(line), line.size(), print_signature(changed));
    }
  }
  return note;
}

TEST(Cosignature, ChecksWhatTheGoProgramMade) {
  const Note note = *parse_note(cosigned_checkpoint());
  const auto vkeys = of_witnesses("vkeys");
  for (int i = 1; i <= 6; ++i) {
    const std::string name = "w" + std::to_string(i);
    const Result<std::int64_t> time_s = check_cosignature(note, witness_key(vkeys.at(name)));
    if (i <= 3) {
      ASSERT_TRUE(time_s) << name << ": " << time_s.error().message;
      EXPECT_EQ(*time_s, 1'772'000'000 + i) << name;
    } else {
      ASSERT_FALSE(time_s) << name;
      EXPECT_EQ(time_s.error().code, Code::kNotFound) << name;
    }
  }
}

TEST(Cosignature, MakesWhatTheGoProgramMakes) {
  const std::string text = parse_note(bare_checkpoint())->text;
  const auto vkeys = of_witnesses("vkeys");
  const auto lines = of_witnesses("lines");
  for (int i = 1; i <= 6; ++i) {
    const std::string name = "w" + std::to_string(i);
    const Cosigner witness =
        *Cosigner::make("witness.example/" + name, key_of("witness.example/" + name));
    EXPECT_EQ(witness.vkey(), vkeys.at(name));
    EXPECT_EQ(*witness.cosign(text, 1'772'000'000 + i), lines.at(name));
  }
}

TEST(Cosignature, ReadsTheExampleOfTheSpecification) {
  const json::Value example = test_json("vectors/witness/c2sp.json");
  const Note note = *parse_note(std::string(*json::find_string(example, {"checkpoint"})));
  ASSERT_EQ(note.signatures.size(), 2u);
  EXPECT_EQ(note.signatures[1].name, *json::find_string(example, {"witness"}));
  ASSERT_EQ(note.signatures[1].bytes.size(), 72u);
  EXPECT_EQ(get_u64(note.signatures[1].bytes),
            static_cast<std::uint64_t>(json::find(example, {"time"})->get_int64()));
}

TEST(Cosignature, AFalseLineIsBad) {
  const std::string name = "witness.example/w2";
  const VerifierKey key = witness_key(of_witnesses("vkeys").at("w2"));
  const std::string good = cosigned_checkpoint();
  const std::string second = of_witnesses("lines").at("w2");
  const auto change = [&](auto how) { return with_line(good, name, how); };
  NoteSignature falsified = parse_note("x\n\n" + second)->signatures[0];
  falsified.bytes[40] ^= 1;
  struct Case {
    const char* name;
    std::string note;
  };
  std::string other_size = good;
  other_size.replace(other_size.find("\n600\n"), 5, "\n601\n");
  const Case cases[] = {
      {"another text", other_size},
      {"another time", change([](NoteSignature& s) { s.bytes[7] ^= 1; })},
      {"another signature", change([](NoteSignature& s) { s.bytes[40] ^= 1; })},
      {"a time beyond 2^63 - 1", change([](NoteSignature& s) { s.bytes[0] ^= '\x80'; })},
      {"a byte less", change([](NoteSignature& s) { s.bytes.pop_back(); })},
      {"a byte more", change([](NoteSignature& s) { s.bytes.push_back('\0'); })},
      {"without its time", change([](NoteSignature& s) { s.bytes.erase(0, 8); })},
      {"one byte", change([](NoteSignature& s) { s.bytes.resize(1); })},
      {"a false one beside a true one",
       change([](NoteSignature& s) { s.bytes[40] ^= 1; }) + second},
      {"a true one beside a false one", good + print_signature(falsified)},
  };
  for (const Case& c : cases) {
    const Result<std::int64_t> time_s = check_cosignature(*parse_note(c.note), key);
    ASSERT_FALSE(time_s) << c.name;
    EXPECT_EQ(time_s.error().code, Code::kBadSignature) << c.name;
    EXPECT_NE(time_s.error().message.find(name), std::string::npos) << time_s.error().message;
  }
}

TEST(Cosignature, LinesOfOthersAreIgnored) {
  const std::string name = "witness.example/w1";
  const VerifierKey key = witness_key(of_witnesses("vkeys").at("w1"));
  const auto garbage = [&](const std::string& who, std::uint32_t id, std::size_t bytes) {
    return print_signature({who, id, std::string(bytes, 'x')});
  };
  const std::string good = cosigned_checkpoint();
  const std::string notes[] = {
      good + garbage("witness.example/other", key.key_id, 72),  // its id, another name
      good + garbage(name, key.key_id ^ 1, 72),                 // its name, another id
      good + garbage(name, 0x06060606, 8 + 2420),               // the length of ML-DSA-44
      good + garbage("witness.example/w7", 7, 1),
  };
  for (const std::string& note : notes) {
    const Result<std::int64_t> time_s = check_cosignature(*parse_note(note), key);
    ASSERT_TRUE(time_s) << time_s.error().message;
    EXPECT_EQ(*time_s, 1'772'000'001);
  }
}

TEST(Cosignature, TheNewestTimeOfAWitnessCounts) {
  const Cosigner witness = *Cosigner::make("w", key_of("w"));
  const std::string text = parse_note(bare_checkpoint())->text;
  const std::string note = bare_checkpoint() + *witness.cosign(text, 9) +
                           *witness.cosign(text, 12) + *witness.cosign(text, 0);
  EXPECT_EQ(*check_cosignature(*parse_note(note), witness_key(witness.vkey())), 12);
}

TEST(Cosignature, CosignsCheckpointsOnly) {
  const Cosigner witness = *Cosigner::make("w", key_of("w"));
  const std::string text = parse_note(bare_checkpoint())->text;
  EXPECT_TRUE(witness.cosign(text + "an extension\n", 1));
  EXPECT_EQ(witness.cosign(text, -1).error().code, Code::kInvalidParams);
  for (const std::string& other :
       {std::string(), std::string("\n"), std::string("text\n"), text + "\n", text + "\xFF\n",
        text.substr(0, text.size() - 1), text + "\n" + text, "\n" + text,
        bare_checkpoint().substr(0, bare_checkpoint().size() - 1)}) {
    const Result<std::string> line = witness.cosign(other, 1);
    ASSERT_FALSE(line) << other;
    EXPECT_EQ(line.error().code, Code::kMalformed) << other;
  }
  EXPECT_EQ(Cosigner::make("a b", key_of("w")).error().code, Code::kInvalidParams);
  EXPECT_EQ(Cosigner::make("a", *SigningKey::generate(KeyKind::kP256)).error().code,
            Code::kUnsupported);
}

TEST(Cosignature, AKeyOfOneTypeNeverStandsInForAnother) {
  const auto vkeys = of_witnesses("vkeys");
  for (const char* name : {"w1", "log"}) {
    const bool is_log = std::string_view(name) == "log";
    const auto right = is_log ? NoteKeyType::kEd25519 : NoteKeyType::kCosignature;
    const auto wrong = is_log ? NoteKeyType::kCosignature : NoteKeyType::kEd25519;
    const Result<VerifierKey> key = VerifierKey::parse(vkeys.at(name), right);
    ASSERT_TRUE(key) << name;
    EXPECT_EQ(key->type, right);
    EXPECT_EQ(VerifierKey::parse(vkeys.at(name), wrong).error().code, Code::kUnsupported) << name;
  }
  // One key, both types: neither takes the other's line, whatever was signed with it.
  const Note note = *parse_note(cosigned_checkpoint());
  const VerifierKey witness = witness_key(vkeys.at("w1"));
  const VerifierKey same = *VerifierKey::parse(vkeys.at("w1 as a signer of notes"));
  EXPECT_EQ(verify_note(note, witness).error().code, Code::kUndecidable);
  EXPECT_EQ(verify_note(note, same).error().code, Code::kBadSignature);
  EXPECT_EQ(check_cosignature(note, same).error().code, Code::kUndecidable);
}

}  // namespace
}  // namespace pawl::ledger
