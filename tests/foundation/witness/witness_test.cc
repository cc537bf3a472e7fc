// Every status of `add-checkpoint`, on the pure core; and that over any sequence of questions no
// two heads are cosigned that contradict each other.
#include "foundation/witness/witness.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/foundation/witness/signed_log.h"
#include "tests/support/seeded_random.h"

namespace pawl::witness {
namespace {

constexpr std::int64_t kNow = 1'772'874'000;
const std::string kOrigin = "example.org/log";

const SigningKey& new_key() {
  static std::vector<SigningKey> keys;
  keys.push_back(*SigningKey::generate(KeyKind::kEd25519));
  return keys.back();
}

struct Rig {
  const SigningKey key = new_key();
  const SigningKey own_key = new_key();
  SignedLog log{kOrigin, key};
  ledger::Cosigner self = *ledger::Cosigner::make("example.org/witness", own_key);
  ledger::VerifierKey own =
      *ledger::VerifierKey::parse(self.vkey(), ledger::NoteKeyType::kCosignature);
  Held held;

  Rig() { log.grow(20); }
  Decision ask(const std::string& body, std::int64_t now_s = kNow) {
    const Result<Submission> asked = read_submission(body);
    if (!asked) {
      Decision refused;
      refused.status = 400;
      return refused;
    }
    const bool is_known = asked->head.origin == kOrigin;
    return decide(held, *asked,
                  is_known ? std::vector{log.key()} : std::vector<ledger::VerifierKey>{}, self,
                  now_s);
  }
  // As a witness does: what was decided is what it knows from now on.
  Decision take(const std::string& body, std::int64_t now_s = kNow) {
    Decision decision = ask(body, now_s);
    if (decision.next) {
      held = *decision.next;
    }
    return decision;
  }
};

std::string last_line_altered(std::string body) {
  body[body.size() - 4] = body[body.size() - 4] == 'A' ? 'B' : 'A';
  return body;
}

TEST(Witness, EveryStatus) {
  Rig rig;
  ASSERT_EQ(rig.take(rig.log.add_checkpoint(0, 8)).status, 200);
  SignedLog fork = rig.log;
  fork.cut_to(5);
  fork.grow(15, "other");
  SignedLog stranger("example.org/stranger", rig.key);
  SignedLog forged(kOrigin, new_key());
  forged.grow(20);
  const auto with = [&](std::uint64_t old_size, ledger::Proof proof, const std::string& note) {
    return print_add_checkpoint({old_size, std::move(proof), note});
  };
  const std::string good = rig.log.add_checkpoint(8, 20);
  ledger::Proof altered = rig.log.proof(8, 20);
  altered[0][0] ^= 1;
  ledger::Proof longer = rig.log.proof(8, 20);
  longer.push_back(longer[0]);
  // The true signature of a head, on a text that is longer by a line.
  const std::string note = rig.log.checkpoint(20);
  const std::string extended =
      note.substr(0, note.find("\n\n") + 1) + "more" + note.substr(note.find("\n\n"));
  const std::string unknown_line = ledger::print_signature({"example.org/other", 7, "signature"});

  const struct {
    const char* name;
    std::string body;
    int status;
    bool contradicts = false;
  } cases[] = {
      {"grown", good, 200},
      {"the same head again", rig.log.add_checkpoint(8, 8), 200},
      {"a line of an unknown key beside", good + unknown_line, 200},
      {"nothing", "", 400},
      {"no checkpoint", "old 8\n\n", 400},
      {"a checkpoint without a signature", "old 8\n\n" + kOrigin + "\n20\n", 400},
      {"a note that is no checkpoint",
       "old 8\n\n" + *ledger::NoteSigner::make(kOrigin, rig.key)->sign("a text\n"), 400},
      {"an old size over the checkpoint's", rig.log.add_checkpoint(8, 5), 400},
      {"an old size over both", rig.log.add_checkpoint(21, 20), 400},
      {"no key trusted for the head", with(8, rig.log.proof(8, 20), forged.checkpoint(20)), 403},
      {"only a line of an unknown key",
       with(8, rig.log.proof(8, 20), note.substr(0, note.find("\n\n") + 2) + unknown_line), 403},
      {"a false signature", last_line_altered(good), 403},
      {"a false line of the key beside a true one",
       good + last_line_altered(note.substr(note.find("\n\n") + 2)), 403},
      {"a signature of another text", with(8, rig.log.proof(8, 20), extended), 403},
      {"another origin", with(0, {}, stranger.checkpoint(0)), 404},
      {"the old size of nobody", rig.log.add_checkpoint(5, 20), 409},
      {"an old size of zero, to ask", rig.log.add_checkpoint(0, 20), 409},
      {"an old size beyond what was cosigned", rig.log.add_checkpoint(9, 20), 409},
      {"a smaller head", rig.log.add_checkpoint(5, 7), 409},
      {"another head of the old size", with(8, {}, fork.checkpoint(8)), 422, true},
      {"another head of the old size, from before", fork.add_checkpoint(5, 8), 409, true},
      {"another history", fork.add_checkpoint(8, 20), 422},
      {"another history with the true proof", with(8, rig.log.proof(8, 20), fork.checkpoint(20)),
       422},
      {"a bit of the proof", with(8, altered, note), 422},
      {"no proof", with(8, {}, note), 422},
      {"a longer proof", with(8, longer, note), 422},
      {"a proof between equal sizes", with(8, {altered[0]}, rig.log.checkpoint(8)), 422},
  };
  for (const auto& one : cases) {
    const Decision decision = rig.ask(one.body);
    EXPECT_EQ(decision.status, one.status) << one.name << ": " << decision.body;
    EXPECT_EQ(decision.next.has_value(), one.status == 200) << one.name;
    EXPECT_EQ(decision.contradicts, one.contradicts) << one.name;
    EXPECT_EQ(decision.evidence.has_value(), one.contradicts) << one.name;
    if (one.status == 409) {
      EXPECT_EQ(decision.body, "8\n") << one.name;
      EXPECT_EQ(decision.content_type, "text/x.tlog.size") << one.name;
    }
  }
}

// Another history with its own proof: the log itself shows that it went another way. Not where the
// held size is a power of two, whose root the proof leaves out (EveryStatus).
TEST(Witness, AProofThatGoesOnFromAnotherHeadIsEvidence) {
  Rig rig;
  ASSERT_EQ(rig.take(rig.log.add_checkpoint(0, 7)).status, 200);
  SignedLog fork = rig.log;
  fork.cut_to(5);
  fork.grow(15, "other");
  const Decision decision = rig.ask(fork.add_checkpoint(7, 20));
  EXPECT_EQ(decision.status, 422);
  EXPECT_TRUE(decision.contradicts);
  ASSERT_TRUE(decision.evidence);
  const auto found = ledger::check_equivocation(*decision.evidence, rig.log.key());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->older_size, 7u);
  EXPECT_EQ(found->newer_size, 20u);
  SignedLog later = rig.log;
  later.cut_to(7);
  later.grow(13, "other");
  EXPECT_EQ(rig.ask(later.add_checkpoint(7, 20)).status, 200) << "one history so far";
}

TEST(Witness, OfALogThatItHasNotSeen) {
  Rig rig;
  const Digest other = rig.log.root(3);
  const struct {
    const char* name;
    std::string body;
    int status;
  } cases[] = {
      {"the first head", rig.log.add_checkpoint(0, 20), 200},
      {"the empty tree", rig.log.add_checkpoint(0, 0), 200},
      {"the empty tree with a root", print_add_checkpoint({0, {}, rig.log.checkpoint_of(0, other)}),
       422},
      {"a proof from zero", print_add_checkpoint({0, {other}, rig.log.checkpoint(20)}), 422},
      {"an old size that nobody cosigned", rig.log.add_checkpoint(5, 20), 409},
  };
  for (const auto& one : cases) {
    const Decision decision = rig.ask(one.body);
    EXPECT_EQ(decision.status, one.status) << one.name << ": " << decision.body;
    EXPECT_FALSE(decision.contradicts) << one.name;
    if (one.status == 409) {
      EXPECT_EQ(decision.body, "0\n") << one.name;
    }
  }
}

TEST(Witness, TheAnswerIsItsLineAndWhatItKeepsHasTheLogsToo) {
  Rig rig;
  const std::string note = rig.log.checkpoint(20);
  const std::string strange = ledger::print_signature({"example.org/other", 7, "signature"});
  const Decision decision = rig.take(print_add_checkpoint({0, {}, note + strange}));
  ASSERT_EQ(decision.status, 200);
  EXPECT_EQ(rig.held.note, note + decision.body);
  const Result<ledger::Note> kept = ledger::parse_note(rig.held.note);
  ASSERT_TRUE(kept);
  EXPECT_EQ(*ledger::check_cosignature(*kept, rig.own), kNow);
  EXPECT_TRUE(ledger::verify_note(*kept, rig.log.key()));
  const auto read = read_held(rig.held.note, rig.own);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->first, kOrigin);
  EXPECT_EQ(read->second.size, 20u);
  EXPECT_EQ(read->second.root, rig.log.root(20));
  EXPECT_EQ(read->second.time_s, kNow);
}

