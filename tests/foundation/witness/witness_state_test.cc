// What a witness must never forget: lost files, failing disks, and the power cut at every call.
#include "foundation/witness/witness_state.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "foundation/witness/witness_desk.h"
#include "tests/foundation/witness/signed_log.h"
#include "tests/support/fault_files.h"

namespace pawl::witness {
namespace {

constexpr std::int64_t kNow = 1'772'874'000;
const std::string kFolder = "witness";
const std::string kName = "example.org/witness";

SignedLog& log_of_twenty() {
  static const SigningKey key = *SigningKey::generate(KeyKind::kEd25519);
  static SignedLog log = [] {
    SignedLog made("example.org/log", key);
    made.grow(20);
    return made;
  }();
  return log;
}

Result<WitnessDesk> open_desk(Files& files) {
  return WitnessDesk::open(files, kFolder, {log_of_twenty().key()});
}

int ask(WitnessDesk& desk, std::uint64_t old_size, std::uint64_t size) {
  return desk.add_checkpoint(log_of_twenty().add_checkpoint(old_size, size), kNow).decision.status;
}

TEST(WitnessState, IsMadeOnceAndOpensAsItWasMade) {
  FaultFiles files;
  const Result<std::string> vkey = WitnessState::make(files, kFolder, kName);
  ASSERT_TRUE(vkey) << vkey.error().message;
  const Result<std::string> again = WitnessState::make(files, kFolder, kName);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kConflict);
  const Result<WitnessState> state = WitnessState::open(files, kFolder);
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_EQ(state->cosigner().vkey(), *vkey);
  EXPECT_EQ(state->name(), kName);
  EXPECT_TRUE(state->heads().empty());
  const Result<WitnessState> second = WitnessState::open(files, kFolder);
  ASSERT_FALSE(second) << "two processes of one witness";
  EXPECT_EQ(second.error().code, Code::kConflict);
}

TEST(WitnessState, ABadNameMakesNoWitness) {
  for (const char* name : {"", "a name", "a+b"}) {
    FaultFiles files;
    const Result<std::string> vkey = WitnessState::make(files, kFolder, name);
    ASSERT_FALSE(vkey) << name;
    EXPECT_EQ(vkey.error().code, Code::kInvalidParams) << name;
    EXPECT_FALSE(WitnessState::open(files, kFolder)) << name;
    EXPECT_TRUE(WitnessState::make(files, kFolder, kName)) << "it can be made with a good one";
  }
}

TEST(WitnessState, KeepsTheNewestHeadOfEachLog) {
  FaultFiles files;
  ASSERT_TRUE(WitnessState::make(files, kFolder, kName));
  {
    Result<WitnessDesk> desk = open_desk(files);
    ASSERT_TRUE(desk);
    EXPECT_EQ(ask(*desk, 0, 5), 200);
    EXPECT_EQ(ask(*desk, 5, 12), 200);
    EXPECT_EQ(ask(*desk, 5, 12), 409);
  }
  Result<WitnessDesk> desk = open_desk(files);
  ASSERT_TRUE(desk) << desk.error().message;
  EXPECT_EQ(ask(*desk, 0, 20), 409);
  EXPECT_EQ(ask(*desk, 12, 20), 200);
  const Result<std::string> newest = desk->checkpoint(hex_encode(view(sha256("example.org/log"))));
  ASSERT_TRUE(newest);
  EXPECT_EQ(*newest, desk->state().held("example.org/log").note);
  const Result<std::string> other = desk->checkpoint(hex_encode(view(sha256("example.org/other"))));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kNotFound);
}

