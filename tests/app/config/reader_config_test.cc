#include "app/config/reader_config.h"

#include <gtest/gtest.h>

#include "tests/support/fault_files.h"

namespace pawl {
namespace {

Result<Config> load(const std::string& text) {
  FaultFiles files;
  EXPECT_TRUE(files.make_directory("etc"));
  EXPECT_TRUE(write_file(files, "etc/pawl.yaml", text));
  EXPECT_TRUE(write_file(files, "etc/auditor.key", "a-key-from-a-file\n"));
  return load_config(files, "etc/pawl.yaml",
                     [](const std::string&) { return std::optional<std::string>(); });
}

TEST(ReaderConfig, NobodyReadsUnlessNamed) {
  const Result<Config> config = load("domain: example.org\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->readers.empty());
  EXPECT_TRUE(check_readers(*config));
}

TEST(ReaderConfig, AKeyIsReadAndNeverShown) {
  const Result<Config> config = load("readers:\n  auditor: { key: \"file:auditor.key\" }\n");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->readers.size(), 1u);
  EXPECT_EQ(config->readers[0].id, "auditor");
  EXPECT_EQ(config->readers[0].key, "a-key-from-a-file");
  EXPECT_TRUE(check_readers(*config));
  EXPECT_NE(show_config(*config).find("auditor"), std::string::npos);
  EXPECT_EQ(show_config(*config).find("a-key-from-a-file"), std::string::npos);
}

TEST(ReaderConfig, AMistakeNamesItsPlace) {
  const std::string key = "key: sixteen-characters";
  struct Row {
    std::string text, expected;
  };
  for (const Row& row : {
           Row{"readers:\n  auditor: {}\n", "readers.auditor.key: expected the reader's key"},
           Row{"readers:\n  \"no id\": { " + key + " }\n", "a reader's id is 1 to 128"},
           Row{"readers:\n  auditor: { " + key + ", groups: [a] }\n", "groups"},
           Row{"readers:\n  auditor: { key: short }\n", "readers.auditor.key: "},
           Row{"agents:\n  a: { " + key + " }\nreaders:\n  b: { " + key + " }\n",
               "readers.b.key: is the key of agent a, too"},
           Row{"readers:\n  a: { " + key + " }\n  b: { " + key + " }\n",
               "readers.b.key: is the key of reader a, too"},
       }) {
    const Result<Config> config = load(row.text);
    const Status good = config ? check_readers(*config) : fail(config.error());
    ASSERT_FALSE(good) << row.text;
    EXPECT_NE(good.error().message.find(row.expected), std::string::npos) << good.error().message;
    EXPECT_EQ(good.error().message.rfind("etc/pawl.yaml:", 0), 0u) << good.error().message;
  }
}

}  // namespace
}  // namespace pawl
