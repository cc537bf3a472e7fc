// What a log sends a witness. Input: a body, a checkpoint's text that the log then signs, the old
// size and the lines of a proof, then an edit of three bytes (support/keys.h) of a true body.
#include "foundation/witness/add_checkpoint.h"

#include "foundation/witness/witness.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"
#include "tests/foundation/witness/signed_log.h"

namespace pawl::witness {
namespace {

constexpr std::int64_t kNow = 1'772'000'000;
constexpr std::uint64_t kHeld = 6, kSize = 20;
const std::string kOrigin = "example.org/log";

struct World {
  SignedLog log{kOrigin, fuzz::log_key()};
  ledger::Cosigner self = *ledger::Cosigner::make("example.org/witness", fuzz::log_key());
  Held held;
  std::string body;  // true, from kHeld to kSize

  World() {
    log.grow(kSize);
    held = *ask({}, log.add_checkpoint(0, kHeld)).next;
    body = log.add_checkpoint(kHeld, kSize);
  }
  Decision ask(const Held& before, std::string_view text) const {
    const Result<Submission> asked = read_submission(text);
    if (!asked) {
      FUZZ_CHECK(!asked.error().message.empty(), "a refusal says why");
      return {};
    }
    const bool is_known = asked->head.origin == kOrigin;
    Decision decision =
        decide(before, *asked,
               is_known ? std::vector{log.key()} : std::vector<ledger::VerifierKey>{}, self, kNow);
    FUZZ_CHECK(decision.next.has_value() == (decision.status == 200), "200 has a next state");
    FUZZ_CHECK(!decision.next || decision.next->size >= before.size, "no head is smaller");
    FUZZ_CHECK(
        !decision.next || decision.next->size > before.size || decision.next->root == before.root,
        "one size has one root");
    return decision;
  }
};

}  // namespace
}  // namespace pawl::witness

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::witness;
  static World world;
  const auto [body, text, question, edit] = fuzz::parts<4>(fuzz::view(data, size));
  if (const Result<AddCheckpoint> asked = parse_add_checkpoint(body)) {
    FUZZ_CHECK(print_add_checkpoint(*asked) == body, "one spelling");
  }
  // The log signed the heads of one history only, and nobody else signs for it.
  const Decision taken = world.ask(world.held, body);
  FUZZ_CHECK(!taken.next || (taken.next->size <= kSize &&
                             taken.next->root == world.log.root(taken.next->size)),
             "nobody else signs");
  // Here it signs what it is told: a head of the held size, or a smaller one, stays as it was.
  const auto note =
      ledger::NoteSigner::make(kOrigin, fuzz::log_key())->sign(std::string(text) + "\n");
  if (note) {
    world.ask(world.held, std::string(question) + "\n\n" + *note);
    world.ask({}, std::string(question) + "\n\n" + *note);
  }
  const std::string other = fuzz::altered(world.body, edit);
  FUZZ_CHECK(world.ask(world.held, other).next.has_value() == (other == world.body),
             "the true body is cosigned, and no altered one");
  return 0;
}