// Whatever of the folder is lost, nothing begins again at 0.
TEST(WitnessState, ALostStateNeverBeginsAtZero) {
  FaultFiles whole;
  ASSERT_TRUE(WitnessState::make(whole, kFolder, kName));
  {
    Result<WitnessDesk> desk = open_desk(whole);
    ASSERT_TRUE(desk);
    ASSERT_EQ(ask(*desk, 0, 12), 200);
  }
  const std::vector<std::string> names = {"heads.json", "witness.pem", "witness.vkey"};
  for (unsigned lost = 1; lost < 8; ++lost) {
    FaultFiles files;
    ASSERT_TRUE(files.make_directory(kFolder));
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string path = kFolder + "/" + names[i];
      if ((lost >> i & 1) == 0) {
        files.put(path, *whole.contents(path));
      }
    }
    EXPECT_FALSE(open_desk(files)) << lost;
    const Result<std::string> made = WitnessState::make(files, kFolder, kName);
    Result<WitnessDesk> desk = open_desk(files);
    if (!desk) {
      continue;
    }
    // Either nothing was left of it, and this is another witness; or it knows what it cosigned.
    const bool is_same =
        desk->state().cosigner().vkey() + "\n" == *whole.contents(kFolder + "/witness.vkey");
    EXPECT_EQ(ask(*desk, 0, 12), is_same ? 409 : 200) << lost;
  }
}

TEST(WitnessState, AFileThatIsNotWhatAWitnessWroteIsRefused) {
  FaultFiles whole;
  ASSERT_TRUE(WitnessState::make(whole, kFolder, kName));
  {
    Result<WitnessDesk> desk = open_desk(whole);
    ASSERT_TRUE(desk);
    ASSERT_EQ(ask(*desk, 0, 12), 200);
  }
  const std::string heads = *whole.contents(kFolder + "/heads.json");
  const std::string note = log_of_twenty().checkpoint(5);
  const auto with = [](const json::Array& notes) {
    return json::print(json::Object{{"format", "pawl.witness/1"}, {"heads", notes}});
  };
  const std::string own =
      std::string(json::find(json::parse(heads)->value, {"heads"})->get_array()[0].get_string());
  const struct {
    const char* name;
    const char* file;
    std::string bytes;
  } cases[] = {
      {"no heads at all", "heads.json", ""},
      {"cut off", "heads.json", heads.substr(0, heads.size() / 2)},
      {"of a later format", "heads.json", R"({"format":"pawl.witness/2","heads":[]})"},
      {"without heads", "heads.json", R"({"format":"pawl.witness/1"})"},
      {"a head that is no text", "heads.json", R"({"format":"pawl.witness/1","heads":[5]})"},
      {"a head that was not cosigned", "heads.json", with({json::Value(note)})},
      {"two heads of one log", "heads.json", with({json::Value(own), json::Value(own)})},
      {"no key", "witness.pem", "no key"},
      {"another key", "witness.pem", SigningKey::generate(KeyKind::kEd25519)->to_pem()},
      {"a key of another kind", "witness.pem", SigningKey::generate(KeyKind::kP256)->to_pem()},
      {"another name", "witness.vkey", "x" + *whole.contents(kFolder + "/witness.vkey")},
  };
  for (const auto& one : cases) {
    FaultFiles files;
    ASSERT_TRUE(files.make_directory(kFolder));
    for (const char* name : {"heads.json", "witness.pem", "witness.vkey"}) {
      files.put(kFolder + "/" + name, *whole.contents(kFolder + "/" + name));
    }
    files.put(kFolder + "/" + one.file, one.bytes);
    EXPECT_FALSE(open_desk(files)) << one.name;
  }
}

TEST(WitnessDesk, AfterAFailedWriteNothingIsCosignedUntilTheNextStart) {
  for (const auto fault : {FaultFiles::Fault::kIo, FaultFiles::Fault::kNoSpace}) {
    FaultFiles files;
    ASSERT_TRUE(WitnessState::make(files, kFolder, kName));
    {
      Result<WitnessDesk> desk = open_desk(files);
      ASSERT_TRUE(desk);
      ASSERT_EQ(ask(*desk, 0, 5), 200);
      files.fail_at(files.calls() + 1, fault);
      const WitnessDesk::Answer refused =
          desk->add_checkpoint(log_of_twenty().add_checkpoint(5, 9), kNow);
      EXPECT_EQ(refused.decision.status, 503);
      EXPECT_EQ(refused.decision.body.find("\xE2\x80\x94"), std::string::npos) << "no cosignature";
      EXPECT_EQ(ask(*desk, 5, 9), 503);
    }
    Result<WitnessDesk> desk = open_desk(files);
    ASSERT_TRUE(desk);
    EXPECT_EQ(ask(*desk, desk->state().held("example.org/log").size, 20), 200);
  }
}