TEST(Witness, ItsTimeNeverGoesBack) {
  Rig rig;
  ASSERT_EQ(rig.take(rig.log.add_checkpoint(0, 5)).status, 200);
  ASSERT_EQ(rig.take(rig.log.add_checkpoint(5, 9), kNow - 3600).status, 200);
  EXPECT_EQ(rig.held.time_s, kNow);
  ASSERT_EQ(rig.take(rig.log.add_checkpoint(9, 9), kNow + 1).status, 200);
  EXPECT_EQ(rig.held.time_s, kNow + 1);
  Rig early;
  ASSERT_EQ(early.take(early.log.add_checkpoint(0, 5), 0).status, 200);
  EXPECT_EQ(early.held.time_s, 1) << "a time of zero says nothing";
}

TEST(Witness, OneOfTwoKeysOfALogIsEnoughAndNoneMayBeFalse) {
  Rig rig;
  SignedLog second(kOrigin, new_key());
  second.grow(20);
  const std::vector<ledger::VerifierKey> keys = {rig.log.key(), second.key()};
  const auto status = [&](const std::string& body) {
    return decide({}, *read_submission(body), keys, rig.self, kNow).status;
  };
  const std::string first = rig.log.add_checkpoint(0, 20);
  const std::string other = second.checkpoint(20);
  const std::string line = other.substr(other.find("\n\n") + 2);
  EXPECT_EQ(status(first), 200);
  EXPECT_EQ(status(second.add_checkpoint(0, 20)), 200);
  EXPECT_EQ(status(first + line), 200);
  EXPECT_EQ(status(last_line_altered(first + line)), 403);
}

