// pawl.yaml. Input: the file's text.
#include "app/config/config.h"

#include "fuzz/support/fuzz.h"
#include "tests/support/fault_files.h"

namespace pawl {
namespace {

constexpr std::string_view kSecret = "a-secret-that-is-shown-nowhere";

std::optional<std::string> environment(const std::string& name) {
  return name == "SECRET" ? std::optional(std::string(kSecret)) : std::nullopt;
}

void check_config(const Config& config) {
  const std::string shown = show_config(config);
  FUZZ_CHECK(json::parse(shown), "what is in force prints as JSON");
  for (const AgentConfig& agent : config.agents) {
    FUZZ_CHECK(!agent.id.empty(), "an agent has an id");
  }
  const LimitsConfig& limits = config.limits;
  FUZZ_CHECK(limits.max_body_bytes > 0 && limits.max_connections > 0 && limits.open_calls > 0 &&
                 limits.open_calls_per_agent > 0 && limits.call_timeout_s > 0,
             "no limit is none");
}

}  // namespace
}  // namespace pawl

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  const std::string text(fuzz::view(data, size));
  FaultFiles files;
  files.put("etc/pawl.yaml", text);
  files.put("etc/secret", std::string(kSecret) + "\n");
  const Result<Config> config = load_config(files, "etc/pawl.yaml", environment);
  if (!config) {
    FUZZ_CHECK(config.error().message.find("pawl.yaml") != std::string::npos,
               "an error names the file");
    // An error may quote the text, and the text may have the words of the secret by chance.
    FUZZ_CHECK(config.error().message.find(kSecret) == std::string::npos ||
                   text.find(kSecret) != std::string::npos,
               "and no secret");
  } else {
    check_config(*config);
    // A name may hold whatever ${SECRET} expands to only where the page says that it is expanded.
    const bool plain = text.find("SECRET") == std::string::npos;
    FUZZ_CHECK(!plain || show_config(*config).find(kSecret) == std::string::npos ||
                   text.find(kSecret) != std::string::npos,
               "a secret from a file is shown nowhere");
  }
  load_place(files, "etc/pawl.yaml");
  return 0;
}