// At every call of a run: what was answered is kept, and another history is not cosigned.
TEST(WitnessDesk, APowerCutAtEveryCallForgetsNothing) {
  SignedLog fork = log_of_twenty();
  fork.cut_to(3);
  fork.grow(17, "other");
  for (std::uint64_t call = 1;; ++call) {
    FaultFiles files;
    files.cut_power_at(call);
    std::uint64_t answered = 0;
    const Result<std::string> vkey = WitnessState::make(files, kFolder, kName);
    if (Result<WitnessDesk> desk = vkey ? open_desk(files) : fail(vkey.error()); desk) {
      for (const std::uint64_t size : {5, 9, 14}) {
        answered = ask(*desk, answered, size) == 200 ? size : answered;
      }
    }
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      const std::string when = "call " + std::to_string(call) + ", seed " + std::to_string(seed);
      std::unique_ptr<FaultFiles> after = files.power_cut(seed + 4 * call);
      if (!vkey) {  // nobody was told of a witness: it can be made
        const Result<std::string> made = WitnessState::make(*after, kFolder, kName);
        EXPECT_TRUE(made || made.error().code == Code::kConflict) << when;
        EXPECT_TRUE(open_desk(*after)) << when;
        continue;
      }
      Result<WitnessDesk> desk = open_desk(*after);
      ASSERT_TRUE(desk) << when << ": " << desk.error().message;
      EXPECT_EQ(desk->state().cosigner().vkey(), *vkey) << when;
      const Held held = desk->state().held("example.org/log");
      EXPECT_GE(held.size, answered) << when;
      EXPECT_EQ(held.root, log_of_twenty().root(held.size)) << when;
      for (std::uint64_t old_size = 4; answered > 0 && old_size <= 14; ++old_size) {
        EXPECT_NE(desk->add_checkpoint(fork.add_checkpoint(old_size, 20), kNow).decision.status,
                  200)
            << when;
      }
      EXPECT_EQ(ask(*desk, held.size, 20), 200) << when;
    }
    if (HasFatalFailure() || files.calls() < call) {
      EXPECT_GT(call, 30u) << "the run is not empty";
      break;
    }
  }
}

TEST(WitnessDesk, KeepsEvidenceOfALogThatContradictsItself) {
  SignedLog fork = log_of_twenty();
  fork.cut_to(3);
  fork.grow(17, "other");
  FaultFiles files;
  ASSERT_TRUE(WitnessState::make(files, kFolder, kName));
  Result<WitnessDesk> desk = open_desk(files);
  ASSERT_EQ(ask(*desk, 0, 7), 200);
  EXPECT_EQ(desk->add_checkpoint(fork.add_checkpoint(0, 3), kNow).evidence, "") << "of both";
  std::string first;
  for (const auto& [old_size, size] : {std::pair{0, 7}, {7, 20}, {7, 7}}) {
    const WitnessDesk::Answer answer =
        desk->add_checkpoint(fork.add_checkpoint(old_size, size), kNow);
    ASSERT_TRUE(answer.decision.evidence) << size;
    first = first.empty() ? answer.evidence : first;
    EXPECT_EQ(answer.evidence, first) << "one file of one head";
    const auto read = ledger::parse_equivocation(files.contents(answer.evidence).value_or(""));
    ASSERT_TRUE(read) << answer.evidence;
    EXPECT_TRUE(ledger::check_equivocation(*read, log_of_twenty().key()));
  }
  files.set_full(true);
  ASSERT_TRUE(files.remove(first));
  const WitnessDesk::Answer full = desk->add_checkpoint(fork.add_checkpoint(0, 7), kNow);
  EXPECT_EQ(full.decision.status, 409);
  EXPECT_TRUE(full.evidence.starts_with("not kept: ")) << full.evidence;
  files.set_full(false);
  EXPECT_EQ(ask(*desk, 7, 20), 200) << "it goes on with the history that it cosigned";
}

}  // namespace
}  // namespace pawl::witness
