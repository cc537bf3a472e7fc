// The published examples of RFC 8785 (tests/vectors/rfc8785).
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/json.h"
#include "tests/support/source_dir.h"

namespace pawl {
namespace {

TEST(JsonCanonical, PublishedExamples) {
  const std::string folder = source_dir() + "/tests/vectors/rfc8785/";
  for (const char* name : {"arrays", "french", "structures", "unicode", "values", "weird"}) {
    const Result<std::string> input =
        read_file(system_files(), folder + "input/" + name + std::string(".json"));
    const Result<std::string> output =
        read_file(system_files(), folder + "output/" + name + std::string(".json"));
    ASSERT_TRUE(input && output) << name;
    const Result<json::Parsed> parsed = json::parse(*input);
    ASSERT_TRUE(parsed) << name << ": " << parsed.error().message;
    EXPECT_EQ(json::canonical(parsed->value), *output) << name;
  }
}

}  // namespace
}  // namespace pawl
