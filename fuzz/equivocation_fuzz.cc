// Evidence that a log signed two histories. Input: a file's text; then an edit of three bytes
// (support/keys.h) and two sizes.
#include "foundation/ledger/equivocation.h"

#include "foundation/ledger/checkpoint.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"
#include "tests/foundation/ledger/served_log.h"

namespace pawl::ledger {
namespace {

constexpr std::uint64_t kSize = 40, kFork = 13;

struct World {
  ServedLog log{fuzz::log_key()}, fork{fuzz::log_key()};
  VerifierKey key = log.key();

  World() {
    log.grow(kSize);
    fork.grow(kFork);
    fork.grow(kSize - kFork, "other");
  }
};

void check_text(World& world, std::string_view text) {
  FUZZ_CHECK(looks_like_equivocation(text) || !parse_equivocation(text),
             "it looks like what it is");
  const Result<Equivocation> evidence = parse_equivocation(text);
  if (!evidence) {
    FUZZ_CHECK(!evidence.error().message.empty(), "a refusal says why");
    return;
  }
  const std::string printed = print_equivocation(*evidence);
  const Result<Equivocation> again = parse_equivocation(printed);
  FUZZ_CHECK(again && again->older == evidence->older && again->newer == evidence->newer &&
                 again->proof == evidence->proof && print_equivocation(*again) == printed,
             "evidence reads back");
  FUZZ_CHECK(!check_equivocation(*evidence, world.key), "nobody signed it");
  // Whatever the proof: one history does not contradict itself.
  for (const std::uint64_t older : {1, 7, 8, 39, 40}) {
    FUZZ_CHECK(!contradiction(world.log.checkpoint(older), world.log.checkpoint(kSize),
                              evidence->proof, world.key),
               "an honest log is not accused");
  }
}

void check_fork(World& world, std::uint64_t older, std::uint64_t newer, std::string_view edit) {
  const Proof proof = older < newer ? *prove_prefix(world.fork, older, newer) : Proof{};
  const auto evidence =
      contradiction(world.log.checkpoint(older), world.fork.checkpoint(newer), proof, world.key);
  FUZZ_CHECK(evidence.has_value() == (older > kFork), "a fork is proven where it is one");
  if (!evidence) {
    return;
  }
  const Contradiction truth = *check_equivocation(*evidence, world.key);
  FUZZ_CHECK(truth.root == world.log.root(older) && truth.other == world.fork.root(older),
             "both roots are named");
  const Result<Equivocation> other =
      parse_equivocation(fuzz::altered(print_equivocation(*evidence), edit));
  const Result<Contradiction> found =
      other ? check_equivocation(*other, world.key) : fail(other.error());
  FUZZ_CHECK(!found || (found->older_size == truth.older_size && found->root == truth.root &&
                        found->other == truth.other),
             "altered evidence proves nothing else");
}

}  // namespace
}  // namespace pawl::ledger

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::ledger;
  static World world;
  const auto [text, edit] = fuzz::parts<2>(fuzz::view(data, size));
  check_text(world, text);
  if (edit.size() >= 5) {
    const std::uint64_t older = 1 + static_cast<unsigned char>(edit[3]) % kSize;
    const std::uint64_t newer = older + static_cast<unsigned char>(edit[4]) % (kSize - older + 1);
    check_fork(world, older, newer, edit);
  }
  return 0;
}