// Three histories that part at random places, all signed by the log; questions honest and not.
TEST(Witness, NoTwoCosignedHeadsContradict) {
  std::map<int, int> seen;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SeededRandom random(seed);
    Rig rig;
    std::vector<SignedLog> histories(3, SignedLog(kOrigin, rig.key));
    const std::uint64_t common = random.below(20);
    for (std::size_t i = 0; i < histories.size(); ++i) {
      histories[i].grow(common);
      histories[i].grow(40 - common, std::to_string(i));
    }
    std::map<std::uint64_t, Digest> cosigned;
    std::int64_t time_s = 0, now_s = kNow;
    for (int step = 0; step < 40; ++step) {
      SignedLog& from = histories[random.below(3)];
      const std::uint64_t old_size = random.coin() ? rig.held.size : random.below(41);
      const std::uint64_t size = std::min<std::uint64_t>(40, old_size + random.below(6));
      ledger::Proof proof = histories[random.below(3)].proof(old_size, size);
      if (random.below(8) == 0 && !proof.empty()) {
        proof.pop_back();
      }
      now_s += static_cast<std::int64_t>(random.below(20)) - 8;
      const Decision decision =
          rig.take(print_add_checkpoint({old_size, proof, from.checkpoint(size)}), now_s);
      ++seen[decision.status];
      if (decision.status != 200) {
        continue;
      }
      EXPECT_TRUE(cosigned.empty() || cosigned.rbegin()->first <= size) << "seed " << seed;
      EXPECT_TRUE(cosigned.emplace(size, from.root(size)).first->second == from.root(size))
          << "seed " << seed << ": two roots of size " << size;
      for (const auto& [before, root] : cosigned) {
        EXPECT_EQ(from.root(before), root) << "seed " << seed << ": size " << before;
      }
      EXPECT_GE(rig.held.time_s, time_s) << "seed " << seed;
      time_s = rig.held.time_s;
    }
  }
  EXPECT_GT(seen[200], 300);
  EXPECT_GT(seen[409], 300);
  EXPECT_GT(seen[422], 300);
}

}  // namespace
}  // namespace pawl::witness
