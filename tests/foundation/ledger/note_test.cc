#include "foundation/ledger/note.h"

#include <gtest/gtest.h>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/tlog_proof.h"

namespace pawl::ledger {
namespace {

// The example of C2SP signed-note.
constexpr std::string_view kVkey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const std::string kNote =
    "This is an example message.\n\n"
    "\xE2\x80\x94 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsY"
    "jOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
const std::string kDash = "\xE2\x80\x94 ";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(Note, OpensTheExampleOfTheSpecification) {
  const VerifierKey key = *VerifierKey::parse(kVkey);
  EXPECT_EQ(key.name, "example.com/foo");
  EXPECT_EQ(key.key_id, 0x530d903au);
  Result<Note> note = open_note(kNote, key);
  ASSERT_TRUE(note) << note.error().message;
  EXPECT_EQ(note->text, "This is an example message.\n");
  EXPECT_EQ(note->signatures.size(), 1u);
}

TEST(Note, KeepsSignaturesOfOthers) {
  const std::string cosigned = kNote + kDash + "witness.example mJirIklj\n";
  Result<Note> note = open_note(cosigned, *VerifierKey::parse(kVkey));
  ASSERT_TRUE(note) << note.error().message;
  ASSERT_EQ(note->signatures.size(), 2u);
  EXPECT_EQ(note->signatures[1].name, "witness.example");
}

TEST(Note, RefusesWhatIsNotSigned) {
  const VerifierKey key = *VerifierKey::parse(kVkey);
  struct Case {
    std::string name, note;
    Code code;
  };
  const std::vector<Case> cases = {
      {"changed text", replaced(kNote, "example message", "example massage"), Code::kBadSignature},
      {"changed signature", replaced(kNote, "Okn8", "Okn9"), Code::kBadSignature},
      {"other key name", replaced(kNote, "foo", "bar"), Code::kBadSignature},
      {"a good one beside a bad one of the same key",
       kNote + replaced(kNote.substr(kNote.find(kDash)), "Okn8", "Okn9"), Code::kBadSignature},
      {"no signature", "text\n", Code::kMalformed},
      {"no signature line", "text\n\n", Code::kMalformed},
      {"no last newline", kNote.substr(0, kNote.size() - 1), Code::kMalformed},
      {"carriage return", replaced(kNote, "message.", "message.\r"), Code::kMalformed},
      {"bad UTF-8", replaced(kNote, "message.", "\xC0\xAF"), Code::kMalformed},
      {"surrogate", replaced(kNote, "message.", "\xED\xA0\x80"), Code::kMalformed},
      {"no base64", "text\n\n" + kDash + "name !!!\n", Code::kMalformed},
      {"only an id", "text\n\n" + kDash + "name Uw2QOg==\n", Code::kMalformed},
      {"space in the name", "text\n\n" + kDash + "na\xE2\x80\x82me Uw2QOkn8\n", Code::kMalformed},
      {"plus in the name", "text\n\n" + kDash + "na+me Uw2QOkn8\n", Code::kMalformed},
      {"empty", "", Code::kMalformed},
  };
  for (const Case& c : cases) {
    Result<Note> note = open_note(c.note, key);
    ASSERT_FALSE(note) << c.name;
    EXPECT_EQ(note.error().code, c.code) << c.name << ": " << note.error().message;
  }
}

TEST(Note, RefusesVerifierKeysThatContradictThemselves) {
  const std::string vkey(kVkey);
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"id of another key", replaced(vkey, "530d903a", "530d903b")},
      {"upper case id", replaced(vkey, "530d903a", "530D903A")},
      {"no parts", "example.com/foo"},
      {"two parts", "example.com/foo+530d903a"},
      {"empty name", vkey.substr(vkey.find('+'))},
      {"short key", vkey.substr(0, vkey.size() - 4)},
      {"other type", replaced(vkey, "+Ae", "+Bu")},
  };
  for (const auto& [name, text] : cases) {
    EXPECT_FALSE(VerifierKey::parse(text)) << name;
  }
}

