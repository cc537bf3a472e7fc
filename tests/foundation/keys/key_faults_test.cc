// Regressions of keys on disks that fail, each named after what broke.
#include <gtest/gtest.h>

#include "foundation/keys/key_validity.h"
#include "foundation/keys/keystore.h"
#include "foundation/keys/operator_key.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"

namespace pawl {
namespace {

// The start that made the keys was killed before it synced their names; the next one took them as
// they were and signed records with them, and the power cut left the records without their keys.
TEST(KeyFaults, KeysThatAKilledStartMadeKeepTheirNames) {
  for (std::uint64_t call = 1;; ++call) {
    SeededRandom random(call);
    FaultFiles first;
    first.cut_power_at(call);
    const bool made = Keystore::create(first, "keys", random).has_value();
    const std::unique_ptr<FaultFiles> second = first.kill();
    const Result<Keystore> keys = Keystore::create(*second, "keys", random);
    ASSERT_TRUE(keys) << "call " << call << ": " << keys.error().message;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      const std::unique_ptr<FaultFiles> third = second->power_cut(seed);
      const Result<Keystore> after = Keystore::create(*third, "keys", random);
      ASSERT_TRUE(after) << "call " << call << ": " << after.error().message;
      EXPECT_EQ(after->instance_kid(), keys->instance_kid()) << "call " << call;
      EXPECT_EQ(after->log_key().public_key().thumbprint(),
                keys->log_key().public_key().thumbprint())
          << "call " << call;
    }
    if (made) {
      EXPECT_GT(call, 20u);
      break;
    }
  }
}

// Whatever a rotation got as far as, one key is in its place, and the next try ends it.
TEST(KeyFaults, ARotationThatIsCutOffLeavesOneKeyAndGoesOn) {
  for (std::uint64_t call = 1;; ++call) {
    SeededRandom random(call);
    FaultFiles files;
    Result<Keystore> keys = Keystore::create(files, "keys", random);
    ASSERT_TRUE(keys);
    const std::string old_kid = keys->instance_kid();
    files.cut_power_at(files.calls() + call);
    const bool prepared = keys->prepare_next().has_value();
    const std::string new_kid = keys->next_kid();
    const bool adopted = prepared && keys->adopt_next().has_value();
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      const std::unique_ptr<FaultFiles> later = files.power_cut(seed);
      Result<Keystore> after = Keystore::create(*later, "keys", random);
      ASSERT_TRUE(after) << "call " << call << ": " << after.error().message;
      const std::string kid = after->instance_kid();
      EXPECT_TRUE(kid == old_kid || (prepared && kid == new_kid)) << "call " << call;
      EXPECT_TRUE(!adopted || kid == new_kid) << "call " << call;
      EXPECT_TRUE(!prepared || kid == new_kid || after->next_kid() == new_kid) << "call " << call;
      ASSERT_TRUE(after->prepare_next());
      ASSERT_TRUE(after->adopt_next());
      EXPECT_TRUE(after->former_keys().contains(kid));
      const Result<Keystore> again = Keystore::open(*later, "keys");
      ASSERT_TRUE(again);
      EXPECT_EQ(again->instance_kid(), after->instance_kid());
      EXPECT_EQ(again->former_keys().size(), kid == old_kid ? 1u : 2u) << "call " << call;
      EXPECT_TRUE(again->former_keys().contains(old_kid));
      EXPECT_EQ(again->next_kid(), "");
    }
    if (adopted) {
      EXPECT_GT(call, 10u);
      break;
    }
  }
}

// A rotation failed after the rename: the daemon went on with the old key and renewed its log, in
// which the new one may not sign, and the next start found the new one in the file.
TEST(KeyFaults, AFailedRotationLeavesTheDiskWithTheKeyInUse) {
  for (const bool from_then_on : {false, true}) {
    for (std::uint64_t call = 1;; ++call) {
      SeededRandom random(call);
      FaultFiles files;
      Result<Keystore> keys = Keystore::create(files, "keys", random);
      ASSERT_TRUE(keys);
      ASSERT_TRUE(keys->prepare_next());
      files.fail_at(files.calls() + call, FaultFiles::Fault::kIo, from_then_on);
      const bool adopted = keys->adopt_next().has_value();
      if (from_then_on) {
        files.fail_at(0, FaultFiles::Fault::kIo);  // the disk is well again
      }
      ASSERT_TRUE(keys->settle_instance());
      for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        EXPECT_EQ(Keystore::open(*files.power_cut(seed), "keys")->instance_kid(),
                  keys->instance_kid())
            << "call " << call;
      }
      if (adopted) {
        EXPECT_GT(call, 8u);
        break;
      }
    }
  }
}

// A key file that cannot be looked at was taken for missing, and another key put in its place.
// The thousandth rotation left a daemon with a key that its log did not take.
TEST(KeyFaults, AKeystoreHasNeverMoreKeysThanALogMayKnow) {
  SeededRandom random(1);
  FaultFiles files;
  Result<Keystore> keys = Keystore::create(files, "keys", random);
  ASSERT_TRUE(keys);
  std::size_t rotations = 0;
  Status next = keys->prepare_next();
  for (; next; next = keys->prepare_next()) {
    ASSERT_TRUE(keys->adopt_next());
    ASSERT_LT(++rotations, KeyValidity::kMost);
  }
  EXPECT_EQ(next.error().code, Code::kOverloaded);
  EXPECT_EQ(keys->former_keys().size() + 1, KeyValidity::kMost);
}

TEST(KeyFaults, AKeyThatCannotBeLookedAtIsNotReplaced) {
  for (std::uint64_t nth = 1; nth <= 8; ++nth) {
    SeededRandom random(nth);
    FaultFiles files;
    const std::string kid = Keystore::create(files, "keys", random)->instance_kid();
    files.fail_call(FaultFiles::Operation::kExists, nth, FaultFiles::Fault::kIo);
    (void)Keystore::create(files, "keys", random);
    EXPECT_EQ(Keystore::open(*files.kill(), "keys")->instance_kid(), kid) << nth;
  }
}

// A file that could not be looked at was taken for made; the instance key, which says that all is
// there, was made all the same, and no start found a whole keystore any more.
TEST(KeyFaults, AKeystoreIsMadeWholeAfterAFailedLook) {
  for (std::uint64_t nth = 1; nth <= 6; ++nth) {
    SeededRandom random(nth);
    FaultFiles files;
    files.fail_call(FaultFiles::Operation::kExists, nth, FaultFiles::Fault::kIo);
    (void)Keystore::create(files, "keys", random);
    EXPECT_TRUE(Keystore::create(files, "keys", random)) << nth;
  }
}

// Half a key stood in the way of every later `pawl init`.
TEST(KeyFaults, AnOperatorKeyIsWholeOrMissing) {
  for (std::uint64_t call = 1;; ++call) {
    FaultFiles files;
    files.cut_power_at(call);
    const bool made = create_operator_key(files, "operator.pem").has_value();
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const std::unique_ptr<FaultFiles> after = files.power_cut(seed);
      if (after->contents("operator.pem")) {
        EXPECT_TRUE(load_operator_key(*after, "operator.pem")) << "call " << call;
      } else {
        EXPECT_FALSE(made) << "call " << call;
        EXPECT_TRUE(create_operator_key(*after, "operator.pem")) << "call " << call;
      }
    }
    if (made) {
      break;
    }
  }
}

}  // namespace
}  // namespace pawl
