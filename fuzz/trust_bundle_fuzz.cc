// SPIFFE bundles. Input: two texts, the bundle in use and the one that is to follow it.
#include "fuzz/support/fuzz.h"
#include "infrastructure/identity/spiffe_bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::identity;
  const auto [first, second] = fuzz::parts<2>(fuzz::view(data, size));
  const Result<SpiffeBundle> before = read_bundle(first);
  const Result<SpiffeBundle> after = read_bundle(second);
  for (const auto* bundle : {&before, &after}) {
    FUZZ_CHECK(!*bundle || (*bundle)->sequence.value_or(0) >= 0, "a number is not negative");
  }
  if (before && after && check_follows(*after, *before)) {
    FUZZ_CHECK(!before->sequence || (after->sequence && *after->sequence >= *before->sequence),
               "no older bundle follows");
  }
  return 0;
}
