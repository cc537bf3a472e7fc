// The fold over records: state from a snapshot, then any token on top.
// Input: a state's JSON text, then a record's payload.
#include "gateway/decisions.h"

#include "foundation/jose/jws.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  const auto [state, payload] = fuzz::parts<2>(fuzz::view(data, size));
  Decisions decisions;
  if (const Result<Decisions> read = Decisions::read(state)) {
    const Result<Decisions> again = Decisions::read(read->print());
    FUZZ_CHECK(again && again->print() == read->print(), "a state reads back");
    FUZZ_CHECK(again->stops.all().size() == read->stops.all().size(), "no stop is lost");
    decisions = *read;
  }
  const std::string before = decisions.print();
  decisions.apply(0, state);
  FUZZ_CHECK(decisions.print() == before, "what is no record changes nothing");
  const Result<std::string> token = jose::sign(fuzz::token_key(), "exec+jwt", "k", payload);
  if (!token) {
    return 0;
  }
  decisions.apply(1, *token);
  const std::string once = decisions.print();
  const Result<Decisions> resumed = Decisions::read(once);
  if (!resumed) {
    FUZZ_CHECK(decisions.last_iat <= 0, "the state after a record with a time reads back");
    return 0;
  }
  FUZZ_CHECK(resumed->print() == once, "a state that reads back is the same");
  Decisions again = *resumed;
  again.apply(2, *token);
  FUZZ_CHECK(again.stops.all().size() == decisions.stops.all().size(),
             "a stop is in force once, and lifted once");
  return 0;
}