TEST(Note, SignsWhatItOpens) {
  const SigningKey key = *SigningKey::generate(KeyKind::kEd25519);
  const NoteSigner signer = *NoteSigner::make("example.org/pawl/n1", key);
  const VerifierKey trusted = *VerifierKey::parse(signer.vkey());
  const TreeHead head{"example.org/pawl/n1", 42, sha256("root"), {}};
  const std::string note = *signer.sign(print_head(head));
  Result<TreeHead> opened = open_checkpoint(note, trusted);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->size, 42u);
  EXPECT_EQ(opened->root, sha256("root"));

  const std::string foreign = *signer.sign(print_head({"example.org/other", 42, sha256("r"), {}}));
  EXPECT_EQ(open_checkpoint(foreign, trusted).error().code, Code::kBadSignature);
  for (std::string_view text : {"", "\n", "no newline", "tab\t\n", "\xFF\n"}) {
    EXPECT_FALSE(signer.sign(text)) << text;
  }
  EXPECT_FALSE(NoteSigner::make("a b", key));
  EXPECT_FALSE(NoteSigner::make("", key));
  EXPECT_EQ(NoteSigner::make("a", *SigningKey::generate(KeyKind::kP256)).error().code,
            Code::kUnsupported);
}

TEST(Checkpoint, ParsesStrictly) {
  const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
  struct Case {
    std::string name, text;
    bool good;
  };
  const std::vector<Case> cases = {
      {"the specification's example", "example.com/behind-the-sofa\n20852163\n" + root + "\n",
       true},
      {"extension", "o\n0\n" + root + "\nmore\n", true},
      {"empty origin", "\n1\n" + root + "\n", false},
      {"leading zero", "o\n01\n" + root + "\n", false},
      {"negative", "o\n-1\n" + root + "\n", false},
      {"plus", "o\n+1\n" + root + "\n", false},
      {"too large", "o\n99999999999999999999\n" + root + "\n", false},
      {"short root", "o\n1\nCsUY\n", false},
      {"no root", "o\n1\n", false},
      {"empty line", "o\n1\n" + root + "\n\n", false},
      {"no last newline", "o\n1\n" + root, false},
  };
  for (const Case& c : cases) {
    Result<TreeHead> head = parse_head(c.text);
    EXPECT_EQ(head.has_value(), c.good) << c.name;
    if (head) {
      EXPECT_EQ(print_head(*head), c.text) << c.name;
    }
  }
}

TEST(TlogProof, PrintsWhatItParses) {
  const std::string hash = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=";
  const std::string note = "o\n1\n" + hash + "\n\n" + kDash + "o Uw2QOkn8\n";
  struct Case {
    std::string name, text;
    bool good;
  };
  const std::string first = "c2sp.org/tlog-proof@v1\n";
  const std::vector<Case> cases = {
      {"two hashes", first + "index 73894\n" + hash + "\n" + hash + "\n\n" + note, true},
      {"extra", first + "extra QUJD\nindex 0\n\n" + note, true},
      {"other version", "c2sp.org/tlog-proof@v2\nindex 0\n\n" + note, false},
      {"leading zero", first + "index 00\n\n" + note, false},
      {"no index", first + "\n" + note, false},
      {"bad hash", first + "index 0\nAAAA\n\n" + note, false},
      {"no checkpoint", first + "index 0\n" + hash + "\n", false},
      {"bad extra", first + "extra !\nindex 0\n\n" + note, false},
      {"empty", "", false},
  };
  for (const Case& c : cases) {
    Result<TlogProof> proof = parse_proof(c.text);
    EXPECT_EQ(proof.has_value(), c.good) << c.name;
    if (proof) {
      EXPECT_EQ(print_proof(*proof), c.text) << c.name;
      EXPECT_EQ(proof->checkpoint, note) << c.name;
    }
  }
}

}  // namespace
}  // namespace pawl::ledger
