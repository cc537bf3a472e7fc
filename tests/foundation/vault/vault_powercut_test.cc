// The power is cut, and every call fails, at each call of a change of the vault.
#include <gtest/gtest.h>

#include "foundation/vault/vault.h"
#include "foundation/vault/vault_store.h"
#include "tests/support/fault_files.h"
#include "tests/support/seeded_random.h"

namespace pawl::vault {
namespace {

constexpr WallTime kNow{1'772'874'000'000'000};
constexpr std::uint64_t kSeeds = 12;
const std::string kName = "secret/a";
const std::string kRecord = "0195a000-0000-7000-8000-000000000001";

std::string said(FaultFiles& files) {
  const Result<std::string> got = Vault(files, "data").get(kName);
  return got ? *got : std::string(code_name(got.error().code)) + ": " + got.error().message;
}

std::size_t key_files(FaultFiles& files) {
  const Result<std::vector<std::string>> names = files.list("data/vault-keys");
  return names ? names->size() : 0;
}

std::unique_ptr<FaultFiles> with_value(const std::string& content) {
  auto files = std::make_unique<FaultFiles>();
  SeededRandom random(11);
  EXPECT_TRUE(Vault(*files, "data").put(kName, content, kNow, random));
  return files->power_cut(1);
}

// Runs `change` interrupted at every call until it ends undisturbed, and hands each surviving disk
// to `check` with whether the change was acknowledged.
void at_every_call(const std::function<std::unique_ptr<FaultFiles>()>& begin,
                   const std::function<bool(FaultFiles&)>& change,
                   const std::function<void(FaultFiles&, bool)>& check) {
  for (std::uint64_t call = 1;; ++call) {
    const std::unique_ptr<FaultFiles> files = begin();
    files->cut_power_at(files->calls() + call);
    const bool done = change(*files);
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      SCOPED_TRACE("call " + std::to_string(call) + ", seed " + std::to_string(seed));
      check(*files->power_cut(seed), done);
    }
    if (done) {
      EXPECT_GT(call, 10u);
      return;
    }
  }
}

TEST(VaultPowerCut, APutLeavesTheValueOfBeforeOrTheNewOne) {
  at_every_call([] { return with_value("before"); },
                [](FaultFiles& files) {
                  SeededRandom random(5);
                  return Vault(files, "data").put(kName, "after", kNow, random).has_value();
                },
                [](FaultFiles& files, bool done) {
                  const std::string found = said(files);
                  EXPECT_TRUE(found == "after" || (!done && found == "before")) << found;
                  EXPECT_TRUE(!done || key_files(files) == 1) << "the key of before is destroyed";
                  SeededRandom random(6);
                  ASSERT_TRUE(Vault(files, "data").put(kName, "again", kNow, random));
                  EXPECT_EQ(said(files), "again");
                  EXPECT_EQ(key_files(files), 1u);
                });
}

TEST(VaultPowerCut, TheFirstPutIsThereOnceItWasAcknowledged) {
  at_every_call([] { return std::make_unique<FaultFiles>(); },
                [](FaultFiles& files) {
                  SeededRandom random(5);
                  return Vault(files, "data").put(kName, "first", kNow, random).has_value();
                },
                [](FaultFiles& files, bool done) {
                  const std::string found = said(files);
                  EXPECT_TRUE(found == "first" || !done) << found;
                  EXPECT_FALSE(found.starts_with("bad_signature")) << found;
                  SeededRandom random(6);
                  ASSERT_TRUE(Vault(files, "data").put(kName, "again", kNow, random));
                  EXPECT_EQ(said(files), "again");
                });
}

TEST(VaultPowerCut, AnOrderedErasureIsNeverUsedAgainAndIsEnded) {
  at_every_call(
      [] { return with_value("before"); },
      [](FaultFiles& files) { return Vault(files, "data").order_erasure(kName, kNow).has_value(); },
      [](FaultFiles& files, bool done) {
        const std::string found = said(files);
        const bool ordered = found.find("is being erased") != std::string::npos;
        EXPECT_TRUE(ordered || (!done && found == "before")) << found;
        Vault vault(files, "data");
        EXPECT_EQ(vault.pending()->size(), ordered ? 1u : 0u);
        ASSERT_TRUE(vault.destroy(*vault.order_erasure(kName, kNow), kRecord));
        EXPECT_EQ(key_files(files), 0u);
      });
}

TEST(VaultPowerCut, AfterADestructionNoKeyIsLeftAndBeforeItTheOrderStands) {
  at_every_call(
      [] {
        std::unique_ptr<FaultFiles> files = with_value("before");
        EXPECT_TRUE(Vault(*files, "data").order_erasure(kName, kNow));
        return files;
      },
      [](FaultFiles& files) {
        Vault vault(files, "data");
        const Result<std::vector<Erasure>> pending = vault.pending();
        return pending && !pending->empty() && vault.destroy(*pending, kRecord).has_value();
      },
      [](FaultFiles& files, bool done) {
        const std::string found = said(files);
        EXPECT_TRUE(found.find("erased, ordered") != std::string::npos) << found;
        Vault vault(files, "data");
        const Result<std::vector<Erasure>> pending = vault.pending();
        ASSERT_TRUE(pending) << pending.error().message;
        EXPECT_EQ(pending->empty(),
                  key_files(files) == 0 && found.find("was erased") != std::string::npos)
            << found;
        EXPECT_TRUE(!done || pending->empty());
        ASSERT_TRUE(vault.destroy(*pending, kRecord));
        EXPECT_EQ(key_files(files), 0u);
        EXPECT_NE(said(files).find("was erased"), std::string::npos) << said(files);
      });
}

// Nothing waits for a sync: who is killed has kept it, and sync_kept() is for power cuts.
TEST(VaultPowerCut, AKeptBodySurvivesAKillAtOnceAndAPowerCutOnceItWasSynced) {
  const std::string name = "body/0195a000-0000-7000-8000-000000000001";
  const auto keep = [&](FaultFiles& files) {
    SeededRandom random(5);
    Vault vault(files, "data");
    const Result<KeyFile> key = vault.shared_key("body/2026-03", kNow, random);
    return key && vault.keep(*key, name, "whole", kNow, random);
  };
  const auto got = [&](FaultFiles& files) {
    return Vault(files, "data").get_kept(name, "body/2026-03", kNow).value_or("");
  };
  for (std::uint64_t call = 1;; ++call) {
    FaultFiles first;
    first.cut_power_at(call);
    const bool was_kept = keep(first);
    const std::unique_ptr<FaultFiles> killed = first.kill();
    ASSERT_EQ(got(*killed), was_kept ? "whole" : got(*killed)) << "killed at call " << call;
    ASSERT_TRUE(keep(*killed)) << "killed at call " << call;
    ASSERT_TRUE(Vault(*killed, "data").sync_kept({name}));
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      EXPECT_EQ(got(*killed->power_cut(seed)), "whole") << "call " << call << ", seed " << seed;
    }
    if (was_kept) {
      break;
    }
  }
}

// Every call fails once: the error is told, and nothing is silently lost or left open.
TEST(VaultFaults, AFailingCallIsToldAndLosesNothing) {
  using Fault = FaultFiles::Fault;
  for (const Fault fault : {Fault::kIo, Fault::kNoSpace, Fault::kShortWrite}) {
    for (std::uint64_t call = 1;; ++call) {
      SCOPED_TRACE("call " + std::to_string(call));
      const std::unique_ptr<FaultFiles> files = with_value("before");
      const std::uint64_t from = files->calls();
      files->fail_at(from + call, fault);
      SeededRandom random(5);
      const Status stored = Vault(*files, "data").put(kName, "after", kNow, random);
      const std::uint64_t made = files->calls() - from;
      const std::string found = said(*files);
      EXPECT_TRUE(found == "after" || (!stored && found == "before")) << found;
      if (stored && made < call) {
        break;
      }
    }
  }
}

}  // namespace
}  // namespace pawl::vault
