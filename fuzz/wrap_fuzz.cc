// The greeting of `pawl wrap`. Input: a line, as a shim or a daemon sends it.
#include "app/daemon/wrap_protocol.h"

#include "fuzz/support/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  const std::string line(fuzz::view(data, size));
  if (const Result<WrapHello> hello = parse_hello(line)) {
    FUZZ_CHECK(hello->pair.size() == 43 && !hello->name.empty(), "a hello is complete");
    const std::string printed = print_hello(*hello);
    const Result<WrapHello> again = parse_hello(printed);
    FUZZ_CHECK(again && again->pair == hello->pair && again->name == hello->name &&
                   again->agent == hello->agent && again->role == hello->role &&
                   again->command.has_value() == hello->command.has_value() &&
                   again->end.has_value() == hello->end.has_value(),
               "a hello reads back");
    FUZZ_CHECK(printed.find('\n') == std::string::npos, "a hello is one line");
  }
  parse_hello_answer(line);
  const std::string refused = print_hello_answer(fail(Code::kForbidden, line));
  FUZZ_CHECK(refused.find('\n') == std::string::npos, "an answer is one line");
  FUZZ_CHECK(!parse_hello_answer(refused), "a refusal is a refusal");
  FUZZ_CHECK(parse_hello_answer(print_hello_answer({})), "a welcome is a welcome");
  return 0;
}
